"""--summary json of predict, check and gradcheck, beside the same numbers computed here or printed as text."""

import csv
import json
import math
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

IRIS = ROOT / "data" / "iris.csv"


class Predict(SpiralTest):
    def train(self, *arguments, out="out"):
        self.spiral("train", "--data", IRIS, "--standardize", "--no-figures", "-q", "--out", out, *arguments)
        return f"{out}/model.npz"

    def predict(self, *arguments, **others):
        return json.loads(self.spiral("predict", "--summary", "json", *arguments, **others))

    def expected(self, model, data=IRIS):
        """Accuracy, loss, and (name, rows, predicted, precision, recall) of each class, from the probabilities as CSV."""
        self.spiral("predict", "-m", model, "--data", data, "-q", "-p", "-o", "p.csv")
        with open(data, newline="", encoding="utf-8") as file:
            observed = [row[-1] for row in csv.reader(file)][1:]
        with open(self.folder / "p.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        names = [name.removeprefix("p:") for name in rows[0] if name.startswith("p:")]
        predicted = [row["class"] for row in rows]
        pairs = list(zip(observed, predicted))
        classes = []
        for name in names:
            right = pairs.count((name, name))
            there, said = observed.count(name), predicted.count(name)
            classes.append((name, there, said, right / said if said else None, right / there if there else None))
        loss = -math.fsum(math.log(float(row[f"p:{name}"])) for name, row in zip(observed, rows)) / len(rows)
        matrix = {a: {b: pairs.count((a, b)) for b in names} for a in names}
        return sum(a == b for a, b in pairs) / len(pairs), loss, classes, matrix

    def compare(self, summary, expected):
        accuracy, loss, classes, matrix = expected
        self.assertEqual(summary["accuracy"], accuracy)
        self.assertAlmostEqual(summary["data_loss"], loss, delta=1e-13 * max(1, loss))
        self.assertEqual([(c["name"], c["rows"], c["predicted"], c["precision"], c["recall"]) for c in summary["classes"]], classes)
        self.assertEqual(summary["confusion"], matrix)

    def test_one_model(self):
        model = self.train("--model", "linear", "--iterations", "30")
        self.compare(self.predict("-m", model, "--data", IRIS), self.expected(model))

    def test_the_loss_is_that_of_the_training(self):
        self.train("--hidden", "8", "--lr", "0.5", "--iterations", "300")
        summary = json.loads((self.folder / "out" / "summary.json").read_text(encoding="utf-8"))
        self.assertAlmostEqual(self.predict("-m", "out/model.npz", "--data", IRIS)["data_loss"], summary["data_loss"], delta=1e-14)

    def test_an_ensemble(self):
        models = [self.train("--hidden", "5", "--seed", seed, "--lr", "1", "--iterations", "20", out=f"out{seed}") for seed in range(3)]
        models = ",".join(models)
        self.compare(self.predict("-m", models, "--data", IRIS), self.expected(models))

    def test_a_probability_that_underflows_has_a_loss(self):
        (self.folder / "x.csv").write_text("x,label\n-1,a\n1,b\n", encoding="utf-8")
        (self.folder / "far.csv").write_text("x,label\n-1e6,b\n", encoding="utf-8")
        self.spiral("train", "--data", "x.csv", "--model", "linear", "--reg", "0", "--lr", "1", "-q", "--no-figures")
        one = self.predict("-m", "spiral-out/model.npz", "--data", "far.csv")
        two = self.predict("-m", "spiral-out/model.npz", "-m", "spiral-out/model.npz", "--data", "far.csv")
        self.assertGreater(one["data_loss"], 1e6)  # the scores differ by that; the probability is 0
        self.assertAlmostEqual(two["data_loss"] / one["data_loss"], 1, delta=1e-12)

    def test_a_class_that_is_never_predicted_or_never_there(self):
        model = self.train("--model", "linear", "--lr", "1e-9", "--iterations", "1")
        lines = IRIS.read_text(encoding="utf-8").splitlines(keepends=True)
        (self.folder / "part.csv").write_text("".join(lines[:1] + lines[101:]), encoding="utf-8")  # virginica alone
        summary = self.predict("-m", model, "--data", "part.csv")
        self.compare(summary, self.expected(model, self.folder / "part.csv"))
        self.assertIn(None, [c["recall"] for c in summary["classes"]])

    def test_more_blocks_than_one(self):
        self.spiral("generate", "--points-per-class", "7000", "--noise", "0.6", "-o", "many.csv")
        self.spiral("train", "--hidden", "5", "--iterations", "50", "--no-figures", "-q")
        self.compare(self.predict("-m", "spiral-out/model.npz", "--data", "many.csv"),
                     self.expected("spiral-out/model.npz", self.folder / "many.csv"))

    def test_data_without_classes(self):
        model = self.train("--model", "linear", "--iterations", "5")
        bare = "".join(line.rpartition(",")[0] + "\n" for line in IRIS.read_text(encoding="utf-8").splitlines())
        summary = self.predict("-m", model, "--data", "-", "-o", "classes.csv", text=bare)
        self.assertEqual((summary["rows"], summary["data"], summary["output"]), (150, "-", "classes.csv"))
        self.assertNotIn("accuracy", summary)
        self.assertEqual(len((self.folder / "classes.csv").read_text(encoding="utf-8").splitlines()), 151)

    def test_rows_without_a_label_are_not_counted(self):
        model = self.train("--model", "linear", "--iterations", "30")
        lines = IRIS.read_text(encoding="utf-8").splitlines(keepends=True)
        (self.folder / "most.csv").write_text("".join(lines[:141]), encoding="utf-8")
        bare = "".join(line.rpartition(",")[0] + ",\n" for line in lines[141:])
        (self.folder / "some.csv").write_text("".join(lines[:141]) + bare, encoding="utf-8")
        summary = self.predict("-m", model, "--data", "some.csv")
        self.assertEqual((summary["rows"], summary["unlabelled"]), (150, 10))
        self.compare(summary, self.expected(model, self.folder / "most.csv"))

    def test_names_are_whole(self):
        long = "a class's name of more than sixteen columns"
        (self.folder / "x.csv").write_text(f"x,label\n1,{long}\n2,\"b,\nc\"\n", encoding="utf-8")
        self.spiral("train", "--data", "x.csv", "--model", "linear", "--iterations", "2", "-q", "--no-figures")
        summary = self.predict("-m", "spiral-out/model.npz", "--data", "x.csv")
        self.assertEqual(set(summary["confusion"]), {long, "b,\nc"})

    def test_required_accuracy(self):
        model = self.train("--model", "linear", "--iterations", "30")
        accuracy = self.expected(model)[0]
        self.spiral("predict", "-m", model, "--data", IRIS, "-o", "p.csv", "-q", "--require-accuracy", accuracy)
        self.spiral("predict", "-m", model, "--data", IRIS, "-o", "q.csv", "-q", "--require-accuracy", accuracy + 1e-9, code=1)
        self.assertIn("--require-accuracy expected at least", self.messages)
        self.assertTrue((self.folder / "q.csv").exists())
        summary = self.predict("-m", model, "--data", IRIS, "--require-accuracy", "1", code=1)
        self.assertEqual(summary["accuracy"], accuracy)


if __name__ == "__main__":
    unittest.main()
