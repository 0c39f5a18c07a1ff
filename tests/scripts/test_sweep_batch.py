"""scripts/sweep.sbatch without a scheduler: the signals and the exit code of what it runs."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SIGNAL_BEFORE_A_COMMAND, SpiralTest  # noqa: E402

SCRIPT = ROOT / "scripts" / "sweep.sbatch"


class SweepBatch(SpiralTest):
    def begin(self, program, **environment):
        """Starts the script, as in a job, with a shell script in the place of spiral, and gives back the process."""
        stub = self.folder / "stub"
        stub.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
        stub.chmod(0o755)
        job = subprocess.Popen([SCRIPT, "--out", "sweep"], cwd=self.folder, stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "SPIRAL": str(stub), "SLURM_JOB_ID": "1", "TMPDIR": str(self.folder),
                                    **environment})
        self.addCleanup(lambda: job.poll() is None and job.kill())
        return job

    def start(self, program, before=""):
        """Starts the script and waits for the program, which writes its number into a file once it has done what comes
        before. Gives back the process and that number."""
        number = self.folder / "number"
        number.unlink(missing_ok=True)
        job = self.begin(f"{before}\necho $$ >number.new && mv number.new number\n{program}")
        while not number.exists():
            self.assertIsNone(job.poll())
        return job, int(number.read_text())

    def assert_ends(self, job, code):
        messages = job.communicate(timeout=60)[1]
        self.assertEqual(job.returncode, code, messages)
        self.assertEqual(list(self.folder.glob("tmp.*")), [])

    def test_the_code_is_that_of_the_program(self):
        for code in (0, 4):
            job, _ = self.start(f"exit {code}")
            self.assert_ends(job, code)

    def test_a_signal_to_the_script_alone_reaches_the_program(self):
        for number in (signal.SIGTERM, signal.SIGUSR1):
            job, _ = self.start("while [ -e stub ]; do sleep 0.05; done", before="trap 'exit 5' TERM")
            os.kill(job.pid, number)
            self.assert_ends(job, 5)

    def test_a_signal_before_any_command_of_the_script_reaches_the_program(self):
        commands = self.folder / "commands"
        first = self.folder / "first"
        first.write_text(SIGNAL_BEFORE_A_COMMAND, encoding="utf-8")
        before = 0
        while True:
            before += 1
            commands.unlink(missing_ok=True)
            job = self.begin("trap 'exit 5' TERM\nwhile [ -e stub ]; do sleep 0.05; done",
                             BASH_ENV=str(first), SIGNAL_TO=str(SCRIPT), SIGNAL_BEFORE=str(before))
            while job.poll() is None and not (commands.exists() and "wait" in commands.read_text()):
                pass
            begun = commands.read_text().splitlines()
            if len(begun) < before:  # the script waits, and no signal came
                job.send_signal(signal.SIGTERM)
            messages = job.communicate(timeout=60)[1]
            if job.returncode != -signal.SIGTERM:  # a signal that comes before the traps ends the script
                self.assertIn(job.returncode, (5, 137, 143), (before, begun, messages))
                self.assertEqual(list(self.folder.glob("tmp.*")), [], before)
            for left in self.folder.glob("tmp.*"):
                left.rmdir()
            if len(begun) < before:
                break
        self.assertGreater(before, 5)

    def test_the_code_is_kept_when_a_signal_comes_as_the_program_ends(self):
        # Slurm's signals come to all at once; bash (seen with 5.2) forgets how a job ended that ends just then.
        for attempt in range(100):
            job, program = self.start("exec sleep 100")
            os.kill(program, signal.SIGTERM)
            end = time.perf_counter() + attempt * 1e-5
            while time.perf_counter() < end:
                pass
            job.send_signal(signal.SIGTERM)
            self.assert_ends(job, 143)


if __name__ == "__main__":
    unittest.main()
