"""A training that is interrupted and resumed, however often, ends with the files of one that never stopped.

The long form: SPIRAL_INTERRUPTED_RUNS=500 (12 by default), SPIRAL_TRAIN_KILLS=8000 (20 by default).
"""

import itertools
import mmap
import os
import random
import shutil
import signal
import subprocess
import unittest
import zlib

import numpy as np
from support import SPIRAL, SpiralTest

RUNS = int(os.environ.get("SPIRAL_INTERRUPTED_RUNS", "12"))
KILLS = int(os.environ.get("SPIRAL_TRAIN_KILLS", "20"))
TRAINING = ["--points-per-class", "40", "--hidden", "12", "--iterations", "400", "--batch-size", "32", "--dropout", "0.1",
            "--optimizer", "adam", "--lr", "0.01", "--validation", "0.2", "--log-every", "5", "--print-every", "5",
            "--checkpoint-every", "7"]


class Resume(SpiralTest):
    def files(self, name):
        """What must be the same: the log without its last column, the seconds; the model; the figures."""
        folder = self.folder / name
        log = [line.rsplit(",", 1)[0] for line in (folder / "loss.csv").read_text(encoding="utf-8").splitlines()]
        files = sorted(path for path in folder.iterdir() if path.suffix == ".png" or path.name == "model.npz")
        return log, *((path.name, path.read_bytes()) for path in files)

    def train_until(self, name, lines, number, *options):
        """Trains, resuming when there is a checkpoint, and sends the signal after so many lines. True when it got to the end."""
        command = [SPIRAL, "train", *TRAINING, *options, "--out", name]
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
                    number = choose.choice([signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL])
                    if self.train_until(name, choose.randrange(0, 70), number):
                        break
                    interruptions += 1
                else:
                    self.assertTrue(self.train_until(name, None, 0))
                self.assertEqual(self.files(name), whole, f"after {interruptions} interruptions")

    def check_what_a_kill_left(self, name, whole):
        """The log: whole lines, the first of the whole one (but that the system ends a write that SIGKILL meets between two pages,
        with the piece of a line before); the model: none, or the whole one; checkpoints that can be read; and besides temporary
        files nothing."""
        folder = self.folder / name
        for path in folder.iterdir() if folder.exists() else ():
            if path.name == "loss.csv":
                text = path.read_text(encoding="utf-8")
                whole_lines = text[:text.rfind("\n") + 1]
                if text != whole_lines:
                    self.assertEqual(len(text) % mmap.PAGESIZE, 0, f"a log of {len(text)} bytes that ends with {text[-80:]!r}")
                log = [line.rsplit(",", 1)[0] for line in whole_lines.splitlines()]
                self.assertEqual(log, whole[0][:len(log)])
            elif path.name == "model.npz":
                self.assertEqual(("model.npz", path.read_bytes()), whole[1])
            elif path.name == "checkpoint.npz":
                with np.load(path, allow_pickle=False) as checkpoint:
                    self.assertTrue({**checkpoint})  # every array is read, and its CRC compared
            else:
                self.assertTrue(path.name in ("summary.json", ".lock") or ".tmp" in path.name, path.name)

    def test_a_training_that_is_killed_over_and_over_ends_as_if_it_never_stopped(self):
        """Once it is at its end, the next one begins, until there were enough kills."""
        self.assertTrue(self.train_until("whole", None, 0, "--no-figures"))
        whole = self.files("whole")
        seed = random.randrange(2**32)
        choose = random.Random(seed)
        killed = 0
        for run in itertools.count():
            name = f"run-{run}"
            lines = choose.randrange(0, 12)
            while killed < KILLS and not self.train_until(name, lines, signal.SIGKILL, "--no-figures"):
                killed += 1
                self.check_what_a_kill_left(name, whole)
                lines = choose.randrange(0, 12)
            if killed == KILLS:
                break
            self.assertEqual(self.files(name), whole, f"seed {seed}, run {run}")
            shutil.rmtree(self.folder / name)
        self.assertTrue(self.train_until(name, None, 0, "--no-figures"))
        self.assertEqual(self.files(name), whole, f"seed {seed}, run {run}")
        print(f"kills survived: {killed}, by {run + 1} trainings")


