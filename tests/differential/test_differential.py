"""Random files, whole and broken: what np.loadtxt and np.load (nothing unpickled) accept and read, spiral accepts and reads
alike, to the last bit, but for the differences that tests/DIFFERENCES.md lists by name.

200 files; SPIRAL_DIFFERENTIAL_FILES=2000 for the long form. SPIRAL_DIFFERENTIAL_SEED draws others than the usual ones.
"""

import io
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest
import warnings
import zlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))
from support import SPIRAL, SpiralTest  # noqa: E402

import differences  # noqa: E402
import files  # noqa: E402

FILES = int(os.environ.get("SPIRAL_DIFFERENTIAL_FILES", "200"))
SEED = int(os.environ.get("SPIRAL_DIFFERENTIAL_SEED", "0"))
PAGE = HERE.parent / "DIFFERENCES.md"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def number_labels(labels):
    """Class numbers: the distinct labels in order, by value when all are numbers and none is a code."""
    labels = [label.strip(" \t") for label in labels]
    code = any(re.match("[+-]?0[0-9]", label) or "e" in label.lower() for label in labels)
    if not code and all(NUMBER.fullmatch(label) and math.isfinite(float(label)) for label in labels):
        labels = [float(label) for label in labels]
    order = {label: k for k, label in enumerate(sorted(set(labels)))}
    return np.array([order[label] for label in labels], dtype="<i8")


def numpy_csv(content, header):
    """(X, y), or None when np.loadtxt refuses."""
    settings = {"delimiter": ",", "comments": None, "quotechar": '"', "skiprows": int(header), "ndmin": 2}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "input contained no data"

            def read(**more):
                return np.loadtxt(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=None), **settings, **more)

            texts = read(dtype=str)
            columns = texts.shape[1]
            if texts.size == 0 or columns < 2:
                return np.zeros((texts.shape[0], 0)), np.zeros(0, dtype="<i8")
            X = read(dtype=float, usecols=range(columns - 1))
    except ValueError:  # UnicodeDecodeError is one
        return None
    return X, number_labels(texts[:, -1].tolist())


def numpy_npy(*paths):
    """[X, y], or None when np.load refuses one of them."""
    arrays = []
    for path in paths:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                arrays.append(np.load(path, allow_pickle=False))
        except Exception:  # pylint: disable=broad-except  # of many kinds: SyntaxError, TokenError, EOFError ...
            return None
    return arrays


def crc32(X, y):
    """As summary.json has it: of N, D, X and y as little-endian bytes of 8."""
    return f"{zlib.crc32(np.array(X.shape, '<u8').tobytes() + X.astype('<f8').tobytes() + y.astype('<i8').tobytes()):08x}"


class Differential(SpiralTest):
    def spiral_reads(self, data, *options):
        """The CRC of what it read, or None when it refuses the file; anything else fails."""
        out = self.folder / "out"
        command = [SPIRAL, "train", "-q", "--no-figures", "--model", "linear", "--iterations", "1", "--init-scale", "0",
                   "--data", data, "--out", str(out), *options]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False, timeout=60)
        self.messages = done.stderr.decode("utf-8", "backslashreplace")
        if done.returncode == 3:
            self.assertRegex(self.messages, r"\Aspiral: error: [^\n]+\n\Z")
            return None
        self.assertIn(done.returncode, (0, 6), self.messages)  # 6: huge numbers diverge
        return json.loads((out / "summary.json").read_text(encoding="utf-8"))["data"]["crc32"]

    def compare(self, what, expected, found, known):
        """known: the differences that apply to this file. Returns the one that was seen, or None."""
        due = [one.name for one in known if one.always and found is not None]
        if expected == found and not due:
            return None
        seen = "numpy alone" if found is None else "spiral alone" if expected is None else "other numbers"
        for difference in known:
            if difference.seen == seen and not due:
                return difference.name
        kept = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / "spiral-differential"
        kept.mkdir(exist_ok=True)
        for path in self.folder.glob("*.[cn]*"):
            (kept / path.name).write_bytes(path.read_bytes())
        problem = f"spiral accepts {due[0]}" if due else f"{seen}, and no known difference"
        self.fail(f"{what}: {problem}; the files are in {kept}\n{self.messages}")

    def compare_csv(self, what, content, header):
        (self.folder / "data.csv").write_bytes(content)
        read = numpy_csv(content, header)
        found = self.spiral_reads("data.csv", "--header", "yes" if header else "no")
        expected = crc32(*read) if read is not None and len(read[1]) else None if read is None else "no data"
        body = content.split(b"\n", 1)[1] if header else content
        return self.compare(what, expected, found, differences.of_csv(body, header, read))

    def compare_npy(self, what, X_content, y_content):
        (self.folder / "X.npy").write_bytes(X_content)
        (self.folder / "y.npy").write_bytes(y_content)
        arrays = numpy_npy(self.folder / "X.npy", self.folder / "y.npy")
        found = self.spiral_reads("X.npy,y.npy")
        known = differences.of_npy(X_content, y_content, arrays)
        expected = None
        if arrays is not None:
            try:
                X, y = arrays
                labels = (y.astype("u1") if y.dtype.kind == "b" else y).ravel().tolist()
                labels = [label.decode() if isinstance(label, bytes) else str(label) for label in labels]
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # complex numbers cast to real ones
                    expected = crc32(np.ascontiguousarray(X), number_labels(labels))
            except (ValueError, TypeError, AttributeError, UnicodeDecodeError, SystemError):  # the last: no Unicode
                expected = "not numbers"
        return self.compare(what, expected, found, known)

    def test_random_files(self):
        seen = {}
        accepted = 0
        for number in range(FILES):
            seed = f"{SEED}:{number}"
            with self.subTest(seed=seed):
                stream = random.Random(seed)
                what = f"SPIRAL_DIFFERENTIAL_SEED={SEED}, file {number}"
                if number % 2:
                    name = self.compare_npy(what, *files.npy(stream, number))
                else:
                    name = self.compare_csv(what, *files.csv(stream))
                accepted += self.messages == ""
                seen[name] = seen.get(name, 0) + 1
        print(f"{FILES} files from seed {SEED}, {accepted} accepted: {seen.pop(None, 0)} alike;",
              ", ".join(f"{name} {count}" for name, count in sorted(seen.items())))
        self.assertGreater(accepted, FILES // 5)  # or nothing is compared

    def test_each_difference_is_there(self):
        """An example of each: it is refused or read as the list says, and known by its own name."""
        for difference in differences.CSV + differences.NPY:
            with self.subTest(name=difference.name):
                if difference in differences.CSV:
                    name = self.compare_csv(difference.name, difference.example, False)
                else:
                    name = self.compare_npy(difference.name, *difference.example)
                self.assertEqual(name, difference.name, self.messages)

    def test_the_page_lists_them(self):
        row = re.compile(r"^\| ([^|]+?) \| (numpy alone|spiral alone|other numbers) \|", re.M)
        named = row.findall(PAGE.read_text(encoding="utf-8"))
        self.assertEqual(named, [(one.name, one.seen) for one in differences.CSV + differences.NPY])


if __name__ == "__main__":
    unittest.main()
