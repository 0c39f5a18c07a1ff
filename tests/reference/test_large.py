"""Data larger than memory: .npy is mapped, what is generated is written as it is drawn, CSV costs little more than its
numbers. Bounds are on the memory that the process has of its own; nothing depends on how fast it runs."""

import os
import pathlib
import subprocess
import unittest
import zipfile

from support import SPIRAL, SpiralTest

MEGABYTE = 1 << 20
SANITIZED = b"__asan_init" in pathlib.Path(SPIRAL).read_bytes()


def status_kilobytes(process, name):
    try:
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name + ":")), 0)


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is far more than what is measured")
@unittest.skipUnless(os.path.exists("/proc/self/status"), "there is no /proc to read the memory in use from")
class OwnMemory(SpiralTest):
    CLASSES, POINTS = 3, 1000000
    X_BYTES, Y_BYTES = 16 * CLASSES * POINTS, 8 * CLASSES * POINTS

    def peak(self, *arguments):
        """Runs the program; the most anonymous memory that was seen, in bytes."""
        most = samples = 0
        with subprocess.Popen([SPIRAL, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                seen = status_kilobytes(process, "RssAnon")
                most, samples = max(most, seen), samples + (seen > 0)
        self.assertEqual(process.returncode, 0)
        self.assertGreater(samples, 10)
        return most * 1024

    def generate(self, output):
        return self.peak("generate", "--classes", self.CLASSES, "--points-per-class", self.POINTS, "-o", output)

    def test_generate_and_train_from_npy(self):
        self.assertLess(self.generate("X.npy,y.npy"), 16 * MEGABYTE)
        self.assertEqual((self.folder / "X.npy").stat().st_size, 128 + self.X_BYTES)
        self.assertEqual((self.folder / "y.npy").stat().st_size, 128 + self.Y_BYTES)
        for model in (["--model", "linear"], ["--hidden", "8"], ["--hidden", "8", "--standardize"]):
            own = self.peak("train", "--data", "X.npy,y.npy", *model, "--iterations", 1, "--no-figures", "--threads", 2)
            self.assertLess(own, 16 * MEGABYTE + self.Y_BYTES, f"{model}: y is read, X takes {self.X_BYTES} bytes")

    def test_csv_takes_a_little_more_than_its_numbers(self):
        self.assertLess(self.generate("s.csv"), 16 * MEGABYTE)
        own = self.peak("train", "--data", "s.csv", "--model", "linear", "--iterations", 1, "--no-figures")
        self.assertLess(own, 1.2 * (self.X_BYTES + self.Y_BYTES))


class Mapped(SpiralTest):
    def train(self, data, out, *arguments):
        self.spiral("train", "--data", data, "--hidden", 7, "--iterations", 20, "--no-figures", "--out", out, *arguments)
        with zipfile.ZipFile(self.folder / out / "model.npz") as model:
            entries = {name: model.read(name) for name in model.namelist()}
        entries.pop("label.npy", None)  # the name of the label's column, of CSV alone
        return entries

    def test_mapped_and_read_data_train_the_same_bytes(self):
        """The three formats hold the same doubles; .npz and CSV are read into memory."""
        for output in ("X.npy,y.npy", "s.npz", "s.csv"):
            self.spiral("generate", "--points-per-class", 3001, "-o", output)
        before = [(self.folder / name).read_bytes() for name in ("X.npy", "y.npy")]
        for more in ([], ["--standardize"]):
            mapped = self.train("X.npy,y.npy", "mapped", *more)
            self.assertTrue(mapped == self.train("s.npz", "npz", *more))
            self.assertTrue(mapped == self.train("s.csv", "csv", *more))
        after = [(self.folder / name).read_bytes() for name in ("X.npy", "y.npy")]
        self.assertTrue(before == after)


if __name__ == "__main__":
    unittest.main()
