"""A training that is interrupted and resumed, however often, ends with the files of one that never stopped.

Run with SPIRAL_INTERRUPTED_RUNS=500 for the long form; 12 by default.
"""

import os
import random
import signal
import subprocess
import unittest

from support import SPIRAL, SpiralTest

RUNS = int(os.environ.get("SPIRAL_INTERRUPTED_RUNS", "12"))
TRAINING = ["--points-per-class", "40", "--hidden", "12", "--iterations", "400", "--batch-size", "32", "--dropout", "0.1",
            "--optimizer", "adam", "--lr", "0.01", "--validation", "0.2", "--log-every", "5", "--print-every", "5",
            "--checkpoint-every", "7"]


class Resume(SpiralTest):
    def files(self, name):
        """What must be the same: the log without its last column, the seconds; the model; the figures."""
        folder = self.folder / name
        log = [line.rsplit(",", 1)[0] for line in (folder / "loss.csv").read_text(encoding="utf-8").splitlines()]
        return log, *((folder / file).read_bytes() for file in ("model.npz", "boundary.png", "loss.png"))

    def train_until(self, name, lines, number):
        """Trains, resuming when there is a checkpoint, and sends the signal after so many lines. True when it got to the end."""
        command = [SPIRAL, "train", *TRAINING, "--out", name]
        checkpoint = self.folder / name / "checkpoint.npz"
        if checkpoint.exists():
            command += ["--resume", f"{name}/checkpoint.npz"]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        read = 0
        while lines is not None and read < lines and process.stdout.readline():
            read += 1
        if lines is not None:
            process.send_signal(number)
        _, errors = process.communicate(timeout=120)
        if process.returncode == 0:
            return True
        self.assertIn(process.returncode, (128 + number, -number), errors)
        return False

    def test_interrupted_runs_end_as_if_they_never_stopped(self):
        self.assertTrue(self.train_until("whole", None, 0))
        whole = self.files("whole")
        seed = random.randrange(2**32)
        choose = random.Random(seed)
        for run in range(RUNS):
            with self.subTest(run=run, seed=seed):
                name = f"run-{run}"
                interruptions = 0
                for _ in range(choose.randrange(1, 4)):
                    number = choose.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
                    if self.train_until(name, choose.randrange(0, 70), number):
                        break
                    interruptions += 1
                else:
                    self.assertTrue(self.train_until(name, None, 0))
                self.assertEqual(self.files(name), whole, f"after {interruptions} interruptions")


if __name__ == "__main__":
    unittest.main()
