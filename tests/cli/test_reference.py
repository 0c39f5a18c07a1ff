"""spiral_reference, which makes the man pages, the completions and docs/options.md as the program is built: what it makes, and that
it fails rather than make less."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "src" / "cli" / "reference" / "spiral.1.in"
COMMANDS = ("generate", "train", "sweep", "predict", "plot", "report", "check", "gradcheck", "explain")


class Reference(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def make(self, *arguments):
        done = subprocess.run([os.environ["REFERENCE"], *map(str, arguments)], capture_output=True, cwd=self.folder, text=True)
        return done.returncode, done.stderr

    def test_every_page_is_made(self):
        self.assertEqual(self.make(self.folder, TEMPLATE), (0, ""))
        pages = {f"spiral-{command}.1" for command in COMMANDS} | {"spiral.1"}
        self.assertEqual({path.name for path in self.folder.iterdir()}, pages | {"spiral.bash", "_spiral", "spiral.fish", "options.md"})
        self.assertEqual((self.folder / "options.md").read_bytes(), (ROOT / "docs" / "options.md").read_bytes())
        for page in pages:
            self.assertRegex((self.folder / page).read_text(encoding="utf-8"), r'(?m)^\.Dt SPIRAL', page)
        self.assertEqual(subprocess.run(["bash", "-n", self.folder / "spiral.bash"]).returncode, 0)

    def test_arguments(self):
        for arguments in ((), (self.folder,), (self.folder, TEMPLATE, "more")):
            self.assertEqual(self.make(*arguments), (2, "usage: spiral_reference FOLDER TEMPLATE\n"))

    def test_a_template_or_a_folder_that_is_not_there(self):
        self.assertEqual(self.make(self.folder, "none"), (1, "spiral_reference: none: No such file or directory\n"))
        self.assertEqual(self.make("none", TEMPLATE), (1, "spiral_reference: none/spiral.1: No such file or directory\n"))

    def test_a_full_disk(self):
        for page in ("spiral.1", "spiral-train.1", "spiral.fish", "options.md"):
            with self.subTest(page):
                (self.folder / page).unlink(missing_ok=True)
                (self.folder / page).symlink_to("/dev/full")
                self.assertEqual(self.make(self.folder, TEMPLATE), (1, "spiral_reference: a file could not be written\n"))
                (self.folder / page).unlink()


if __name__ == "__main__":
    unittest.main()
