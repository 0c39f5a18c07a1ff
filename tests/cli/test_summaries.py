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
        for name in ("accuracy", "correct", "data_loss", "classes", "confusion"):
            self.assertIsNone(summary[name], name)
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

class Check(SpiralTest):
    def both(self, *arguments, code=0):
        """The JSON, and the lines of text as {check: outcome}, with the last line."""
        summary = json.loads(self.spiral("check", *arguments, "--summary", "json", code=code))
        message = self.messages
        text = self.spiral("check", *arguments, code=code)
        self.assertEqual(self.messages, message)
        found = re.findall(r"^(ok|warning|failed) +(\S.*?)  ", text, re.MULTILINE)
        return summary, {name: outcome for outcome, name in found}, text

    def compare(self, summary, outcomes, text):
        self.assertEqual({check["name"]: check["outcome"] for check in summary["checks"]}, outcomes)
        for name in ("ok", "warning", "failed"):
            key = "warnings" if name == "warning" else name
            self.assertEqual(summary[key], list(outcomes.values()).count(name))
            self.assertRegex(text, rf"{summary[key]} {name}")
        self.assertEqual(summary["passed"], summary["failed"] == 0)
        words = " ".join(text.split())
        for check in summary["checks"]:
            self.assertIn(" ".join(check["found"].split()), words)
            self.assertEqual(check["outcome"] == "ok", check["advice"] == "")
            for remedy in check["try"]:
                self.assertIn(remedy, words)

    def test_data_that_pass(self):
        summary, outcomes, text = self.both("--data", IRIS, "--standardize")
        self.compare(summary, outcomes, text)
        self.assertTrue(summary["passed"])
        self.assertEqual((summary["data"]["rows"], summary["network"]["sizes"]), (150, [4, 100, 3]))

    def test_data_that_fail(self):
        rows = "".join(f"{i},{i * 1e6},7,{'ab'[i % 2]}\n" for i in range(20))
        (self.folder / "x.csv").write_text(rows, encoding="utf-8")
        summary, outcomes, text = self.both("--data", "x.csv", code=1)
        self.compare(summary, outcomes, text)
        failed = {check["name"]: check for check in summary["checks"] if check["outcome"] == "failed"}
        self.assertIn("constant columns", failed)
        self.assertIn("--standardize", failed["feature scales"]["try"])


class Gradcheck(SpiralTest):
    def both(self, *arguments, code=0):
        summary = json.loads(self.spiral("gradcheck", *arguments, "--summary", "json", code=code))
        message = self.messages
        text = self.spiral("gradcheck", *arguments, code=code)
        self.assertEqual(self.messages, message)
        return summary, text

    def compare(self, summary, text):
        rows = re.findall(r"^([Wb]\d*) +(\d+) +(\d+) +(\S+)(?: +(\S+) +(\S+) +(\S+) +(\S+)  (.*))?$", text, re.MULTILINE)
        self.assertEqual(len(rows), len(summary["groups"]))
        for (name, coordinates, kinks, worst, _, place, analytic, numeric, grade), group in zip(rows, summary["groups"]):
            self.assertEqual((group["group"], group["coordinates"], group["kinks"]), (name, int(coordinates), int(kinks)))
            self.assertAlmostEqual(group["worst_error"], float(worst), delta=0.006 * float(worst))
            self.assertEqual((group["at"], group["grade"]), (place, grade))
            self.assertAlmostEqual(group["analytic"], float(analytic), delta=1e-10 * abs(float(analytic)))
            self.assertAlmostEqual(group["numeric"], float(numeric), delta=1e-10 * abs(float(numeric)))

    def test_a_gradient_that_passes(self):
        summary, text = self.both("--points-per-class", "10", "--hidden", "4")
        self.compare(summary, text)
        self.assertTrue(summary["passed"])
        self.assertEqual({group["part"] for group in summary["groups"]}, {"loss", "data_loss", "reg_loss"})
        self.assertEqual(summary["worst_error"], max(g["worst_error"] for g in summary["groups"] if g["part"] == "loss"))

    def test_a_gradient_without_a_number(self):
        (self.folder / "big.csv").write_text("1e160,0,a\n-1e160,1,b\n1e160,2,a\n3e159,1,b\n", encoding="utf-8")
        summary, text = self.both("--data", "big.csv", "--hidden", "3", code=1)
        self.assertFalse(summary["passed"])
        self.assertGreater(sum(group["wrong"] for group in summary["groups"]), 0)
        self.assertIn("no number", text)
        self.assertIn("no number", [group["grade"] for group in summary["groups"]])


if __name__ == "__main__":
    unittest.main()
