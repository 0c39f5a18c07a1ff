"""The commonest files, as docs/data.md lists them: each is made here in small, and the page's own command trains on it, to the
rows, features and classes that it has, without a warning."""

import json
import random
import re
import shlex
import unittest

import numpy as np

from support import ROOT, SpiralTest

ROWS = 60
STREAM = random.Random(16)
SPECIES = ["setosa", "versicolor", "virginica"]


def numbers(count, kind):
    """Measurements whose mean depends on the class."""
    return [f"{STREAM.gauss(5 + 2 * kind + d, 1):.2f}" for d in range(count)]


def lines(row, *before, after=()):
    return "\n".join([*before, *(row(i, i % 3) for i in range(ROWS)), *after]) + "\n"


def adult(i, k):
    texts = ["State-gov", "Bachelors", "Never-married", "Adm-clerical", "Not-in-family", "White", "Male", "?"]
    fields = [str(20 + i % 40), texts[0], str(70000 + 37 * (i % 31)), texts[1], str(7 + i % 9), *texts[2:7],
              str(i % 2 * 2174), "0", str(35 + i % 9), texts[7], "<=50K" if k else ">50K"]
    return ", ".join(fields)


def mnist(i, k):
    return ",".join([str(k), *(str(STREAM.choice([0, STREAM.randrange(256)]) if 100 < d < 700 else 0) for d in range(784))])


# name: (the file's text, rows, features, classes)
FILES = {
    "Iris.csv": (lines(lambda i, k: ",".join([str(i + 1), *numbers(4, k), f"Iris-{SPECIES[k]}"]),
                       "Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm,Species"), ROWS, 4, 3),
    "wine.data": (lines(lambda i, k: ",".join([str(k + 1), *numbers(12, k), str(500 + 7 * (i * 37 % 50))])), ROWS, 13, 3),
    "wdbc.data": (lines(lambda i, k: ",".join([str(842302 + 7919 * i * i % 90001), "MB"[k > 0], *numbers(30, k)])), ROWS, 30, 2),
    "adult.data": (lines(adult, after=[""]), ROWS, 6, 2),
    "glass.data": (lines(lambda i, k: ",".join([str(i + 1), *numbers(9, k), str([1, 2, 7][k])])), ROWS, 9, 3),
    "seeds_dataset.txt": (lines(lambda i, k: ("\t\t" if i % 9 == 4 else "\t").join([*numbers(7, k), str(k + 1)])), ROWS, 7, 3),
    "housing.data": (lines(lambda i, k: " " + "  ".join(f"{n:>8}" for n in [*numbers(3, k), str(int(i % 4 == 0)), *numbers(10, k)])),
                     ROWS, 13, 2),
    "mnist_train.csv": (lines(mnist, ",".join(["label", *(f"pixel{d}" for d in range(784))])), ROWS, 784, 3),
    "iris_r.csv": (lines(lambda i, k: ",".join([f'"{i + 1}"', *numbers(4, k), f'"{SPECIES[k]}"']),
                         '"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"'), ROWS, 4, 3),
    "export.csv": (lines(lambda i, k: ";".join([*numbers(2, k), SPECIES[k]]).replace(".", ","), "sep=;", "len;wid;kind",
                         after=[";;", ";;"]).replace("\n", "\r\n"), ROWS, 2, 3),
    "arrays.npz": (None, ROWS, 2, 3),
}


class Tables(SpiralTest):
    def test_the_commands_of_the_page(self):
        page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
        section = page[page.index("## Files as people have them"):]
        commands = re.findall(r"\| `(spiral train [^`]+)` \|$", section, re.MULTILINE)
        self.assertEqual(len(commands), len(FILES))
        seen = set()
        for command in commands:
            with self.subTest(command):
                _, *arguments = shlex.split(command)
                name = arguments[arguments.index("--data") + 1]
                text, rows, features, classes = FILES[name]
                seen.add(name)
                if text is not None:
                    (self.folder / name).write_bytes(text.encode())
                else:
                    y = np.arange(ROWS) % 3
                    np.savez(self.folder / name, np.c_[y, -y] + np.random.RandomState(0).randn(ROWS, 2), y)
                self.spiral(*arguments, "--iterations", 10, "--no-figures", "--out", f"out-{name}")
                data = json.loads((self.folder / f"out-{name}" / "summary.json").read_text())["data"]
                self.assertEqual((data["rows"], data["features"], data["classes"]), (rows, features, classes))
                self.assertNotIn("warning", re.sub(".*units of hidden layer.*", "", self.messages))
        self.assertEqual(seen, set(FILES))


if __name__ == "__main__":
    unittest.main()
