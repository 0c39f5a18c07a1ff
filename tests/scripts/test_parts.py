"""What scripts/test stands on: builds, parts that all run, and the list of what was skipped."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

# As ctest writes Testing/Temporary/LastTest.log.
LOG = """Start testing: Jan 01 00:00 UTC
----------------------------------------------------------
1/6 Testing: unit_rng
1/6 Test: unit_rng
Command: "test_rng"
Output:
----------------------------------------------------------
[==========] rng: Running 3 test(s).
[ RUN      ] it_is_numpy_s
[       OK ] it_is_numpy_s
[ RUN      ] on_a_terminal
skipped: no pseudo-terminal (/dev/pts): No such file or directory
[  SKIPPED ] on_a_terminal
[ RUN      ] without_a_word
[  SKIPPED ] without_a_word
[==========] rng: 3 test(s) run.
[  PASSED  ] 1 test(s).
[  SKIPPED ] rng: 2 test(s), listed below:
[  SKIPPED ] on_a_terminal
[  SKIPPED ] without_a_word

 2 SKIPPED TEST(S)
<end of output>
Test time =   0.01 sec
----------------------------------------------------------
Test Passed.

2/6 Testing: reference_shapes
2/6 Test: reference_shapes
Output:
----------------------------------------------------------
test_moons (__main__.Shapes.test_moons)
As scikit-learn draws them. ... skipped 'scikit-learn is not installed'
test_spiral (__main__.Shapes.test_spiral) ... ok
test_xor (__main__.Shapes.test_xor)
The corners. ... ok

----------------------------------------------------------------------
Ran 3 tests in 1.000s

OK (skipped=1)
<end of output>
Test Passed.

3/6 Testing: cli_explain_latex
3/6 Test: cli_explain_latex
Output:
----------------------------------------------------------
skipped: pdflatex was not found (texlive-latex-base)
<end of output>
Test Passed.

4/6 Testing: clusters_slurm
4/6 Test: clusters_slurm
Output:
----------------------------------------------------------
skipped: slurmctld is not installed
munged: started
<end of output>
Test Passed.

5/6 Testing: cli_on_terminal
5/6 Test: cli_on_terminal
Output:
----------------------------------------------------------
setUpClass (__main__.OnTerminal) ... skipped 'no pseudo-terminal (/dev/pts): out of pty devices'

----------------------------------------------------------------------
Ran 0 tests in 0.000s

OK (skipped=1)
<end of output>
Test Passed.

6/6 Testing: reference_large
6/6 Test: reference_large
Output:
----------------------------------------------------------
test_memory (__main__.Large.test_memory) ... FAIL
test_sweeps (__main__.Large.test_sweeps) ... memory of a sweep: 1000 rows, 0.00 %
ok
<end of output>
Test Failed.

