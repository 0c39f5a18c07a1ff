"""Every test that tests/FAULTS.md names is there: the last column of a row says `FILE: NAME`, or `cases/NAME`."""

import pathlib
import re
import unittest

from page import rows

TESTS = pathlib.Path(__file__).resolve().parents[1]


class Page(unittest.TestCase):
    def test_every_test_named_exists(self):
        self.assertGreater(len(rows()), 100)
        for cells in rows():
            with self.subTest(cells):
                self.assertEqual(len(cells), 6)
                names = re.findall(r"`([^`]+)`", cells[-1])
                self.assertTrue(names)
                for name in names:
                    self.check(name)

    def check(self, name):
        if name.startswith("cases/"):
            self.assertTrue((TESTS / "cli" / name / "command").is_file(), name)
            return
        file, found, test = name.partition(": ")
        self.assertTrue(found, name)
        text = (TESTS / file).read_text(encoding="utf-8")
        if file.endswith(".py"):
            self.assertTrue(f'"{test}": ' in text or f"def {test}(" in text, name)
        else:
            self.assertRegex(text, rf"(?<![\w]){re.escape(test)}(?![\w])")


if __name__ == "__main__":
    unittest.main()
