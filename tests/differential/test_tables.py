"""Random tables as people write them: with any delimiter, with names or without, quoted, with missing values. pandas is told how
each is written; spiral finds it out, and must read the same rows, columns and names, to the last bit. So does fread of R's
data.table, but for two kinds of tables that are named below.

200 tables; SPIRAL_DIFFERENTIAL_FILES=2000 for the long form. SPIRAL_DIFFERENTIAL_SEED draws others than the usual ones.
"""

import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import unittest
import zlib

import numpy as np
import pandas

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))
from support import SPIRAL, SpiralTest  # noqa: E402

TABLES = int(os.environ.get("SPIRAL_DIFFERENTIAL_FILES", "200"))
SEED = int(os.environ.get("SPIRAL_DIFFERENTIAL_SEED", "0"))
NAMES = [["length", "width", "depth", "mass"], ["x 1", "x,2", "x;3", "x|4"], ["2019", "a", "2020", "b"], ["V1", "V2", "V3", "inf"],
         ["1999", "2000", "2001", "2002"], ["0", "1", "2", "3"]]
CLASSES = [["a", "b"], ["Iris setosa", "Iris virginica", "Iris, other"], ["0", "1", "2"], ["yes", "no"], ["-1", "1"]]
MISSING = ["NA", "", "nan", "NULL", "N/A"]


def number(stream):
    return stream.choice([f"{stream.gauss(0, 30):.3f}", repr(stream.gauss(0, 1)), f"{stream.gauss(0, 1):.5e}", str(stream.randint(-99, 99)) + ".5"])


def table(stream):
    """(content, delimiter, names or None, the kind of table that fread reads otherwise or None)."""
    delimiter = stream.choice([",", ",", ";", "\t", "|", " "])
    features = stream.randint(2, 4)
    classes = stream.choice(CLASSES)
    names = stream.choice(NAMES)[:features] + ["kind"] if stream.random() < 0.6 else None
    gaps = stream.random() < 0.4
    quoted = stream.random() < 0.3

    def field(text):
        special = any(c in text for c in delimiter + '",') or (delimiter in " \t" and (" " in text or text == ""))
        return f'"{text}"' if quoted or special else text

    missing = MISSING if delimiter != " " else [text for text in MISSING if text]
    rows = [names] if names is not None else []
    for i in range(stream.randint(6, 30)):
        row = [number(stream) for _ in range(features)]
        if gaps and i > 2 and stream.random() < 0.2:
            row[stream.randrange(features)] = stream.choice(missing)
        rows.append([*row, classes[i % len(classes)]])
    between = delimiter if delimiter != " " or stream.random() < 0.5 else "   "
    end = stream.choice(["\n", "\n", "\r\n"])
    lines = [between.join(map(field, row)) for row in rows]
    if delimiter == "," and stream.random() < 0.1:
        lines.insert(0, "# a comment, of several words")
    content = end.join(lines) + stream.choice(["", end, end + end])
    return content, delimiter, names, read_otherwise_by_fread(rows, names, quoted)


def read_otherwise_by_fread(rows, names, quoted):
    if names is not None and all(name.isdigit() for name in names[:-1]):
        return "names that are numbers"
    if quoted and any(text in MISSING for row in rows[names is not None:] for text in row):
        return "a missing value in quotes"
    return None


def pandas_reads(content, delimiter, names):
    """(names, X, labels) without the rows that lack a value."""
    read = pandas.read_csv(io.StringIO(content), sep=delimiter if delimiter != " " else r"\s+", header=0 if names else None,
                           float_precision="round_trip", comment="#", dtype={-1: str}, skip_blank_lines=True)
    found = list(map(str, read.columns[:-1])) if names else [f"x{d}" for d in range(read.shape[1] - 1)]
    read = read.dropna()
    return found, read.iloc[:, :-1].to_numpy(dtype=float), read.iloc[:, -1].astype(str).tolist()


def checksum(X, y):
    """As spiral/dataset.h says: the CRC-32 of shape, X and y as little-endian bytes."""
    words = np.array(X.shape, "<u8").tobytes() + X.astype("<f8").tobytes() + np.array(y, "<i8").tobytes()
    return f"{zlib.crc32(words):08x}"


class Tables(SpiralTest):
    def spiral_reads(self, content):
        (self.folder / "t.csv").write_text(content, encoding="utf-8", newline="")
        done = subprocess.run([SPIRAL, "train", "-q", "--no-figures", "--model", "linear", "--iterations", "1", "--missing", "drop",
                               "--data", "t.csv", "--out", "out"], cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, f"{done.stderr}\n{content}")
        data = json.loads((self.folder / "out" / "summary.json").read_text(encoding="utf-8"))["data"]
        with np.load(self.folder / "out" / "model.npz", allow_pickle=False) as model:
            return data, model["features"].tolist()

    def test_random_tables(self):
        for count in range(TABLES):
            seed = f"{SEED}:{count}"
            with self.subTest(seed=seed):
                content, delimiter, names, _ = table(random.Random(seed))
                expected_names, X, labels = pandas_reads(content, delimiter, names)
                data, found_names = self.spiral_reads(content)
                self.assertEqual((data["rows"], found_names, sorted(data["class_names"])),
                                 (len(X), expected_names, sorted(set(labels))), content)
                y = [data["class_names"].index(label) for label in labels]
                self.assertEqual(data["crc32"], checksum(X, y), content)

    def test_fread_reads_the_same(self):
        if shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", "library(data.table)"], capture_output=True,
                                                             check=False).returncode != 0:
            self.skipTest("R's data.table is not installed")
        tables = [table(random.Random(f"{SEED}:{count}")) for count in range(TABLES)]
        for count, (content, *_) in enumerate(tables):
            (self.folder / f"{count}.csv").write_text(content, encoding="utf-8", newline="")
        subprocess.run(["Rscript", "--vanilla", HERE / "fread.R", self.folder], check=True)
        same = 0
        for count, (content, delimiter, names, otherwise) in enumerate(tables):
            if otherwise is not None:
                continue
            with self.subTest(seed=f"{SEED}:{count}"):
                expected_names, X, labels = pandas_reads(content, delimiter, names)
                lines = (self.folder / f"{count}.csv.fread").read_text(encoding="utf-8").splitlines()
                self.assertEqual(len(lines), 3, f"{lines}\n{content}")
                if names is not None:
                    self.assertEqual(lines[0].split("\t")[:-1], expected_names, content)
                numbers = np.array([float.fromhex(text) for text in lines[1].split("\t")]).reshape(X.shape)
                self.assertEqual(lines[2].split("\t"), labels, content)
                np.testing.assert_array_max_ulp(numbers, X, maxulp=1)  # fread does not round the last bit correctly
                same += 1
        self.assertGreater(same, TABLES // 2)


if __name__ == "__main__":
    unittest.main()
