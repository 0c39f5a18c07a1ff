"""`spiral predict` with several models gives the mean of their probabilities."""

import csv
import unittest

import numpy

from support import SpiralTest


class Ensemble(SpiralTest):
    def probabilities(self, models):
        self.spiral("predict", "-m", models, "--data", "x.csv", "-p", "-q", "-o", "p.csv")
        with open(self.folder / "p.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        return [row[0] for row in rows], numpy.array([[float(p) for p in row[1:]] for row in rows])

    def test_several_models_are_averaged(self):
        self.spiral("generate", "-o", "x.csv")
        for name, seed in (("a", "1"), ("b", "2"), ("c", "3")):
            self.spiral("train", "--data", "x.csv", "--seed", seed, "--hidden", "5", "--iterations", "40", "--out", name, "-q",
                        "--no-figures", "--init-scale", "1")
        single = [self.probabilities(f"{name}/model.npz")[1] for name in "abc"]
        classes, together = self.probabilities("a/model.npz,b/model.npz,c/model.npz")
        mean = sum(single) / 3
        self.assertLess(numpy.abs(together - mean).max(), 1e-15)
        self.assertEqual(classes, [str(k) for k in together.argmax(axis=1)])
        self.assertGreater(numpy.abs(single[0] - single[1]).max(), 0.01)


if __name__ == "__main__":
    unittest.main()
