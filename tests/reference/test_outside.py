"""Numbers of public sources come out, and docs/outside-numbers.md says so."""

import csv
import re
import unittest

import numpy as np

import outside
from support import ROOT, SpiralTest


class Outside(SpiralTest):
    def check(self, source):
        found = outside.run(source)
        for iteration, printed in source.printed.items():
            with self.subTest(source=source.name, iteration=iteration):
                if iteration in source.within:
                    self.assertLessEqual(abs(float(found[iteration]) - float(printed)), source.within[iteration])
                else:
                    self.assertEqual(found[iteration], printed)

    def toy_net(self, *arguments):
        """The course's data and network; X, and what the program prints."""
        X = 10 * np.random.RandomState(1).randn(5, 4)
        np.savez(self.folder / "toy.npz", X=X, y=np.array([0, 1, 2, 2, 1]))
        return X, self.spiral(*arguments, "--data", "toy.npz", "--init-scale", 0.1, "--hidden", 10, "--reg", 0.1)

    def test_the_toy_net_has_the_scores_of_the_course(self):
        printed = [[-0.81233741, -1.27654624, -0.70335995], [-0.17129677, -1.18803311, -0.47310444],
                   [-0.51590475, -1.01354314, -0.8504215], [-0.15419291, -0.48629638, -0.52901952],
                   [-0.00618733, -0.12435261, -0.15226949]]
        X, _ = self.toy_net("train", "--iterations", 1, "--lr", 1e-300, "--no-figures", "--quiet", "--out", "out")
        model = np.load(self.folder / "out" / "model.npz")
        scores = np.maximum(0, X @ model["W1"] + model["b1"]) @ model["W2"] + model["b2"]
        np.testing.assert_array_equal(np.round(scores, 8), printed)

    def test_the_toy_net_s_gradient_errors_are_below_1e_8(self):
        """As the course expects them: "these should all be less than 1e-8 or so"."""
        _, printed = self.toy_net("gradcheck")
        errors = re.findall(r"(?m)^[Wb]\d +\d+ +\d+ +(\S+)", printed)
        self.assertEqual(len(errors), 10)  # of the loss and the data loss 4, of the regularisation 2
        self.assertTrue(all(float(error) < 1e-8 for error in errors), printed)

    def test_the_toy_net_trained(self):
        """100 batches of 200 of the five rows with replacement, the rate times 0.95 each time (FortiLeiZhang/cs231n)."""
        random = np.random.RandomState(0)
        random.randn(4, 10), random.randn(10, 3)  # the weights, which the program draws
        X, y = 10 * np.random.RandomState(1).randn(5, 4), np.array([0, 1, 2, 2, 1])
        rate, start, losses = 0.1, ("--init-scale", 0.1), []
        for i in range(100):
            rows = random.choice(5, 200)
            np.savez(self.folder / "batch.npz", X=X[rows], y=y[rows], classes=np.array(["0", "1", "2"]))
            self.spiral("train", "--data", "batch.npz", *start, "--hidden", 10, "--reg", 1e-5, "--lr", repr(rate), "--iterations", 1,
                        "--no-figures", "--quiet", "--out", f"out{i % 2}")
            with open(self.folder / f"out{i % 2}" / "loss.csv", newline="", encoding="utf-8") as file:
                losses.append(float(next(csv.DictReader(file))["loss"]))
            rate, start = rate * 0.95, ("--init-from", f"out{i % 2}/model.npz")
        self.assertEqual((f"{losses[0]:.6f}", f"{losses[-1]:.15f}"), ("1.241994", "0.017149607938732"))

    def test_lines_after_3000_depend_on_the_last_bit(self):
        """What docs/training.md says of the notebook run from its top: starts one unit in the last place apart."""
        random = np.random.RandomState(0)
        random.randn(306)
        W1, W2 = 0.01 * random.randn(2, 100), 0.01 * random.randn(100, 3)
        logs = []
        for start in range(4):
            moved = W1.copy()
            moved.flat[37 * start] = np.nextafter(moved.flat[37 * start], start)
            np.savez(self.folder / "weights.npz", W1=moved, b1=np.zeros(100), W2=W2, b2=np.zeros(3))
            self.spiral("train", "--init-from", "weights.npz", "--log-every", 1000, "--no-figures", "--quiet", "--out", "out")
            with open(self.folder / "out" / "loss.csv", newline="", encoding="utf-8") as file:
                logs.append([float(row["loss"]) for row in csv.DictReader(file)])
        spread = np.ptp(logs, axis=0)
        self.assertLess(spread[3], 1e-8)
        self.assertTrue(1e-7 < spread[4] < 1e-5 and 1e-5 < spread[9] < 1e-3, spread)

    def test_the_page_has_every_source_and_what_spiral_prints(self):
        """What is chaotic there is another machine's."""
        page = (ROOT / "docs" / "outside-numbers.md").read_text(encoding="utf-8").splitlines()
        for source in outside.SOURCES:
            if source.within:
                self.assertTrue(any(line.startswith(f"| {source.where} | `{source.options}` | 0: {source.printed[0]}, ") for line in page),
                                source.name)
            else:
                self.assertIn(outside.table_row(source, source.printed), page)


def add(source):
    def test(self):
        self.check(source)

    setattr(Outside, f"test_{source.name}", test)


for each in outside.SOURCES:
    add(each)

if __name__ == "__main__":
    unittest.main()
