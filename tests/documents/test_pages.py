"""What stands in the pages, README.md and docs/*.md, works and is true.

Their blocks marked sh and python are run in order, those of a page in one scratch folder with data/ in it and spiral on the PATH.
A block marked text right below one is what it prints, to the character. Blocks with other marks (console, c) are not run here.
"""

import csv
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
ALL = sorted([*PAGES, ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", ROOT / "data" / "README.md", *ROOT.glob("tests/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(text):
    """[(line, sh or python, block, what it prints or None)]."""
    blocks = [(match.start(), match.end(), match.group(1), match.group(2)) for match in FENCE.finditer(text)]
    found = []
    for i, (start, end, mark, body) in enumerate(blocks):
        if mark in ("sh", "python"):
            below = blocks[i + 1] if i + 1 < len(blocks) else None
            printed = below[3] if below and below[2] == "text" and not text[end:below[0]].strip() else None
            found.append((text.count("\n", 0, start) + 1, mark, body, printed))
    return found


def needs(mark, body):
    """What an example needs and is not installed, or None."""
    if mark == "python":
        modules = re.findall(r"^(?:import|from) (\w+)", body, re.MULTILINE)
        return next((name for name in modules if importlib.util.find_spec(name) is None), None)
    return next((name for name in ("jq", "make") if re.search(rf"(?:^|[|(] *){name}\b", body, re.MULTILINE) and not shutil.which(name)), None)


class Examples(SpiralTest):
    def run_page(self, path):
        os.symlink(ROOT / "data", self.folder / "data")
        environment = dict(os.environ, PATH=f"{os.path.dirname(SPIRAL)}:{os.environ['PATH']}")
        left_out = []
        for line, mark, body, printed in examples(path.read_text(encoding="utf-8")):
            if needs(mark, body):
                left_out.append(needs(mark, body))
                continue
            command = ["sh", "-euc", body] if mark == "sh" else [sys.executable, "-c", body]
            done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, encoding="utf-8",
                                  stdin=subprocess.DEVNULL, timeout=200, check=False)
            where = f"{path.relative_to(ROOT)}:{line}\n{body}"
            self.assertEqual(done.returncode, 0, f"{where}{done.stdout}{done.stderr}")
            if printed is not None:
                self.assertEqual(done.stdout, printed, where)
        if left_out:
            self.skipTest(f"examples that need {', '.join(sorted(set(left_out)))} were left out: {len(left_out)}")

    def test_the_pages_have_examples(self):
        have = {path.stem for path in PAGES if examples(path.read_text(encoding="utf-8"))}
        self.assertLessEqual({"README", "training", "data", "figures", "sweeps", "clusters"}, have)


def add_page(path):
    setattr(Examples, f"test_the_examples_of_{path.stem}", lambda self: self.run_page(path))


for page in PAGES:
    add_page(page)


def anchors(text):
    """The anchors that GitHub gives the headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading_that_are_there(self):
        seen = 0
        for path in ALL:
            text = path.read_text(encoding="utf-8")
            for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", FENCE.sub("", text)):
                name, _, anchor = link.partition("#")
                target = (path.parent / name) if name else path
                self.assertTrue(target.exists(), f"{path.relative_to(ROOT)}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors(target.read_text(encoding="utf-8")), f"{path.relative_to(ROOT)}: {link}")
                seen += 1
        self.assertGreater(seen, 30)

    def test_every_file_of_the_project_that_is_named_is_there(self):
        for path in [*PAGES, ROOT / "SECURITY.md", ROOT / "data" / "README.md"]:
            for name in re.findall(r"`((?:src|include|scripts|tests|docs|data)/[\w./-]+)[` ]", path.read_text(encoding="utf-8")):
                there = (ROOT / name).exists() or (ROOT / "src" / name).exists()  # the map of the source begins at src/
                self.assertTrue(there, f"{path.relative_to(ROOT)}: {name}")

    def test_the_readme_leads_to_every_page_and_is_short(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        for path in ROOT.glob("docs/*.md"):
            self.assertIn(f"](docs/{path.name})", text)
        self.assertLess(text.count("\n"), 280)


def rows_below(page, heading):
    """The rows of the first table below a heading, as lists of cells."""
    text = (ROOT / page).read_text(encoding="utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}$.*?(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL).group(0)
    table = re.search(r"^\|.*?(?=\n\n|\Z)", section, re.MULTILINE | re.DOTALL).group(0)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def first_name(cell):
    return re.match(r"`([^`]+)`", cell).group(1)


class Statements(SpiralTest):
    """The tables of docs/data.md beside what the program writes."""

    def spiral_run(self, *arguments):
        done = subprocess.run([SPIRAL, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def header(self, name):
        with open(self.folder / name, newline="", encoding="utf-8") as file:
            return next(csv.reader(file))

    def written(self, *folders):
        return {path.name + "/" * path.is_dir() for folder in folders for path in (self.folder / folder).iterdir()}

    def test_the_columns_of_the_log(self):
        table = rows_below("docs/data.md", "The log")
        self.spiral_run("train", "--hidden", "4,3", "--validation", "0.2", "--iterations", "2", "--batch-size", "10", "--no-figures",
                        "--log-layers", "-o", "all", "-q")
        self.spiral_run("train", "--model", "linear", "--iterations", "2", "--no-figures", "-o", "least", "-q")
        documented = []  # of three layers: _W1 stands for three columns, _1 for those of the two hidden layers
        for name in (first_name(row[0]) for row in table):
            documented += [name[:-1] + layer for layer in ("123" if "_W" in name else "12")] if name.endswith("1") else [name]
        self.assertEqual(self.header("all/loss.csv"), documented)
        man = (ROOT / "src" / "cli" / "reference" / "spiral.1.in").read_text(encoding="utf-8")
        listed = re.search(r"^\.It Pa loss\.csv\nThe columns (.*?)\.$", man, re.MULTILINE | re.DOTALL).group(1)
        self.assertEqual(re.findall(r"\b(?:[a-z]+_\w+|iteration|loss|accuracy|epoch|seconds)\b", listed),
                         [name for name in documented if not re.search(r"_W?[23]$", name)])
        self.assertEqual(self.header("least/loss.csv"), [first_name(row[0]) for row in table if row[2] in ("", "|")])

    def test_the_files_that_train_writes(self):
        documented = {first_name(row[0]) for row in rows_below("docs/data.md", "What train writes")} - {".lock"}
        self.spiral_run("train", "--hidden", "4", "--iterations", "2", "--frames-every", "1", "--checkpoint-every", "1", "--report", "-o", "a", "-q")
        self.spiral_run("train", "--hidden", "4", "--iterations", "2", "--log-format", "jsonl", "--no-figures", "-o", "b", "-q")
        self.spiral_run("train", "--hidden", "4", "--iterations", "2", "--folds", "2", "-o", "c", "-q")
        self.assertEqual(self.written("a", "b", "c"), documented)
        self.assertEqual(self.written("c"), {"folds.csv", "summary.json"})

    def test_the_arrays_of_a_model(self):
        documented = {name for row in rows_below("docs/data.md", "The model") for name in re.findall(r"`(\w+)`", row[0])}
        self.spiral_run("train", "--model", "linear", "--standardize", "--iterations", "2", "--no-figures", "-o", "a", "-q")
        (self.folder / "label_first.csv").write_text("kind,u\na,1\nb,2\n")
        self.spiral_run("train", "--data", "label_first.csv", "--label", "kind", "--hidden", "4", "--iterations", "2", "--no-figures",
                        "-o", "b", "-q")
        listed = set()
        for folder in ("a", "b"):
            names = subprocess.run([sys.executable, "-m", "zipfile", "-l", self.folder / folder / "model.npz"], capture_output=True,
                                   text=True, check=True).stdout
            listed |= set(re.findall(r"^(\w+)\.npy", names, re.MULTILINE))
        self.assertEqual(listed, documented)

    def test_the_files_and_columns_of_a_sweep(self):
        documented = {first_name(row[0]) for row in rows_below("docs/data.md", "What sweep writes")} - {".lock"}
        self.spiral_run("sweep", "--lr", "0.1,1", "--hidden", "3;4", "--iterations", "2", "-o", "a", "-q")
        by = {"by-learning-rate.png", "by-hidden.png"}
        self.assertEqual(self.written("a") - by | {"by-OPTION.png", "runs/NNNN/"} - {"runs/"} - by,
                         documented | {"runs/"})
        self.assertLess(by, self.written("a"))
        self.assertEqual(self.written("a/runs/0000"), {"model.npz", "loss.csv"})
        text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
        table = re.search(r"The columns of `results.csv` are\n\n(.*?)\n\n", text, re.DOTALL).group(1).splitlines()[2:]
        columns = []
        for row in table:
            cell = row.strip("| ").split(" | ")[0]
            columns += ["learning_rate", "hidden"] if "swept" in cell else re.findall(r"`(\w+)`", cell)
        self.assertEqual(self.header("a/results.csv"), columns)
        self.assertEqual(self.header("a/curves.csv"), ["run", "iteration", "loss", "validation_loss"])

    def test_the_data_and_the_figures(self):
        text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
        there = {path.name for path in [*ROOT.glob("data/*.csv"), *ROOT.glob("data/figures/*")]}
        self.assertEqual(set(re.findall(r"^(?:\| `|## )(\S+\.(?:csv|png))", text, re.MULTILINE)), there)
        pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
        for figure, _, command in rows_below("data/README.md", "figures/"):
            self.assertIn(f"data/figures/{first_name(figure)})", pages)
            if command.startswith("`"):
                self.assertIn(f"\n{command.rstrip('| ').strip('`')}\n", pages)

    def test_the_headers_of_the_library(self):
        documented = [first_name(row[0]) for row in rows_below("docs/library.md", "Headers")]
        there = {f"spiral/{path.name}" for path in ROOT.glob("include/spiral/*.h")} - {"spiral/spiral.h"}
        self.assertEqual(sorted(documented), sorted(there))

    def test_the_folders_of_the_tests(self):
        documented = {name for row in rows_below("docs/testing.md", "Testing") for name in re.findall(r"`tests/(\w+)`", row[0])}
        there = {path.parent.name for path in ROOT.glob("tests/*/*") if path.is_file()} - {"fixtures"}
        self.assertEqual(documented, there)

    def test_an_unreleased_part_of_the_changelog_names_the_version_that_it_will_be(self):
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        released = re.search(r"^project\(spiral VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.M).group(1)
        first, *rest = re.findall(r"^## \[(.*?)\]", text, re.MULTILINE)
        if first == "Unreleased":
            following = re.search(r"^## \[Unreleased\]\n+.*?(\d+\.\d+\.\d+)", text, re.MULTILINE).group(1)
            self.assertGreater([int(part) for part in following.split(".")], [int(part) for part in released.split(".")])
            first = rest[0]
        self.assertEqual(first, released)


if __name__ == "__main__":
    unittest.main()
