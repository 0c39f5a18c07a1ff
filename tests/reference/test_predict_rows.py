"""spiral predict reads, predicts and writes a block of rows at a time: the numbers are NumPy's wherever a block ends, the
memory does not grow with the rows, and what is refused after many rows leaves no output."""

import os
import pathlib
import subprocess
import sys
import unittest

import numpy as np
from support import SPIRAL, SpiralTest

ROWS = 20001  # three blocks; the last one is short
KILOBYTES_MORE = 8000  # the bound on what 400,000 rows may take beyond 20,000; their numbers alone are 25,600 kB
SANITIZED = b"__asan_init" in pathlib.Path(SPIRAL).read_bytes()


class Rows(SpiralTest):
    FEATURES, CLASSES = 8, 3

    def setUp(self):
        super().setUp()
        stream = np.random.RandomState(3)
        names = np.array([f"k{k}" for k in range(self.CLASSES)])
        weights = [stream.randn(self.FEATURES, 20), stream.randn(20, self.CLASSES)]
        self.parameters = dict(W1=weights[0], b1=stream.randn(20), W2=weights[1], b2=stream.randn(self.CLASSES))
        np.savez(self.folder / "m.npz", classes=names, features=np.array([f"x{d}" for d in range(self.FEATURES)]),
                 activation=np.array("relu"), **self.parameters)

    def make(self, rows):
        stream = np.random.RandomState(rows)
        return stream.randn(rows, self.FEATURES), stream.randint(0, self.CLASSES, rows)

    def probabilities(self, X):
        p = self.parameters
        scores = np.maximum(0, X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        exp = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    def save(self, X, y):
        """The same data in every form; {--data: has it classes?}"""
        folder = self.folder
        np.savetxt(folder / "x.csv", X, delimiter=",", fmt="%.17g")
        with open(folder / "xy.csv", "w", encoding="utf-8") as file:
            for row, label in zip(X.tolist(), y.tolist()):
                file.write(",".join(map(repr, row)) + f",k{label}\n")
        np.save(folder / "X.npy", X)
        np.save(folder / "F.npy", np.asfortranarray(X))
        np.save(folder / "B.npy", X.astype(">f8"))
        np.save(folder / "y.npy", np.array([f"k{k}" for k in y]))
        np.savez(folder / "xy.npz", X=X, y=np.array([f"k{k}" for k in y]))
        return {"x.csv": False, "xy.csv": True, "X.npy": False, "F.npy,y.npy": True, "B.npy": False, "xy.npz": True}

    def test_every_form_of_many_rows_gives_numpy_s_probabilities(self):
        X, y = self.make(ROWS)
        expected = self.probabilities(X)
        right = int((expected.argmax(axis=1) == y).sum())
        first = None
        for data, has_classes in self.save(X, y).items():
            with self.subTest(data=data):
                self.spiral("predict", "-m", "m.npz", "--data", data, "-p", "-o", "p.csv")
                self.assertEqual(self.messages.startswith(f"accuracy: {right / ROWS:.4f} ({right} of {ROWS})\n"), has_classes)
                text = (self.folder / "p.csv").read_text(encoding="utf-8")
                first = first or text
                self.assertTrue(text == first, "another form of the data gives other bytes")
                rows = [line.split(",") for line in text.splitlines()]
                self.assertEqual(rows[0], ["class", "p:k0", "p:k1", "p:k2"])
                found = np.array([[float(field) for field in row[1:]] for row in rows[1:]])
                np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
                self.assertEqual([row[0] for row in rows[1:]], [f"k{k}" for k in expected.argmax(axis=1)])
        with open(self.folder / "x.csv", encoding="utf-8") as file:
            self.assertTrue(self.spiral("predict", "-m", "m.npz", "--data", "-", "-p", text=file.read()) == first)

    def test_the_mean_of_two_models(self):
        X, _ = self.make(ROWS)
        np.save(self.folder / "X.npy", X)
        one = self.probabilities(X)
        self.parameters["b2"] = self.parameters["b2"] + [1, 0, -1]
        np.savez(self.folder / "n.npz", classes=np.array(["k0", "k1", "k2"]), activation=np.array("relu"),
                 features=np.array([f"x{d}" for d in range(self.FEATURES)]), **self.parameters)
        mean = (one + self.probabilities(X)) / 2
        lines = self.spiral("predict", "-m", "m.npz,n.npz", "--data", "X.npy", "-p").splitlines()
        self.assertEqual(len(lines), ROWS + 1)
        np.testing.assert_allclose(np.array([line.split(",")[1:] for line in lines[1:]], dtype=float), mean, rtol=0, atol=1e-12)

    def refused(self, data, *expected):
        (self.folder / "p.csv").write_text("as it was\n", encoding="utf-8")
        before = sorted(path.name for path in self.folder.iterdir())
        self.spiral("predict", "-m", "m.npz", "--data", data, "-p", "-o", "p.csv", code=3)
        for text in expected:
            self.assertIn(text, self.messages)
        self.assertEqual(self.messages.count("\n"), 1)
        self.assertEqual((self.folder / "p.csv").read_text(encoding="utf-8"), "as it was\n")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)

    def test_what_is_refused_after_many_rows_leaves_no_output(self):
        X, y = self.make(ROWS)
        self.save(X, y)
        lines = (self.folder / "xy.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        for line, found in (("1,2,3,4,5,six,7,8,k0\n", "'six'"), ("1,2,3\n", "3 fields"), ("1,2,3,4,5,6,7,8,k9\n", "'k9'"),
                            ('1,2,3,4,5,6,7,"8,k0\n', "quote"), ("\n", "empty line")):
            (self.folder / "bad.csv").write_text("".join([*lines[:15000], line, *lines[15001:]]), encoding="utf-8")
            self.refused("bad.csv", "bad.csv:15001: ", found)

    def test_what_is_refused_is_named_by_its_row_of_the_whole_file(self):
        X, y = self.make(ROWS)
        self.save(X, y)
        far, nan, labels = X.copy(), X.copy(), np.array([f"k{k}" for k in y])
        far[15000] = 1e308
        nan[15000, 3] = np.nan
        labels[15000] = "k9"
        np.save(self.folder / "far.npy", far)
        np.save(self.folder / "nan.npy", nan)
        np.save(self.folder / "fortran.npy", np.asfortranarray(nan))
        np.save(self.folder / "k9.npy", labels)
        self.refused("far.npy", "observation 15000 (counted from 0)")
        self.refused("nan.npy", "X[15000, 3] is nan")
        self.refused("fortran.npy", "X[15000, 3] is nan")
        self.refused("X.npy,k9.npy", "'k9' of row 15001 (from 1)")

    def test_a_row_without_a_label_is_predicted_and_not_counted(self):
        X, y = self.make(ROWS)
        self.save(X, y)
        labels = np.array([f"k{k}" for k in y])
        labels[15000] = ""
        np.save(self.folder / "empty.npy", labels)
        self.spiral("predict", "-m", "m.npz", "--data", "X.npy,empty.npy", "-q", "-o", "some.csv")
        self.spiral("predict", "-m", "m.npz", "--data", "X.npy", "-q", "-o", "none.csv")
        self.assertEqual((self.folder / "some.csv").read_bytes(), (self.folder / "none.csv").read_bytes())
        self.spiral("predict", "-m", "m.npz", "--data", "X.npy,empty.npy", "-o", "p.csv")
        self.assertIn(f" of {ROWS - 1}; 1 row without a label)", self.messages)

    def peak(self, data, standard_input=None):
        """Runs predict to its end; the most memory it had, in kB, or a bare Python's when that is more: a process counts what it
        was forked from."""
        launcher = ("import os, resource, sys; code = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]); "
                    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)")
        command = [SPIRAL, "predict", "-m", "m.npz", "--data", data, "-p", "-o", "p.csv"]
        with open(standard_input or os.devnull, "rb") as text:
            done = subprocess.run([sys.executable, "-I", "-S", "-c", launcher, *command], cwd=self.folder, stdin=text,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return int(done.stdout)

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is far more than what is measured")
    def test_the_memory_does_not_grow_with_the_rows(self):
        peaks = []
        for rows in (20000, 400000):
            X, y = self.make(rows)
            forms = self.save(X, y)
            del forms["xy.npz"]  # is read whole
            found = {data: self.peak(data) for data in forms}
            found["-"] = self.peak("-", self.folder / "x.csv")
            peaks.append(found)
        for data, few in peaks[0].items():
            self.assertGreater(few, 1000)
            self.assertLess(peaks[1][data], few + KILOBYTES_MORE, data)


if __name__ == "__main__":
    unittest.main()
