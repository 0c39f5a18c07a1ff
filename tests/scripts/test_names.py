"""The scripts in checkouts whose folder has an odd name, called with CDPATH in the environment: each says what it is, and what is
cheap of its work is done. Where a build, a tool or a scheduler would take long, a stand-in is called."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

SCRIPTS = ("demo", "test", "bench", "animate", "fuzz", "coverage", "mutants", "sweep-parallel", "sweep.sbatch")
NAMES = ("plain", "a b", "-dash", "lr=1", "{}", "*[a-z]?", "q'$HOME`", "%s %08d", "~", "new\nline", "end\n", "co:lon", "-")
BUILDS = re.compile(r"[^\x00-\x1f\x7f;:\"\\|]+")  # all that CMake and make can build in
SWEEP = ("--learning-rate", "0.1,1", "--iterations", "5", "--hidden", "3", "--no-figures", "--quiet")

# "Builds": the program that the test is given, and a fuzz target that reports a number of executions.
CMAKE = """#!/bin/bash
printf '%s\\n' "$*" >>"$CALLS"
if [ "$1" = -S ]; then
    [ -f "$2/scripts/demo" ] && mkdir -p "$4/tests/fuzz" && ln -sf "$SPIRAL" "$4/spiral" && cp "$TARGET" "$4/tests/fuzz/fuzz_csv"
else
    [ -e "$2/spiral" ]
fi
"""
TARGET = """#!/bin/sh
for argument; do
    case $argument in -artifact_prefix=*) echo input >"${argument#*=}crash-1" ;; esac
done
echo 'INITED ft: 3'; echo 'stat::number_of_executed_units: 120'
exit 77
"""
CTEST = """#!/bin/sh
printf '%s\\n' "$PWD" >>"$CALLS"
mkdir -p Testing/Temporary
printf '1/1 Test: unit_x\\nTest Passed.\\n' >Testing/Temporary/LastTest.log
! ignored=$(grep '^SigIgn:.*[13579bdf]$' /proc/self/status) || { echo "a SIGHUP is ignored: $ignored"; exit 1; }
"""
# Prints what the notes print, so that every loss is the published one.
PUBLISHED = """#!/bin/sh
while [ "$1" != --out ]; do
    [ "$1" != --model ] || model=$2
    shift
done
mkdir -p -- "$2"
: >"$2/summary.json"
awk -F, -v model="$model" '$1 == model && $2 == "accuracy" { print "training accuracy: " $3 }
    $1 == model && $2 != "accuracy" { print "iteration " $2 ": loss " $3 }' "$TABLE"
"""
LISTING = """#!/bin/bash
. "$PACKAGES"
for job in build test mpi cluster fuzz deep latex; do
    spiral_packages_of $job | sed 's/.*/installed &, /'
