"""scripts/sweep-learning-rate: a loop over spiral train that goes on past what diverges, and stops at what is wrong."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

SCRIPT = ROOT / "scripts" / "sweep-learning-rate"


@unittest.skipUnless(shutil.which("jq"), "jq is not installed")
class SweepLearningRate(SpiralTest):
    def loop(self, *rates, code=0):
        path = f"{os.path.dirname(SPIRAL)}:{os.environ['PATH']}"
        done = subprocess.run([SCRIPT, *rates], cwd=self.folder, env={**os.environ, "PATH": path}, capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL, timeout=200)
        self.messages = done.stderr
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def test_the_best_of_the_rates_is_found_past_one_that_diverges(self):
        lines = self.loop("0.01", "1e9", "1")
        self.assertEqual([line[0] for line in lines], ["0.01", "1e9", "1", "best: 1"])
        self.assertEqual(lines[1][1], "diverged")
        self.assertIn("diverged at iteration", self.messages)
        for rate, (_, loss, accuracy) in (("0.01", lines[0]), ("1", lines[2])):
            log = (self.folder / f"rate-{rate}" / "loss.csv").read_text().splitlines()[-1].split(",")
            self.assertLess(abs(float(loss.split()[1]) - float(log[1])), 0.01)
            self.assertLess(abs(float(accuracy.split()[1]) - float(log[4])), 0.05)
        self.assertLess(float(lines[2][1].split()[1]), float(lines[0][1].split()[1]))

    def test_when_all_diverge_none_is_best(self):
        self.assertEqual(self.loop("1e9"), [["1e9", "diverged"], ["best: none"]])

    def test_what_is_wrong_ends_it_with_its_code(self):
        self.assertEqual(self.loop("-1", "1", code=2), [])
        self.assertIn("--learning-rate", self.messages)

    def test_it_is_short_enough_to_be_copied(self):
        code = [line for line in SCRIPT.read_text().splitlines() if not line.startswith("#")]
        self.assertLessEqual(len(code), 12)


if __name__ == "__main__":
    unittest.main()
