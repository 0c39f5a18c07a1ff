"""The memory of a long training and of a sweep of thousands of runs: once it has warmed up it stays within 1 % and a few pages, and no
descriptor is left open. It is looked at after each so many rows of the log.

The long form: SPIRAL_ENDURANCE_SECONDS=1800.
"""

import os
import re
import statistics
import unittest

from work import SECONDS, Process, SpiralTest

SAMPLES = 60
TRAIN = ["train", "--points-per-class", 40, "--hidden", 12, "--log-every", 10, "--print-every", 10**9, "--checkpoint-every", 100,
         "--validation", 0.2, "--optimizer", "adam", "--batch-size", 32, "--dropout", 0.1, "--no-figures", "--quiet", "--out", "out"]
SWEEP = ["sweep", "--points-per-class", 10, "--hidden", 5, "--iterations", 20, "--log-every", 20, "--jobs", 2, "--no-figures",
         "--quiet", "--out", "out"]
# What a sweep keeps of a run until its end: its curve of 2 points, a row each in curves.csv, and an entry in two tables, of which one
# grows to twice its size. (The least that malloc takes is 32 bytes.)
POINTS = 2
KEPT = POINTS * 24 + 40
# kB: 1 % of a training's 1300 is three pages, and the heap may touch a few new ones late. A short run sees more of them.
NOISE = 64 if SECONDS > 0 else 128


def own_kilobytes(pid):
    """The resident memory but for pages of files, which it may share with programs that come and go."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return int(re.search(r"^Anonymous: +(\d+) kB$", file.read(), re.M)[1])
    except ProcessLookupError:  # it has ended
        return 0


@unittest.skipIf("SPIRAL_SANITIZED" in os.environ, "a sanitizer keeps freed memory")
class Memory(SpiralTest):
    def watch(self, command, log, rows):
        """[(row, kilobytes, descriptors)] after each so many rows."""
        folder = self.folder / f"{len(os.listdir(self.folder))}"
        folder.mkdir()
        process = Process(command, folder, log)
        self.addCleanup(process.kill)
        samples = []
        for sample in range(1, SAMPLES):
            if not process.wait_for_rows(max(rows * sample // SAMPLES, process.rows.count + 1)):
                break
            row, kilobytes, descriptors = process.rows.count, own_kilobytes(process.pid), len(os.listdir(f"/proc/{process.pid}/fd"))
            if process.rows.read() >= rows:  # all are written, and what is kept for the end is being freed
                break
            samples.append((row, kilobytes, descriptors))
        self.assertEqual(process.end(), (0, ""))
        self.assertGreater(len(samples), SAMPLES // 10, f"{command[0]}: too fast to be watched")
        return samples

    def check_flat(self, name, samples, kept):
        """The last third beside the one before it; kept: kilobytes a row that stay for the end."""
        third = len(samples) // 3
        second, last = samples[third:2 * third], samples[-third:]
        before, after = ([statistics.median(sample[i] for sample in part) for i in range(2)] for part in (second, last))
        more = after[1] - before[1] - kept * (after[0] - before[0])
        print(f"memory of a {name}: {samples[-1][0]} rows, {after[1]:.0f} kB, {100 * more / before[1]:+.2f} %", flush=True)
        self.assertLess(more, 0.01 * before[1] + NOISE, f"{name}: {samples}")
        descriptors = [min(sample[2] for sample in part) for part in (second, last)]  # a file may be open that is just being written
        self.assertEqual(*descriptors, f"{name}: {samples}")

    def test_training(self):
        iterations = int(3000 * SECONDS) or 20000
        self.check_flat("training", self.watch([*TRAIN, "--iterations", iterations], "out/loss.csv", iterations // 10), 0)

    def test_sweeps(self):
        """Nothing is left of a run but its curve."""
        runs = 100 * (int(0.6 * SECONDS) or 20)
        for name, options in (("grid", ["--lr", "log:0.01:1:100", "--reg", f"lin:0:1:{runs // 100}", "--keep", "none"]),
                              ("seeds", ["--seeds", runs, "--keep", "none"])):
            with self.subTest(name):
                samples = self.watch([*SWEEP, *options], "out/curves.csv", POINTS * runs)
                self.check_flat(f"sweep ({name})", samples, KEPT / POINTS / 1024)


if __name__ == "__main__":
    unittest.main()
