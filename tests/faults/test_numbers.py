"""Data and settings at the ends of what is possible: finite numbers, or a named end."""

import os
import re
import sys
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))
from support import SpiralTest, read_log  # noqa: E402


class Numbers(SpiralTest):
    def train(self, X, y, *options, code=0, iterations=20, **names):
        np.savez(self.folder / "x.npz", X=np.asarray(X, dtype=float), y=np.asarray(y), **names)
        self.spiral("train", "--data", "x.npz", "--iterations", iterations, "--log-every", "1", "-q", "--no-figures", *options,
                    code=code)
        log = read_log(self.folder / "spiral-out/loss.csv")
        with np.load(self.folder / "spiral-out/model.npz", allow_pickle=False) as model:
            for name in model:
                if model[name].dtype.kind == "f":
                    self.assertTrue(np.isfinite(model[name]).all(), name)
        return log

    def test_one_feature(self):
        log = self.train([[-1], [1], [-2], [2]], [0, 1, 0, 1], "--model", "linear")
        self.assertLess(log[19]["loss"], log[0]["loss"])

    def test_two_rows(self):
        self.assertAlmostEqual(self.train([[0, 1], [1, 0]], [0, 1])[0]["data_loss"], np.log(2), places=3)

    def test_one_row_has_one_class(self):
        np.savez(self.folder / "x.npz", X=[[0.0, 1.0]], y=[0])
        self.spiral("train", "--data", "x.npz", code=3)
        self.assertIn("expected at least two classes", self.messages)

    def test_one_row_is_predicted(self):
        self.train([[0, 1], [1, 0]], [0, 1])
        (self.folder / "one.csv").write_text("0.5,0.5\n", encoding="utf-8")
        self.assertEqual(self.spiral("predict", "-m", "spiral-out/model.npz", "--data", "one.csv", "-q").count("\n"), 2)

    def test_a_thousand_classes(self):
        X = np.random.default_rng(1).normal(size=(2000, 3))
        self.assertAlmostEqual(self.train(X, np.arange(2000) % 1000)[0]["data_loss"], np.log(1000), places=2)

    def test_a_class_that_never_occurs(self):
        log = self.train([[0, 1], [1, 0], [0, 2]], [0, 2, 0], classes=np.array(["a", "never", "b"]))
        self.assertAlmostEqual(log[0]["data_loss"], np.log(3), places=3)

    def test_rows_that_are_all_equal(self):
        log = self.train([[1, 1]] * 4, [0, 1, 0, 1], "--standardize")
        self.assertAlmostEqual(log[19]["data_loss"], np.log(2), places=6)

    def test_scores_of_ten_thousand(self):
        log = self.train([[1e4, 0], [0, 1e4]], [1, 0], "--model", "linear", "--init-scale", "1", "--lr", "1e-9")
        self.assertTrue(np.isfinite(log[0]["loss"]))

    def test_scores_that_overflow_end_in_the_first_iteration(self):
        np.savez(self.folder / "x.npz", X=[[1e308, 1e308], [-1e308, 1e308]], y=[0, 1])
        self.spiral("train", "--data", "x.npz", "--init-scale", "1e10", "-q", code=6)
        self.assertIn("iteration 0", self.messages)

    def test_a_learning_rate_of_a_million_keeps_the_last_finite_model(self):
        X, y = np.random.default_rng(2).normal(size=(30, 2)), np.arange(30) % 3
        self.train(X, y, "--lr", "1e6", iterations=200, code=6)
        iteration = int(re.search(r"diverged at iteration (\d+): the loss is not a number", self.messages).group(1))
        kept = (self.folder / "spiral-out/model.npz").read_bytes()
        self.train(X, y, "--lr", "1e6", iterations=iteration - 1)
        self.assertEqual((self.folder / "spiral-out/model.npz").read_bytes(), kept)


if __name__ == "__main__":
    unittest.main()
