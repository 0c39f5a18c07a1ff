"""Outputs follow no symbolic link out of the output folder, whoever laid it there: what it leads to stays as it was."""

import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))
from support import SPIRAL, SpiralTest  # noqa: E402

TRAIN = ["train", "--model", "linear", "--iterations", "20", "--points-per-class", "20", "--quiet"]
SWEEP = ["sweep", "--model", "linear", "--iterations", "20", "--points-per-class", "20", "--quiet", "--learning-rate", "0.1,0.3",
         "--jobs", "1"]
PRECIOUS = b"not to be touched\n"


class Links(SpiralTest):
    def setUp(self):
        super().setUp()
        self.elsewhere = self.folder / "elsewhere"
        self.elsewhere.mkdir()
        (self.elsewhere / "precious").write_bytes(PRECIOUS)
        self.out = self.folder / "out"

    def lay(self, name, target):
        """A link out of the output folder."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
        return path

    def check_elsewhere(self, *names):
        self.assertEqual(sorted(os.listdir(self.elsewhere)), sorted(["precious", *names]))
        self.assertEqual((self.elsewhere / "precious").read_bytes(), PRECIOUS)

    def test_a_file_that_is_a_link_is_replaced_not_followed(self):
        names = ("model.npz", "summary.json", "boundary.png", "loss.png")
        for name in names:
            self.lay(name, "../elsewhere/precious")
        dangling = self.lay("checkpoint.npz", "../elsewhere/new")
        self.spiral(*TRAIN, "--checkpoint-every", "10", "--out", "out")
        for name in names:
            self.assertFalse((self.out / name).is_symlink(), name)
            self.assertGreater((self.out / name).stat().st_size, len(PRECIOUS), name)
        self.assertFalse(dangling.is_symlink())
        self.check_elsewhere()

    def test_a_log_that_is_a_link_is_refused(self):
        for target in ("../elsewhere/precious", "../elsewhere/new"):
            with self.subTest(target):
                path = self.lay("loss.csv", target)
                self.spiral(*TRAIN, "--out", "out", code=4)
                self.assertRegex(self.messages, r"\Aspiral: error: out/loss\.csv: could not be written: Too many levels of symbolic links\n\Z")
                self.assertEqual(os.listdir(self.out), ["loss.csv"])
                self.check_elsewhere()
                path.unlink()

    def test_a_pipe_behind_a_link_is_refused(self):
        """A pipe at the path itself is written into, so is what the system links to."""
        os.mkfifo(self.folder / "pipe")
        self.lay("model.npz", "../pipe")
        self.spiral(*TRAIN, "--out", "out", code=4)
        self.assertIn("spiral: error: out/model.npz: could not be written: Too many levels of symbolic links", self.messages)
        expected = self.spiral("explain", "-o", "-")
        self.assertEqual(self.spiral("explain", "-o", "/dev/stdout"), expected)
        self.assertEqual(self.spiral("explain", "-o", "/proc/self/fd/1"), expected)
        with subprocess.Popen([SPIRAL, "explain", "-o", "pipe"], cwd=self.folder) as process:
            self.assertEqual((self.folder / "pipe").read_text(encoding="utf-8"), expected)
        self.assertEqual(process.returncode, 0)

    def test_a_folder_within_the_output_folder_that_is_a_link_is_refused(self):
        for name, command in (("frames", [*TRAIN, "--frames-every", "10"]), ("runs", SWEEP), ("runs/0001", SWEEP)):
            with self.subTest(name):
                self.lay(name, self.elsewhere)
                self.spiral(*command, "--out", "out", code=4)
                self.assertIn(f"spiral: error: out/{name}: is a symbolic link, expected a folder\n", self.messages)
                self.check_elsewhere()
                shutil.rmtree(self.out)

    def test_a_sweep_removes_nothing_behind_a_link(self):
        """A run that is not kept loses its files, but not through a link in the place of its folder or of all runs."""
        self.spiral(*SWEEP, "--keep", "best:1", "--out", "out")
        (kept,) = os.listdir(self.out / "runs")
        shutil.copy(self.out / "runs" / kept / "model.npz", self.elsewhere)
        self.lay("runs/0001" if kept == "0000" else "runs/0000", self.elsewhere)
        self.spiral(*SWEEP, "--keep", "best:1", "--out", "out", "--resume")
        self.check_elsewhere("model.npz")

        shutil.rmtree(self.out)
        self.spiral(*SWEEP, "--keep", "none", "--out", "out")
        (self.elsewhere / "0000").mkdir()
        (self.elsewhere / "model.npz").rename(self.elsewhere / "0000" / "model.npz")
        self.lay("runs", self.elsewhere)
        self.spiral(*SWEEP, "--keep", "none", "--out", "out", "--resume")
        self.check_elsewhere("0000")
        self.assertEqual(os.listdir(self.elsewhere / "0000"), ["model.npz"])

    def test_the_output_folder_itself_may_be_a_link(self):
        """It is the caller who named it."""
        (self.folder / "linked").symlink_to("elsewhere")
        self.spiral(*TRAIN, "--no-figures", "--out", "linked")
        self.check_elsewhere("loss.csv", "model.npz", "summary.json")


if __name__ == "__main__":
    unittest.main()
