"""A training and a sweep under random signals, stops, a full disk and limits of memory, resumed after each: nothing is lost, nothing
is wrong, and at the end every file has the bytes of an undisturbed one.

The long form: SPIRAL_ENDURANCE_SECONDS=1800 (each of the works once by default). SPIRAL_ENDURANCE_SEED=N: these interruptions again.
"""

import collections
import os
import random
import shutil
import signal
import time
import unittest

from disk import Disk
from files import check_folder, first_difference
from work import SECONDS, Process, SpiralTest

SANITIZED = "SPIRAL_SANITIZED" in os.environ
RUNS = 3000 if SECONDS > 0 else 150
SAVED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)  # all is saved before the end
KILLED = (signal.SIGKILL, signal.SIGQUIT)  # at once
STOPPED = (signal.SIGSTOP, signal.SIGTSTP)
MEGABYTE = 1 << 20

TRAIN = ["train", "--points-per-class", 40, "--hidden", 12, "--iterations", 1500, "--log-every", 5, "--checkpoint-every", 20,
         "--validation", 0.2, "--print-every", 1000000, "--lr", 0.01, "--size", "200x200", "--out", "out"]
SWEEP = ["sweep", "--points-per-class", 10, "--hidden", 5, "--seeds", 2, "--jobs", 2, "--size", "200x200", "--resume", "--out", "out"]
WORKS = {
    "training": [*TRAIN, "--optimizer", "adam", "--batch-size", 32, "--dropout", 0.1, "--frames-every", 400],
    "sweep": [*SWEEP, "--lr", f"log:0.01:1e9:{RUNS // 2}", "--iterations", 40, "--keep", "best:20"],
    "training in JSON": [*TRAIN, "--optimizer", "momentum", "--threads", 2, "--log-format", "jsonl", "--figure-format", "svg"],
    "sweep in rounds": [*SWEEP, "--random", 27, "--lr", "loguniform:0.01:1", "--iterations", 81, "--prune", "--refine", 2, "--keep",
                        "all"],
}


class Adversity(SpiralTest):
    def setUp(self):
        super().setUp()
        self.disk = Disk(self.folder / "disk", 32)
        self.addCleanup(self.disk.unmount)
        self.out = self.disk.folder / "out"
        self.counts = collections.Counter()

    def train_undisturbed(self, name):
        """What all that follows is compared with."""
        folder = self.folder / name.replace(" ", "-")
        folder.mkdir()
        self.spiral(*WORKS[name], folder=folder)
        log = "out/curves.csv" if "sweep" in name else "out/loss.jsonl" if "JSON" in name else "out/loss.csv"
        return folder / "out", log, (folder / log).read_bytes().count(b"\n")

    # ---- what interrupts -----------------------------------------------------------------------------------------------

    def stop_now_and_then(self, choose, process, rows):
        """Stops that change nothing, and a pipe that nobody has closed."""
        for _ in range(choose.randrange(3)):
            if not process.wait_for_rows(process.rows.read() + choose.randrange(1, rows // 10)):
                return
            number = choose.choice([*STOPPED, signal.SIGPIPE])
            if number == signal.SIGPIPE:
                process.send(number)
            else:
                process.stop(number)
            self.counts["stops"] += 1

    def by_signal(self, choose, process):
        number = choose.choice([*SAVED, *SAVED, *KILLED])
        process.send(number)
        self.counts["signals"] += 1
        return {-number}

    def by_full_disk(self, choose, process):
        self.disk.fill(process, choose.choice([0, 0, 4096, 65536]))
        if choose.randrange(4) == 0:  # for a moment
            self.disk.empty(process)
        self.counts["full disks"] += 1
        return {4}

    # ---- one process ---------------------------------------------------------------------------------------------------

    def attempt(self, choose, command, log, rows):
        """Starts or resumes, and interrupts. Returns the exit code and which ends of it there may be but 0."""
        addresses = None
        ways = [self.by_signal, self.by_signal, self.by_signal, self.by_full_disk]
        if not SANITIZED and "--prune" not in command:  # a setting whose run fails is pruned, and stays so
            addresses = choose.choice([None, None, None, choose.randrange(100, 420) * MEGABYTE])
        checkpoint = self.out / "checkpoint.npz"
        if command[0] == "train" and checkpoint.exists():
            command = [*command, "--resume", "out/checkpoint.npz"]
        process = Process(command, self.disk.folder, log, addresses)
        self.addCleanup(process.kill)
        there = process.rows.read()
        expected = {5} if addresses is not None else set()
        self.counts["limits of memory"] += len(expected)
        self.stop_now_and_then(choose, process, rows)
        goal = min(rows, there + choose.randrange(rows // 3))
        if process.wait_for_rows(goal):
            expected |= choose.choice(ways)(choose, process)
        code, messages = process.end()
        self.disk.empty(process)
        self.assertIn(code, {0, *expected}, messages)
        self.assertEqual(messages.count("spiral: error: "), 1 if code > 0 else 0, messages)
        return code, expected

    def read_by_the_program(self, choose):
        """One of the models, and the log of a training."""
        models = sorted(self.out.rglob("model.npz"))
        if models:
            self.spiral("predict", "-m", choose.choice(models), "--data", "x.csv", "-o", "y.csv")
        for log in sorted(self.out.glob("loss.*[lv]")):
            if log.suffix in (".csv", ".jsonl") and log.read_bytes().count(b"\n") > 1:
                self.spiral("plot", "--log", log, "--size", "200x200", "-o", "loss.png")

    def disturb(self, choose, name, undisturbed):
        """From nothing to its end."""
        reference, log, rows = undisturbed
        killed = done = False
        attempts = 0
        while not done:
            code, expected = self.attempt(choose, WORKS[name], log, rows)
            attempts += 1
            killed |= -code in KILLED
            check_folder(self.out, reference, killed, 5 in expected)
            if choose.randrange(4) == 0:
                self.read_by_the_program(choose)
            done = code == 0 and 5 not in expected  # where memory fails, a run of a sweep may, and be repeated
        self.assertIsNone(first_difference(self.out, reference))
        self.counts["sweeps" if "sweep" in name else "trainings"] += 1
        return attempts

    def test_nothing_is_lost_and_nothing_is_wrong(self):
        seed = int(os.environ.get("SPIRAL_ENDURANCE_SEED", random.randrange(2**32) if SECONDS > 0 else 1))
        print(f"seed {seed}", flush=True)
        if self.disk.why_none is not None:
            print(f"no disk of its own ({self.disk.why_none}): a limit of the size of files in place of a full one")
        self.spiral("generate", "--points-per-class", 5, "-o", "x.csv")
        undisturbed = {name: self.train_undisturbed(name) for name in WORKS}
        end = time.monotonic() + SECONDS
        journey = 0
        while journey < len(WORKS) or time.monotonic() < end:
            name = list(WORKS)[journey % len(WORKS)]
            with self.subTest(seed=seed, journey=journey, work=name):
                self.disturb(random.Random(f"{seed} {journey}"), name, undisturbed[name])
            shutil.rmtree(self.out, ignore_errors=True)
            journey += 1
        print("adversity:", ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items())), flush=True)


if __name__ == "__main__":
    unittest.main()
