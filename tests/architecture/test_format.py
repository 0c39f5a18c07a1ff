"""Every C file is as clang-format writes it, by .clang-format."""

import pathlib
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
class Format(unittest.TestCase):
    def test_every_file_is_formatted(self):
        files = [path for folder in ("include", "src", "tests") for path in sorted((ROOT / folder).rglob("*.[ch]"))]
        self.assertGreater(len(files), 200)
        done = subprocess.run(["clang-format", "--dry-run", "--Werror", *map(str, files)], cwd=ROOT, capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stderr[:4000]), (0, ""), "clang-format -i FILE mends it")

    def test_no_line_is_longer_than_120_characters(self):
        for folder in ("include", "src", "tests"):
            for path in sorted((ROOT / folder).rglob("*.[ch]")):
                for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                    self.assertLessEqual(len(line), 120, f"{path}:{number}")


if __name__ == "__main__":
    unittest.main()
