"""The pages as files: they hold nothing that a browser would fetch or run but their own style and script."""

import base64
import hashlib
import json
import pathlib
import re
import sys
import unittest
from html.parser import HTMLParser

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
import hostile  # noqa: E402
from support import SpiralTest, comparable  # noqa: E402

# What makes a browser fetch something, or run it.
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background", "style"}


class Reader(HTMLParser):
    """The elements of a page, with their attributes, and the texts of those that hold text alone."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self.inside = [], [], None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style", "title"):
            self.inside = len(self.elements) - 1
            self.texts.append([self.elements[-1], ""])

    def handle_endtag(self, tag):
        if tag in ("script", "style", "title"):
            self.inside = None

    def handle_data(self, data):
        if self.inside is not None:
            self.texts[-1][1] += data

    def text_of(self, tag, **attributes):
        return [text for (name, found), text in self.texts if name == tag and attributes.items() <= found.items()]


class PageFiles(SpiralTest):
    def check(self, path):
        """Reads a page, and gives back its data."""
        page = (self.folder / path).read_bytes().decode("utf-8")
        reader = Reader(page)
        scripts = [text for (name, found), text in reader.texts if name == "script" and "type" not in found]
        styles = reader.text_of("style")
        self.assertEqual((len(scripts), len(styles)), (1, 1))
        policies = [found["content"] for tag, found in reader.elements if found.get("http-equiv") == "Content-Security-Policy"]
        hashes = ["'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'" for text in scripts + styles]
        self.assertEqual(policies, [f"default-src 'none'; script-src {hashes[0]}; style-src {hashes[1]}; base-uri 'none'; form-action 'none'"])
        for tag, found in reader.elements:
            self.assertEqual([name for name in found if name in LOADING or name.startswith("on")], [], (tag, found))
            self.assertNotIn(tag, ("img", "link", "iframe", "object", "embed", "base", "form"))
        self.assertNotRegex(scripts[0], r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|fetch\(|XMLHttp|import ")
        (data,) = reader.text_of("script", id="data")
        return json.loads(data)

    def test_the_page_of_the_notes_run_is_small_and_complete(self):
        self.spiral("train", "--skip-draws", "24", "--out", "mlp", "-q", "--report")
        self.assertLess((self.folder / "mlp/report.html").stat().st_size, 1000000)
        data = self.check("mlp/report.html")
        self.assertLessEqual(len(data["iterations"]), 200)
        self.assertGreaterEqual(len(data["iterations"]), 100)
        self.assertEqual((data["iterations"][0], data["iterations"][-1]), (0, 10000))
        weights = base64.b64decode(data["weights"])
        self.assertEqual(len(weights), 4 * 603 * len(data["iterations"]))
        lines = (self.folder / "mlp/loss.csv").read_text().splitlines()
        self.assertEqual([data["log"]["header"], *data["log"]["lines"]], lines)
        summary = json.loads((self.folder / "mlp/summary.json").read_text())
        for name, value in summary.items():  # numbers have 15 digits here
            if isinstance(value, float):
                self.assertAlmostEqual(data["summary"].pop(name), value, delta=1e-14)
            else:
                self.assertEqual(data["summary"].pop(name), value)
        self.assertEqual(data["summary"], {})

    def test_report_writes_what_train_writes_and_changes_nothing_else(self):
        for options in ([], ["--batch-size", "32", "--optimizer", "adam", "--lr", "0.01", "--dropout", "0.1"],
                        ["--validation", "0.2", "--patience", "3", "--log-format", "jsonl"], ["--model", "linear", "--schedule", "cosine"],
                        ["--target-loss", "0.8"]):
            train = ["train", "--iterations", "700", "-q", "--points-per-class", "50", *options]
            self.spiral(*train, "--out", "without")
            self.spiral(*train, "--out", "with", "--report")
            for path in (self.folder / "without").iterdir():
                if path.name != "summary.json":
                    self.assertEqual(comparable(path), comparable(self.folder / "with" / path.name), path.name)
            self.spiral("report", "with", "-o", "again.html")
            self.assertEqual(self.messages, "")
            self.assertEqual((self.folder / "again.html").read_bytes(), (self.folder / "with/report.html").read_bytes(), options)

    def test_a_training_that_was_cut_short_is_shown_up_to_there(self):
        self.spiral("train", "--iterations", "100000000", "--schedule", "cosine", "-q", "--time-limit", "0.2", "--out", "cut")
        summary = json.loads((self.folder / "cut/summary.json").read_text())
        self.spiral("report", "cut", "-o", "cut.html")
        self.assertEqual(self.messages, "")  # it would warn of another loss
        self.assertEqual(self.check("cut.html")["iterations"][-1], summary["iterations"])

    def test_names_are_data(self):
        hostile.write_data(self.folder / "x.csv")
        self.spiral("train", "--data", "x.csv", "--hidden", "5", "--iterations", "100", "-q", "--out", "a<b>\"'&", "--report")
        data = self.check("a<b>\"'&/report.html")
        self.assertEqual(data["network"]["features"], hostile.FEATURES)
        self.assertEqual(data["network"]["classes"], sorted(hostile.CLASSES))
        self.assertEqual(data["summary"]["settings"]["out"], "a<b>\"'&")

    def test_the_page_of_an_explanation_is_a_file_of_its_own(self):
        hostile.write_data(self.folder / "x.csv")
        for options in (["--example"], ["--hidden", "3,4"], ["--data", "x.csv", "--model", "linear"]):
            self.spiral("explain", *options, "-o", "why.html")
            data = self.check("why.html")
            self.assertEqual(len(data["losses"]), len(data["observations"]))

    def test_a_large_page_is_thinned_out(self):
        self.spiral("train", "--points-per-class", "1500", "--hidden", "7", "--iterations", "3000", "--log-every", "1", "-q", "--no-figures",
                    "--out", "many", "--report")
        data = self.check("many/report.html")
        self.assertEqual((data["data"]["all_rows"], data["data"]["step"], len(data["data"]["y"])), (4500, 3, 1500))
        self.assertEqual((data["log"]["step"], len(data["log"]["lines"])), (4, 750))
        self.assertGreaterEqual(len(data["iterations"]), 100)
        self.assertTrue(set(data["iterations"][:-1]) <= {int(line.split(",")[0]) for line in data["log"]["lines"]})

    def test_a_page_of_many_weights_has_fewer_moments_and_rows(self):
        self.spiral("train", "--shape", "blobs", "--dimensions", "50", "--points-per-class", "500", "--hidden", "1000", "--iterations", "90",
                    "--log-every", "1", "--lr", "0.01", "-q", "--no-figures", "--out", "wide", "--report")
        data = self.check("wide/report.html")
        self.assertEqual((data["data"]["step"], len(data["data"]["y"])), (3, 500))  # 54003 weights times 500 are less than 40 million
        self.assertTrue(20 <= len(data["iterations"]) <= 55, data["iterations"])  # 3 million weights in all
        self.assertLess((self.folder / "wide/report.html").stat().st_size, 18000000)


if __name__ == "__main__":
    unittest.main()