done
"""


class Names(SpiralTest):
    def checkout(self, name):
        """A checkout of that name, without what no script reads."""
        top = self.folder / name
        (top / "tests").mkdir(parents=True)
        for part in ("scripts", ".ci", "data", "tests/cli", "tests/fuzz"):
            shutil.copytree(ROOT / part, top / part, ignore=shutil.ignore_patterns("corpus", "cases", "crashes"))
        (top / "tests/fuzz/corpus/fuzz_csv").mkdir(parents=True)
        return top

    def stand_in(self, name, text):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def call(self, script, *arguments, code=0, cwd=None, **variables):
        """Runs a script, named from the folder that the checkouts are in."""
        environment = {**os.environ, "CDPATH": f".:{self.folder}:/", "SPIRAL": SPIRAL, "CALLS": str(self.folder / "calls"),
                       "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", **variables}
        environment.pop("CI", None)
        done = subprocess.run(["bash", "--", str(script), *arguments], cwd=cwd or self.folder, env=environment, text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=100)
        self.assertEqual(done.returncode, code, f"{script} {arguments}\n{done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def each_name(self):
        for name in NAMES:
            yield name, self.checkout(name), pathlib.Path(name)
            shutil.rmtree(self.folder / name)
            shutil.rmtree(self.folder / "bin", ignore_errors=True)
            (self.folder / "calls").unlink(missing_ok=True)

    def test_help(self):
        for _, top, relative in self.each_name():
            for script in SCRIPTS:
                for path, cwd in ((relative / "scripts" / script, self.folder), (top / "scripts" / script, "/"), (script, top / "scripts")):
                    printed = self.call(path, "--help", cwd=cwd)
                    self.assertTrue(printed.startswith(f"usage: scripts/{script} "), printed)

    def test_where_nothing_can_be_built_this_is_said(self):
        self.assertGreater(sum(not BUILDS.fullmatch(name) for name in NAMES), 2)
        for name, _, relative in self.each_name():
            if not BUILDS.fullmatch(name):
                for script in ("demo", "test", "bench", "fuzz", "coverage", "mutants"):
                    self.assertIn(f"scripts/{script}: CMake and make cannot build in ", self.call(relative / "scripts" / script, code=1))
                self.assertEqual(sorted(path.name for path in (self.folder / name).iterdir()), [".ci", "data", "scripts", "tests"])

    def test_a_path_to_type_is_quoted_and_shows_no_control(self):
        """In a locale that can print the marks of direction, too."""
        self.stand_in("sbatch", "#!/bin/sh\ncase $2 in --array*) echo 7 ;; *) exit 1 ;; esac\n")
        for name in ("a b\u202e;", "new\nline\u2066", "\x1b]0;q'\u009b"):
            top = self.checkout(name)
            for locale in ("C", "C.UTF-8"):
                with self.subTest(name=name, locale=locale):
                    demo = self.call(pathlib.Path(name, "scripts/demo"), code=1, LC_ALL=locale)
                    merge = self.call(ROOT / "scripts/sweep.sbatch", "--array=1-1", "--", "--out", name, code=1, LC_ALL=locale, SLURM_JOB_ID="")
                    self.assertRegex(demo + merge, r"\A[ -~]+\n[ -~]+\n\Z")
                    quoted = re.search(r"cannot build in (.*): move", demo)[1] + " " + re.search(r"sweep --merge=(.*)", merge)[1]
                    typed = subprocess.run(["bash", "-c", f"printf '%s\\0' {quoted}"], capture_output=True, text=True, check=True).stdout
                    self.assertEqual(typed.split("\0"), [str(top), name, ""])

    def each_that_builds(self):
        for name, top, relative in self.each_name():
            if BUILDS.fullmatch(name):
                self.stand_in("cmake", CMAKE)
                self.stand_in("ctest", CTEST)
                self.stand_in("dpkg-query", LISTING)
                self.stand_in("apt-get", "#!/bin/sh\nexit 1\n")
                self.variables = {"TARGET": self.stand_in("target", TARGET), "PACKAGES": str(top / "scripts/lib/packages.sh"),
                                  "TABLE": str(top / "data/published-table.csv")}
                yield name, top, relative

    def test_demo(self):
        for name, top, relative in self.each_that_builds():
            variables = {**self.variables, "SPIRAL": self.stand_in("published", PUBLISHED)}
            self.assertIn("--products blas: 30 of 30 losses identical", self.call(relative / "scripts/demo", **variables))
            self.assertTrue((top / "spiral-out/mlp").is_dir())
            for out in (["--out", f"out/{name}"], [f"--out={name}/run=1"], ["--out", "-x"], ["--out", "run=1"]):
                self.assertIn("--products blas: 30 of 30 losses identical", self.call(relative / "scripts/demo", *out, **variables))
                self.assertTrue((self.folder / out[-1].removeprefix("--out=") / "linear.txt").is_file())
            self.assertEqual(self.call(relative / "scripts/demo", "--out", code=2), "scripts/demo: --out takes a folder\n")

    def test_test_fuzz_and_coverage(self):
        for _, top, relative in self.each_that_builds():
            calls = self.folder / "calls"
            self.addCleanup(signal.signal, signal.SIGHUP, signal.signal(signal.SIGHUP, signal.SIG_IGN))  # as under nohup
            self.assertIn("gcc, Release: build and test", self.call(relative / "scripts/test", "--quick", **self.variables))
            self.assertIn(str(top / "build-test"), calls.read_text())
            self.call(relative / "scripts/test", "--parts", "mpi", **self.variables)
            self.assertIn(f"-B {top / 'build-mpi'} ", calls.read_text())
            calls.write_text("")
            self.stand_in("python3", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
            printed = self.call(relative / "scripts/coverage", "--fresh", **self.variables)
            self.assertEqual(printed.splitlines()[-3:], list(map(str, (top, top / "build-coverage", top / "build-coverage-mpi"))))
            self.call(relative / "scripts/fuzz", "--seconds", "1", "csv", code=1, **self.variables)
            self.assertEqual((top / "tests/fuzz/crashes/fuzz_csv/crash-1").read_text(), "input\n")

    def test_ci(self):
        for _, top, relative in self.each_name():
            for script in ("test", "fuzz", "bench"):
                (top / "scripts" / script).write_text(f"#!/bin/sh\necho {script} \"$CI\" $*\n", encoding="utf-8")
            lines = self.call(relative / ".ci/run").splitlines()
            self.assertEqual(lines[::2], ["test true", "fuzz true --seconds 75 --jobs 2", "bench true --quick"])

    def test_valgrind(self):
        for name, _, relative in self.each_name():
            self.stand_in("valgrind", "#!/bin/sh\n[ -d cli ] && while [ $# -gt 1 ]; do shift; done && exec \"$1\"\n")
            units = self.folder / "units" / name
            units.mkdir(parents=True)
            for unit in ("test_a", "test_b"):
                (units / unit).write_text("#!/bin/sh\n")
                (units / unit).chmod(0o755)
            printed = self.call(relative / "scripts/lib/valgrind", f"units/{name}")
            self.assertEqual(printed.splitlines()[-1], "2 programs, no error, no leak")

    def test_a_case_of_the_command_line(self):
        for name, top, relative in self.each_name():
            (top / "tests/fixtures").mkdir(exist_ok=True)
            (top / "tests/fixtures/word").write_text("word\n")
            topic = top / "tests/cli/name.test"
            topic.write_text("== case\n$ cp \"$FIXTURES/word\" copy\n$ spiral generate --shape none\nexit 2\n2>...\n"
                             "? ! spiral generate --shape none\n? cmp copy \"$FIXTURES/word\"\n")
            program = self.folder / "programs" / name
            program.parent.mkdir(exist_ok=True)
            program.symlink_to(SPIRAL)
            script = relative / "tests/cli/run"
            command = [str(top / "tests/cli/run"), "name:case"]
            done = subprocess.run(command, cwd=top, env={**os.environ, "CDPATH": ".", "SPIRAL": os.path.relpath(program, top)}, capture_output=True, text=True,
                                  check=False, stdin=subprocess.DEVNULL, timeout=100)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), script)

    def test_animate(self):
        self.stand_in("ffmpeg", "#!/bin/sh\nfor file; do :; done\n[ -f 00000001.png ] && echo moving >\"${file#file:}\"\n")
        frame = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 16
        for name in NAMES:
            with self.subTest(name=name):
                folder = self.folder / name
                (folder / "frames").mkdir(parents=True)
                for number in (0, 10):
                    (folder / "frames" / f"frame-{number:06}.png").write_bytes(frame)
                self.call(ROOT / "scripts/animate", "--", name)
                self.assertEqual((folder / "animation.png").read_text(), "moving\n")
                self.call(ROOT / "scripts/animate", "-o", f"{name}.gif", "--", name)
                self.assertEqual((self.folder / f"{name}.gif").read_text(), "moving\n")

    @unittest.skipUnless(shutil.which("jq"), "jq is not installed")
    def test_sweep_learning_rate(self):
        for name, top, relative in self.each_name():
            (top / "build").mkdir()
            (top / "build/spiral").symlink_to(SPIRAL)
            path = ":".join(p for p in os.environ["PATH"].split(":") if not pathlib.Path(p, "spiral").exists())
            printed = self.call("scripts/sweep-learning-rate", "0.1", cwd=top, PATH=path)
            self.assertEqual(printed.splitlines()[-1], "best: 0.1", name)
            self.assertTrue((top / "rate-0.1/loss.csv").is_file())

    def assert_swept(self, out):
        self.assertEqual(len((self.folder / out / "results.csv").read_text().splitlines()), 3, out)

    @unittest.skipUnless(shutil.which("parallel"), "GNU parallel is not installed")
    def test_sweep_parallel(self):
        self.checkout("-a=1\n{}")
        self.call("-a=1\n{}/scripts/sweep-parallel", "--shards", "2", "--", "--out", "out", *SWEEP)
        self.assert_swept("out")
        for out in ("lr=0.1", "a{}", "{#}", "{= die =}", "-dash", "--", " a ", "+a", "a|", "new\nline", "end\n", "$HOME", "*?[a]"):
            with self.subTest(out=out):
                self.call(ROOT / "scripts/sweep-parallel", "--shards=2", "--", f"--out={out}", *SWEEP)
                self.assert_swept(out)

    def test_sweep_sbatch(self):
        self.stand_in("sbatch", "#!/bin/sh\nprintf '%s\\0' \"$@\" >>\"$CALLS\"\necho 7\n")
        for out in NAMES + ("lr=0.1", "a -- b", "--"):
            with self.subTest(out=out):
                top = self.checkout(pathlib.Path("checkouts", out))
                script = pathlib.Path("checkouts", out, "scripts/sweep.sbatch")
                self.call(script, "--array=1-1", "--", "--out", out, *SWEEP, SLURM_JOB_ID="")
                submitted = (self.folder / "calls").read_text().split("\0")
                self.assertEqual(submitted[1:5], ["--array=1-1", str(top / "scripts/sweep.sbatch"), "--out", out])
                self.assertEqual(submitted[-2:], [f"--merge={out}", ""])
                (self.folder / "calls").unlink()
                task = {"SLURM_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "1",
                        "SLURM_ARRAY_TASK_COUNT": "1"}
                if out != "--":
                    self.call(script, "--out", out, *SWEEP, **task)
                    self.call(script, "--merge", out, SLURM_JOB_ID="8")
                    self.assert_swept(out)


if __name__ == "__main__":
    unittest.main()
