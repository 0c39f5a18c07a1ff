"""spiral check passes on the notes' data, and fails with the right line on data that is spoiled.

For each of the ten lines there is a data set that is certain to fail it. A spoiled set starts from `sound`, which passes all.
"""

import pathlib
import re
import unittest

import numpy as np
from support import ROOT, SpiralTest

IRIS = ROOT / "data" / "iris.csv"
NAMES = ("class balance", "constant columns", "feature scales", "feature means", "duplicated rows", "contradictions",
         "class overlap", "initial loss", "regularisation", "gradient", "twenty points", "layers")
LINE = re.compile(r"^(ok|warning|failed) +(\S.*?)  +(\S.*)$")


def sound(rows=60, seed=0):
    """Two features, three classes in three clouds, the rows in no order of class."""
    random = np.random.RandomState(seed)
    y = np.arange(rows) % 3
    X = np.array([[0.0, 1.0], [-0.9, -0.5], [0.9, -0.5]])[y] + 0.2 * random.randn(rows, 2)
    return X, y


class Check(SpiralTest):
    def check(self, *arguments, code=0):
        """{name: (outcome, what was found)}; the lines are also wrapped as they should be."""
        printed = self.spiral("check", *arguments, code=code)
        self.assertLessEqual(max(map(len, printed.splitlines())), 80)
        found, name, in_advice = {}, None, False
        for line in printed.partition("\n\n")[2].partition("\n\nlayer ")[0].splitlines():
            match = LINE.match(line)
            in_advice = not match and (in_advice or line.lstrip().startswith(">"))
            if match:
                name = match.group(2)
                found[name] = [match.group(1), match.group(3)]
            elif not in_advice:
                found[name][1] += " " + line.strip()
        self.assertEqual(tuple(found), NAMES)
        advised = len(re.findall(r"^ {27}> ", printed, re.MULTILINE))
        self.assertEqual(advised, sum(outcome != "ok" for outcome, _ in found.values()))
        failed = [name for name in NAMES if found[name][0] == "failed"]
        self.assertEqual(code, 1 if failed else 0)
        errors = re.sub(r"\A\d+ rows, .*\n", "", self.messages)  # what was taken of a file
        self.assertEqual(errors, f"spiral: error: check: {len(failed)} of 12 failed: {', '.join(failed)}\n" if failed else "")
        return found

    def check_data(self, X, y, *arguments, code=1):
        np.savez(self.folder / "data.npz", X=np.asarray(X, dtype=float), y=np.asarray(y))
        return self.check("--data", "data.npz", *arguments, code=code)

    def fails(self, name, X, y, others=(), arguments=()):
        """The line fails, and no other line but those of others does; gives what it found."""
        found = self.check_data(X, y, *arguments)
        failed = {other for other in NAMES if found[other][0] == "failed"}
        self.assertIn(name, failed)
        self.assertLessEqual(failed, {name, "layers", *others})  # what spoils the data may spoil the first updates
        return found[name][1]

    # ---- what is sound ----

    def test_the_notes_data_passes(self):
        """The three arms start at one point, the origin: that is a warning."""
        for seed in (0, 1, 7):
            found = self.check("--seed", seed)
            self.assertEqual([name for name in NAMES if found[name][0] != "ok"], ["contradictions"])
            floor = 3 * np.log(3) / 300
            self.assertEqual(found["contradictions"][1], "3 of 300 rows (1 %) equal a row of another class, so that no "
                             f"accuracy can be above 0.993, no mean data loss below {floor:.3g}")

    def test_a_linear_classifier_is_only_warned_that_it_cannot_learn_the_spiral(self):
        self.assertEqual(self.check("--model", "linear")["twenty points"][0], "warning")

    def test_sound_data_passes_every_line(self):
        X, y = sound()
        for arguments in ([], ["--standardize"], ["--reduction", "sum", "--lr", "0.01"], ["--hidden", "20,10", "--init-scale", "0.1"], ["--model", "linear"]):
            found = self.check_data(X, y, *arguments, code=0)
            self.assertEqual({outcome for outcome, _ in found.values()}, {"ok"}, (arguments, found))

    def test_iris_is_warned_about_its_means_until_it_is_standardised(self):
        table = np.genfromtxt(IRIS, delimiter=",", skip_header=1, usecols=range(4), comments="#")
        deviations = table.std(axis=0)
        found = self.check("--data", IRIS, code=1)  # with a rate of 1 it does not learn so
        self.assertEqual([name for name in NAMES if found[name][0] != "ok"], ["feature means", "layers"])
        self.assertEqual(found["layers"], ["failed", "after 100 updates all units of hidden layer 1 are dead"])
        self.assertIn(f"at most {max(table.mean(axis=0) / deviations):.3g} deviations", found["feature means"][1])
        self.assertIn(f"deviations {min(deviations):.3g} (sepal_width) to {max(deviations):.3g} (petal_length)",
                      found["feature scales"][1])
        copies = len(table) - len(np.unique(table, axis=0))
        self.assertTrue(found["duplicated rows"][1].startswith(f"{copies} of 150 rows"))
        found = self.check("--data", IRIS, "--standardize")
        self.assertEqual({outcome for outcome, _ in found.values()}, {"ok"})

    # ---- what is spoiled: a set a line ----

    def test_a_class_of_one_row(self):
        X, y = sound()
        y = np.where(np.arange(60) == 5, 3, y)
        self.assertIn("the smallest of 4 classes, 3, has 1 row", self.fails("class balance", X, y))

    def test_classes_of_two_and_a_hundred_rows(self):
        X, y = sound(rows=306)
        keep = (y != 1) | (np.cumsum(y == 1) <= 2)
        self.assertIn("a ratio of 51", self.fails("class balance", X[keep], y[keep]))

    def test_a_constant_column(self):
        X, y = sound()
        found = self.fails("constant columns", np.column_stack([X, np.full(60, 0.1)]), y)
        self.assertEqual(found, "1 of the 3 features: x2 is 0.1 in every row")

    def test_a_column_in_millimetres_beside_one_in_kilometres(self):
        X, y = sound()
        X = X * [1e6, 1]
        ratio = X[:, 0].std() / X[:, 1].std()
        self.assertIn(f"a ratio of {ratio:.3g}", self.fails("feature scales", X, y, others=["initial loss", "gradient"]))
        self.assertEqual(self.check_data(X, y, "--standardize", code=0)["feature scales"][0], "ok")

    def test_a_column_of_seconds_since_1970(self):
        X, y = sound()
        X = X + [1.7e9, 0]
        self.fails("feature means", X, y, others=["initial loss", "gradient"])
        self.assertEqual(self.check_data(X, y, "--standardize", code=0)["feature means"][0], "ok")

    def test_every_row_three_times(self):
        X, y = sound()
        found = self.fails("duplicated rows", np.repeat(X, 3, axis=0), np.repeat(y, 3))
        self.assertEqual(found, "120 of 180 rows (67 %) repeat an earlier one with its label")

    def test_a_tenth_of_the_rows_again_with_another_label(self):
        X, y = sound(rows=100)
        found = self.fails("contradictions", np.vstack([X, X[:10]]), np.append(y, (y[:10] + 1) % 3))
        self.assertTrue(found.startswith("20 of 110 rows"))
        self.assertIn(f"above {100 / 110:.3f}, no mean data loss below {20 * np.log(2) / 110:.3g}", found)

    def test_features_that_someone_forgot_to_divide(self):
        X, y = sound()
        self.fails("initial loss", X * 1e6, y, others=["gradient"])
        self.check_data(X * 1e6, y, "--standardize", code=0)

    def test_features_so_large_that_the_weights_no_longer_count(self):
        """A loss of about 1e17 does not change when 1/2 sum W^2, less than 1, is added."""
        X, y = sound()
        self.fails("regularisation", X * 1e20, y, others=["initial loss", "gradient"])

    def test_features_so_large_that_the_loss_rounds_the_gradient_away(self):
        """Scores of about 1e11 are 1e-5 apart, a step of the gradient check moves them by 1e-3; the loss still rises with reg."""
        X, y = sound()
        found = self.check_data(X * 1e14, y)
        self.assertEqual((found["gradient"][0], found["regularisation"][0]), ("failed", "ok"))

    def test_pairs_of_two_classes_a_hair_apart(self):
        """No two rows are the same, but to tell each pair apart takes weights of 1e12: what is left is ln 2."""
        X, _ = sound(rows=10)
        found = self.fails("twenty points", np.vstack([X, X + 1e-13]), np.repeat([0, 1], 10))
        self.assertTrue(found.startswith("mean loss 0.693 after"), found)

    def test_scores_that_overflow(self):
        """Infinite scores leave no loss at all, and nothing is made of it but failures."""
        X, y = sound()
        found = self.check_data(X * 1e307, y, "--init-scale", 100)
        self.assertEqual((found["initial loss"][0], found["regularisation"][0]), ("failed", "failed"))

    # ---- a model that is spoiled ----

    def test_first_weights_of_10(self):
        self.assertEqual(self.check("--init-scale", 10, code=1)["initial loss"][0], "failed")

    def test_weights_of_all_but_0_fail_a_network_and_warn_of_a_linear_classifier(self):
        X, y = sound()
        found = self.check_data(X, y, "--init-scale", "1e-200")
        self.assertEqual(found["regularisation"][0], "failed")
        found = self.check_data(X, y, "--init-scale", "1e-200", "--model", "linear", code=0)
        self.assertEqual(found["regularisation"][0], "warning")

    def test_a_name_of_any_length_and_kind_is_shown_short(self):
        X, y = sound()
        (self.folder / "x.csv").write_text("".join(
            ["é" * 80 + ",b\x1b[2J,class\n"] + [f"1,{a},{k}\n" for (a, _), k in zip(X.tolist(), y)]), encoding="utf-8")
        found = self.check("--data", "x.csv", code=1)
        self.assertEqual(found["constant columns"][1], "1 of the 2 features: " + "é" * 16 + " is 1 in every row")
        self.assertIn("(b\\x1b[2J)", found["feature scales"][1])

    def test_the_help_names_the_limits(self):
        text = " ".join(self.spiral("check", "--help").split())
        header = (ROOT / "include" / "spiral" / "sanity.h").read_text(encoding="utf-8")
        limits = dict(re.findall(r"^#define SPIRAL_SANITY_(\w+) (\S+)$", header, re.MULTILINE))
        for pattern, name in ((r"the largest class over (\S+)", "BALANCE_WARNING"), (r"over \S+ and (\S+) times the "
                              "smallest; a class", "BALANCE_FAILED"), (r"deviation over (\S+)", "SCALE_WARNING"),
                              (r"updates? by adam|after (\d+) updates", "POINTS_UPDATES")):
            match = re.search(pattern, text)
            self.assertEqual(float(match.group(1)), float(limits[name]), name)


if __name__ == "__main__":
    unittest.main()