End testing: Jan 01 00:00 UTC
"""


class Skipped(SpiralTest):
    def test_what_ran_and_what_was_skipped_is_read_from_ctest_s_log(self):
        (self.folder / "log").write_text(LOG)
        done = subprocess.run(["awk", "-f", ROOT / "scripts/lib/skipped.awk", "log"], cwd=self.folder, check=True,
                              capture_output=True, text=True)
        self.assertEqual(done.stdout.splitlines(), [
            "ran unit_rng: it_is_numpy_s",
            "skipped unit_rng: on_a_terminal (no pseudo-terminal (/dev/pts): No such file or directory)",
            "skipped unit_rng: without_a_word (it did not say why)",
            "skipped reference_shapes: test_moons (scikit-learn is not installed)",
            "ran reference_shapes: test_spiral",
            "ran reference_shapes: test_xor",
            "skipped cli_explain_latex (pdflatex was not found (texlive-latex-base))",
            "skipped clusters_slurm (slurmctld is not installed)",
            "skipped cli_on_terminal (no pseudo-terminal (/dev/pts): out of pty devices)",
            "ran reference_large: test_memory",
            "ran reference_large: test_sweeps",
        ])
        self.assertEqual(done.stderr, "")


class Build(SpiralTest):
    """With a stand-in for cmake that keeps its arguments, and prints as make and the compilers do."""

    def build(self, output="", fails=0, **environment):
        stand_in = self.folder / "bin" / "cmake"
        stand_in.parent.mkdir()
        stand_in.write_text(f"#!/bin/sh\necho \"$*\" >>calls\ncat output\nexit {fails}\n")
        stand_in.chmod(0o755)
        (self.folder / "output").write_text(output)
        script = f'set -euo pipefail; . "{ROOT}/scripts/lib/build.sh"; root=$PWD targets=(one); spiral_build b gcc -DX=ON; echo on'
        without_ci = {name: value for name, value in os.environ.items() if name != "CI"}
        done = subprocess.run(["bash", "-c", script, "scripts/test"], cwd=self.folder, check=False, capture_output=True, text=True,
                              env={**without_ci, "PATH": f"{stand_in.parent}:{os.environ['PATH']}", **environment})
        self.configured, *_ = (self.folder / "calls").read_text().splitlines()
        return done.returncode, done.stdout, done.stderr.splitlines()

    def test_a_warning_is_shown_and_nothing_else(self):
        warning = ["a.c: In function 'f':", "a.c:3:5: warning: unused variable 'x' [-Wunused-variable]", "    3 | int x;"]
        lines = ["-- Configuring done", "[ 50%] Building C object a.c.o", *warning, "[100%] Linking C executable a"]
        self.assertEqual(self.build("\n".join(lines) + "\n"), (0, "on\n", 2 * warning))  # of both calls of the stand-in
        self.assertIn(" -DSPIRAL_WERROR=OFF ", self.configured)
        self.assertTrue(self.configured.endswith(" -DX=ON"), self.configured)

    def test_warnings_are_errors_with_ci_alone(self):
        self.assertEqual(self.build(CI="true"), (0, "on\n", []))
        self.assertIn(" -DSPIRAL_WERROR=ON ", self.configured)

    def test_a_build_that_fails_ends_with_what_was_printed(self):
        code, printed, messages = self.build("[ 50%] Building C object a.c.o\na.c:3:5: error: no\n", fails=2)
        self.assertEqual((code, printed), (1, ""))
        self.assertEqual(messages, ["a.c:3:5: error: no", f"scripts/test: the build in {self.folder}/b failed"])


class Parts(SpiralTest):
    def run_parts(self, script):
        script = f'set -euo pipefail; . "{ROOT}/scripts/lib/parts.sh"; parts_start parts; {script}'
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, check=False, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def test_a_part_that_fails_stops_at_its_error_and_the_next_one_runs(self):
        code, lines = self.run_parts("bad() { echo before; false; echo after; }; good() { echo fine; }; "
                                     "part a 'the first' bad; part b 'the second' good; parts_table; parts_failed && exit 7")
        self.assertEqual(code, 7)
        self.assertEqual(lines[:5], ["== the first", "before", "== FAILED: the first", "== the second", "fine"])
        self.assertRegex(lines[6], r"^the first +\d+ +\d+  FAILED$")
        self.assertRegex(lines[7], r"^the second +\d+ +\d+  passed$")
        self.assertEqual((self.folder / "parts" / "a.log").read_text(), "before\n")

    def test_parts_that_are_run_apart_are_in_one_table_while_the_state_is_the_same(self):
        script = ("good() { echo fine; }; parts_start parts one; part a 'the first' good; parts_start parts one; "
                  "part b 'the second' false; parts_table; parts_start parts one; part b 'the second' good; parts_table; "
                  "if parts_failed; then exit 7; fi; parts_start parts two; part b 'the second' good; parts_table; parts_start parts; "
                  "parts_table")
        code, lines = self.run_parts(script)
        self.assertEqual(code, 0)
        self.assertEqual([(title.strip(), result) for title, result in re.findall(r"^(.{25}).* (passed|FAILED|result)$", "\n".join(lines), re.M)],
                         [("part", "result"), ("the first", "passed"), ("the second", "FAILED"),
                          ("part", "result"), ("the first", "passed"), ("the second", "passed"),
                          ("part", "result"), ("the second", "passed"), ("part", "result")])

    def test_results_of_another_state_are_kept_beside_the_new_ones(self):
        code, lines = self.run_parts("parts_start parts one; part a 'the first' true; parts_start parts one; parts_start parts two")
        told = "== The results so far may be of other sources: they are in parts.before"
        self.assertEqual((code, lines), (0, [told, "== the first", told]))
        self.assertEqual((self.folder / "parts.before" / "a.result").read_text().splitlines()[-1], "passed")
        self.assertFalse((self.folder / "parts" / "a.result").exists())

    def test_the_seconds_of_all_parts_are_added(self):
        code, lines = self.run_parts("part a 'a' true; part b 'b' true; for n in a b; do printf '%s\\n' $n '61.4 1 0' passed >parts/$n.result; "
                                     "done; parts_seconds")
        self.assertEqual((code, lines[-1]), (0, "123"))

    def test_when_all_pass_nothing_has_failed(self):
        code, lines = self.run_parts("good() { echo fine; }; part b 'it' good; if parts_failed; then exit 7; fi; case $- in *e*) ;; "
                                     "*) exit 8 ;; esac")
        self.assertEqual((code, lines), (0, ["== it", "fine"]))

    def test_the_help_tells_of_each_part_and_each_size(self):
        script = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
        text = subprocess.run([ROOT / "scripts" / "test", "--help"], check=True, capture_output=True, text=True).stdout
        everyday, = re.findall(r"^wanted=\((.*?)\)", script, re.M)
        deep, = re.findall(r"--deep\) .*wanted\+=\((.*?)\)", script)
        self.assertEqual(re.findall(r"^ {2}([a-z0-9]+) ", text, re.M), everyday.split())
        self.assertEqual(re.findall(r"^ {18}([a-z0-9]+) ", text, re.M), deep.split())
        self.assertEqual(re.findall(r"^    \[(\w+)\]='", script, re.M), everyday.split() + deep.split())
        self.assertEqual(set(re.findall(r"\$\{(SPIRAL_[A-Z_]+)-", script)), set(re.findall(r"SPIRAL_[A-Z_]+", text)))


if __name__ == "__main__":
    unittest.main()
