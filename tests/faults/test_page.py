"""Every test that tests/FAULTS.md names is there: the last column of a row says `FILE: NAME`, or `cases/NAME`. And every case that
ends with an error has a row, with its exit code and its message."""

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

    def test_every_case_that_fails_has_its_row(self):
        named = {}
        for row in rows():
            for name in re.findall(r"`cases/([^`]+)`", row[-1]):
                named.setdefault(name, []).append(row)
        failing = [case for case in (TESTS / "cli" / "cases").iterdir() if (case / "exit").read_text("utf-8").strip() != "0"]
        self.assertGreater(len(failing), 200)
        for case in failing:
            with self.subTest(case.name):
                self.assertIn(case.name, named)
                for row in named[case.name]:
                    self.assertEqual(row[2], (case / "exit").read_text("utf-8").strip())
                    self.check_message(case, row[3])

    def check_message(self, case, message):
        """The page has the case's own text, without what every message begins with, or what that matches."""
        path = case / "stderr" if (case / "stderr").is_file() else case / "stderr.match"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        errors = [line.partition("spiral: error: ")[2] for line in lines if "spiral: error: " in line]
        self.assertTrue(message in (errors or [""]) or any(re.fullmatch(error, message) for error in errors), errors)

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
