"""scripts/contact-sheet draws a figure of every kind, and puts them on one sheet."""

import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

SCRIPT = ROOT / "scripts" / "contact-sheet"
LOADER = importlib.machinery.SourceFileLoader("contact_sheet", str(SCRIPT))
contact_sheet = importlib.util.module_from_spec(importlib.util.spec_from_loader("contact_sheet", LOADER))
LOADER.exec_module(contact_sheet)


class ContactSheet(SpiralTest):
    def call(self, *arguments, code=0):
        done = subprocess.run([sys.executable, "-B", SCRIPT, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr

    def test_every_figure_is_on_the_sheet(self):
        self.call("-o", "sheet.png", "--keep", "figures")
        figures = contact_sheet.FIGURES.strip().splitlines()
        kept = sorted((self.folder / "figures").iterdir())
        self.assertEqual(len(kept), len(figures))
        pixels = contact_sheet.read_png(self.folder / "sheet.png")
        rows = -(-len(figures) // 4)
        self.assertEqual(pixels.shape, (rows * 412 + 12, 4 * 462 + 12, 3))
        shown = contact_sheet.read_png(ROOT / "data" / "figures" / "contact-sheet.png")
        self.assertEqual(shown.shape, pixels.shape)
        for i, path in enumerate(kept):
            top, left = 12 + i // 4 * 412, 12 + i % 4 * 462
            picture = pixels[top:top + 400, left:left + 450].astype(float)
            self.assertGreater(picture.std(), 10, path.name)  # no blank place
            whole = contact_sheet.read_png(path)
            self.assertAlmostEqual(contact_sheet.linear_light(whole).mean(), contact_sheet.linear_light(picture).mean(), delta=0.06,
                                   msg=path.name)

    def test_it_explains_itself_and_needs_numpy_to_draw_alone(self):
        def call(*arguments):  # -S: without what is installed beside Python
            return subprocess.run([sys.executable, "-B", "-S", SCRIPT, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertIn("usage: scripts/contact-sheet ", call("--help").stdout)
        done = call("-o", "sheet.png")
        self.assertEqual((done.returncode, done.stderr[:48]), (1, "scripts/contact-sheet: NumPy is not installed; D"))

    def test_a_wrong_call(self):
        for arguments, message in ((["--vision", "red"], "--vision: found 'red', expected normal, grey, protan or deutan"),
                                   (["--size", "3"], "'--size': expected -o FILE, --vision KIND or --keep DIR"),
                                   (["-o"], "'-o': expected -o FILE, --vision KIND or --keep DIR")):
            self.assertEqual(self.call(*arguments, code=2), f"scripts/contact-sheet: {message}\n")

    def test_a_sheet_in_grey_is_grey_and_white_stays_white(self):
        light = np.random.default_rng(0).random((4, 5, 3))
        grey = contact_sheet.seen(light, "grey")
        self.assertTrue(np.all(grey == grey[..., :1]))
        for vision in ("normal", "grey", "protan", "deutan"):
            self.assertTrue(np.allclose(contact_sheet.seen(np.ones((1, 1, 3)), vision), 1.0, atol=1e-3), vision)
        red, green = np.array([[[1.0, 0, 0]]]), np.array([[[0, 0.2126 / 0.7152, 0]]])  # as light as each other
        before = np.abs(red - green).sum()
        for vision in ("protan", "deutan"):
            after = np.abs(contact_sheet.seen(red, vision) - contact_sheet.seen(green, vision)).sum()
            self.assertLess(after, 0.65 * before, vision)

    def test_a_smaller_picture_has_the_same_light(self):
        light = np.random.default_rng(1).random((333, 517, 3))
        small = contact_sheet.shrunk(light)
        self.assertEqual(small.shape, (290, 450, 3))
        self.assertAlmostEqual(small.mean(), light.mean(), delta=1e-3)

    def test_every_filter_of_a_png_is_read(self):
        pixels = np.random.default_rng(2).integers(0, 256, (7, 6, 3), dtype=np.uint8)
        path = self.folder / "x.png"
        contact_sheet.write_png(path, pixels)
        self.assertTrue(np.array_equal(contact_sheet.read_png(path), pixels))
        above = np.zeros(3 + 18, np.uint8)
        for kind in range(5):  # filtered here by the specification's formulas
            line, flat = np.zeros(18, np.uint8), pixels.reshape(7, 18)[0]
            for i in range(18):
                left = int(flat[i - 3]) if i >= 3 else 0
                up, corner = int(above[3 + i]), int(above[i]) if i >= 3 else 0
                nearest = sorted((left, up, corner), key=lambda value: abs(left + up - corner - value))[0]
                guess = (0, left, up, (left + up) // 2, nearest)[kind]
                line[i] = (int(flat[i]) - guess) & 255
            out = np.zeros(3 + 18, np.uint8)
            contact_sheet.unfilter(kind, line, above, out)
            self.assertTrue(np.array_equal(out[3:], flat), kind)
            above = out

    def test_the_page_shows_it(self):
        page = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
        self.assertIn("](../data/figures/contact-sheet.png)", page)
        options = set(re.findall(r"--([a-z-]+)", contact_sheet.FIGURES))
        for option in ("shade", "errors", "axes", "hidden-units", "weights", "confusion", "layers"):
            self.assertIn(option, options)


if __name__ == "__main__":
    unittest.main()
