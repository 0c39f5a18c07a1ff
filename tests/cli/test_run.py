"""tests/cli/run itself: a case fails by every statement of check, and by every one of command but the last."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

FAILING = (
    "false", "! true", "! true; true", "! true | true", "false | true", "! { true; }", "true | while true; do ! true; break; done", "true && { ! true; true; }", "[ a = b ] && true", "true && ! true",
    "test ! -e word", "! grep word word", "! cmp word word", "cat missing | wc -l", "! grep word missing", "! cmp word missing",
    "! no-such-command", "(exit 3)", "exit 3", "say() { false; }; say",
    "for i in 1 2; do ! test $i = 1; done", "for i in 1 2; do [ $i = 1 ] || ! true; done", "(! true; true)",
    "{ ! true; true; }", "say() { ! true; true; }", "for i in 1 2; do [ $i = 2 ] && true; done", "if true; then ! true; true; fi",
    "'",
)
PASSING = (
    "true", "! false", "! grep other word", "! cmp word other", "[ a = a ] && true", "false || true", "! test -e missing",
    "if ! grep other word; then true; fi", "for i in 1 2; do test $i != 3; done", "word=1; [ $word = 1 ]", "! exit 2 | true",
    "awk 'BEGIN {\n    if (1 &&\n        ! 0)\n        exit 0\n}'", "true \\\n    && true # two lines", "cat <<X | grep 'a && b'\na && b\nX",
    "say() { grep word word; }\nsay",
)


class Run(SpiralTest):
    def run_case(self, check=None, command="spiral word", expected=0):
        """Runs a case whose program writes the files word and other, and exits with the number it is given."""
        lines = ["== case", *(f"$ {line}" for line in command.splitlines()), f"exit {expected}"]
        lines += [f"? {line}" for line in (check or "").splitlines()]
        (self.folder / "case.test").write_text("\n".join(lines) + "\n")
        program = self.folder / "program"
        program.write_text('#!/bin/sh\necho word > word; echo other > other; exit "${2-0}"\n')
        program.chmod(0o755)
        return subprocess.run([str(ROOT / "tests" / "cli" / "run"), str(self.folder / "case.test")], capture_output=True, text=True,
                              env=dict(os.environ, SPIRAL=str(program)), check=False, stdin=subprocess.DEVNULL, timeout=60)

    def test_every_statement_of_check_can_fail_the_case(self):
        for text in FAILING:
            for check in (text, f"\ntrue\n{text} # why\n\ntrue"):
                with self.subTest(check=check):
                    self.assertEqual(self.run_case(check).returncode, 1)

    def test_what_holds_passes(self):
        for text in PASSING:
            for check in (text, f"true\n{text}\ntrue"):
                with self.subTest(check=check):
                    done = self.run_case(check)
                    self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_check_of_nothing_fails(self):
        self.assertEqual(self.run_case("# nothing").returncode, 1)

    def test_the_statement_that_failed_is_shown(self):
        self.assertIn("! grep word word", self.run_case("true\n! grep word word\ntrue").stdout)

    def test_a_command_may_fail_by_its_last_statement_alone(self):
        for command, code, passes in (('spiral a 1', 1, True), ('spiral a\nspiral b 1', 1, True),
                                      ('spiral a 1\nspiral b', 0, False), ('spiral a 1\nspiral b 1', 1, False),
                                      ('! spiral a\nspiral b', 0, False), ('spiral a 1 | cat\nspiral b', 0, False),
                                      ('spiral a 1 || [ $? -eq 1 ]\nspiral b', 0, True), ("exit 1", 1, True),
                                      ('spiral a 1 | cat', 1, True), ('spiral a', 1, False)):
            with self.subTest(command=command):
                done = self.run_case(command=command, expected=code)
                self.assertEqual(done.returncode, 0 if passes else 1, done.stdout)

    def test_a_refusal_that_changes_the_folder_fails(self):
        self.assertEqual(self.run_case(command='spiral a 3', expected=3).returncode, 1)
        self.assertEqual(self.run_case(command='spiral a\nspiral b 3', expected=3).returncode, 0)


if __name__ == "__main__":
    unittest.main()