class Notes(SpiralTest):
    """What a checkpoint says beside its settings: what made it, and which log is its own."""

    TRAIN = ["train", "--points-per-class", "4", "--hidden", "3", "--log-every", "2", "--checkpoint-every", "4", "--no-figures", "-q"]

    def resume_with(self, change):
        """Saves a checkpoint, changes its notes, resumes. Returns the exit code and standard error."""
        self.spiral(*self.TRAIN, "--iterations", "4")
        path = self.folder / "spiral-out/checkpoint.npz"
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        notes = dict(note.split("=", 1) for note in arrays["notes"])
        change(notes)
        arrays["notes"] = np.array([f"{name}={value}" for name, value in notes.items()])
        np.savez(path, **arrays)
        done = subprocess.run([SPIRAL, *self.TRAIN, "--iterations", "8", "--resume", path.relative_to(self.folder)], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def test_they_say_which_log_is_the_checkpoints(self):
        """By the CRC-32 of its lines without their seconds."""
        seen = {}

        def look(notes):
            seen.update(notes)
            log = (self.folder / "spiral-out/loss.csv").read_bytes()
            rows = b"".join(line.rpartition(b",")[0] + b"\n" for line in log.splitlines())
            self.assertEqual(int(notes["log_crc32"]), zlib.crc32(rows))

        self.assertEqual(self.resume_with(look), (0, ""))
        for name in ("version", "compiler", "blas", "blas_core", "kernels"):
            self.assertTrue(seen[name], name)

    def test_another_build_is_named(self):
        for name in ("compiler", "blas", "blas_core", "kernels"):
            code, errors = self.resume_with(lambda notes, name=name: notes.update({name: "Another 9.9"}))
            self.assertEqual(code, 0, errors)
            self.assertRegex(errors, rf"\Aspiral: warning: spiral-out/checkpoint\.npz: one part is made with {name} Another 9\.9 and "
                                     r"another with .*: their last digits may differ\n\Z")

    def test_another_commit_is_named_where_both_are_known(self):
        own = {}
        code, errors = self.resume_with(lambda notes: (own.update(notes), notes.update({"commit": "v0.0.9-1-gabcdef0"})))
        self.assertEqual(code, 0, errors)
        named = f"with commit v0.0.9-1-gabcdef0 and another with {own['commit']}: " if own["commit"] else ""
        self.assertIn(named, errors)
        self.assertEqual(errors == "", named == "")
        self.assertEqual(self.resume_with(lambda notes: notes.update({"commit": ""})), (0, ""))

    def test_kernels_of_the_same_bits_are_no_other_build(self):
        def change(notes):
            if notes["kernels"].startswith("AVX"):
                notes["kernels"] = {"AVX2": "AVX-512", "AVX-512": "AVX2"}[notes["kernels"]]

        self.assertEqual(self.resume_with(change), (0, ""))

    def test_a_log_that_is_not_the_one_is_refused(self):
        for change in ({"log_crc32": "0"}, {"log_crc32": ""}, {"log_crc32": "-1"}, {"log_crc32": "x"}):
            with self.subTest(change=change):
                code, errors = self.resume_with(lambda notes, change=change: notes.update(change))
                self.assertEqual(code, 3, errors)
                self.assertRegex(errors, r"\Aspiral: error: spiral-out/loss\.csv: is not the log that spiral-out/checkpoint\.npz was made "
                                         r"with: .*\n\Z")

    def test_a_line_that_does_not_end_in_its_seconds_is_refused(self):
        """They are no part of the CRC, but have to be there."""
        rows = {"csv": ("", "x", "1", ".5", "-1.0", "1.0 ", "1.0}", "1.0\0", "1.0\n"),
                "jsonl": ('"seconds":}', '"seconds":null}', '"minutes":1.0}', '"seconds":1.0', "1.0}")}
        cases = [("csv", 1, "minutes"), *((form, 2, end) for form, ends in rows.items() for end in ends)]
        for form, number, end in cases:
            with self.subTest(form=form, number=number, end=end):
                self.spiral(*self.TRAIN, "--log-format", form, "--iterations", "4")
                path = self.folder / f"spiral-out/loss.{form}"
                lines = path.read_text().splitlines()
                lines[number - 1] = lines[number - 1].rpartition(",")[0] + "," + end
                path.write_text("\n".join(lines) + "\n")
                self.spiral(*self.TRAIN, "--log-format", form, "--iterations", "8", "--resume", "spiral-out/checkpoint.npz", code=3)
                self.assertRegex(self.messages, rf"\Aspiral: error: spiral-out/loss\.{form}:[1-3]: found [^\n]*, expected [^\n]*\n\Z")


if __name__ == "__main__":
    unittest.main()
