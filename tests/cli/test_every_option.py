"""Random command lines of `spiral train` over all of its options: every option changes something that the run leaves or prints,
or is refused; none is taken and dropped.

The options are those of docs/options.md, which is made from the program's own table. A line is run, and run again without one of
its options: what is left must differ. SPIRAL_OPTION_SEED draws other lines, SPIRAL_OPTION_LINES more of them.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "reference"))
from support import SPIRAL, comparable  # noqa: E402

SEED = int(os.environ.get("SPIRAL_OPTION_SEED", "0"))
LINES = int(os.environ.get("SPIRAL_OPTION_LINES", "60" if "SPIRAL_SANITIZED" in os.environ else "300"))
WITHOUT = 3  # options of a line that are left out, one after the other

# A value that is not the default and has to be seen. Those of "ends" hide what the others do: only they are looked at.
VALUES = {
    "shape": ["circles", "moons", "blobs", "xor", "gaussian-quantiles"], "classes": ["4", "5"], "points-per-class": ["9", "12"],
    "balance": ["2,1,1"], "noise": ["0.07", "0.4"], "turns": ["0.3", "1.5"], "arm-offset": ["even", "1"], "radius": ["2", "0.5"],
    "dimensions": ["3"], "label-noise": ["0.5"], "seed": ["7", "8"],
    "data": ["data.csv", "data.npz"], "header": ["no"], "label": ["x0", "0"], "delimiter": [";"], "decimal": [","], "ignore": ["x1"],
    "missing": ["drop"],
    "standardize": [None],
    "model": ["linear"], "hidden": ["4,3", "6"], "activation": ["tanh", "sigmoid", "leaky-relu"], "init": ["xavier", "he", "lecun"],
    "init-scale": ["0.3"], "skip-draws": ["3"], "products": ["blas"], "init-from": ["linear.npz", "mlp.npz"],
    "learning-rate": ["0.3", "0.05"], "iterations": ["17", "24"], "batch-size": ["5", "7"],
    "optimizer": ["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"], "momentum": ["0.5"], "beta1": ["0.5"],
    "beta2": ["0.7"], "decay-rate": ["0.6"], "epsilon": ["0.01"], "schedule": ["step", "exponential", "inverse", "cosine"],
    "decay": ["0.1"], "decay-every": ["3"], "decay-factor": ["0.3"], "warmup": ["5"], "dropout": ["0.4"], "max-grad-norm": ["0.001"],
    "reg": ["0.3", "0"], "l1": ["0.1"], "reduction": ["sum"],
    "epochs": ["13"], "validation": ["0.3", "data.csv"], "patience": ["2"], "tolerance": ["1e9"], "target-loss": ["1e9"],
    "folds": ["3"], "threads": ["2"], "time-limit": ["1e-9"], "checkpoint-every": ["4"], "resume": ["none.npz"],
    "out": ["elsewhere"], "log-every": ["2", "3"], "log-format": ["jsonl"], "log-layers": [None], "print-every": ["2"], "no-figures": [None],
    "report": [None], "figure-format": ["svg"],
    "frames-every": ["8"], "live": [None], "summary": ["json"], "quiet": [None], "require-accuracy": ["1"],
    "axes": ["1,0"], "margin": ["0.3"], "size": ["400x300"], "title": ["T"], "shade": [None], "errors": [None],
    "x-scale": ["log"], "y-scale": ["log"],
}
FEWER = {"iterations": "9", "epochs": "5"}  # in place of none at all, which is 10000
ENDS = {"target-loss", "tolerance", "time-limit", "resume", "live"}
# What an option is about; it is drawn more often with that.
NEEDS = {"momentum": ("optimizer", {"momentum", "nesterov"}), "beta1": ("optimizer", {"adam", "adamw"}),
         "beta2": ("optimizer", {"adam", "adamw"}), "decay-rate": ("optimizer", {"rmsprop"}),
         "epsilon": ("optimizer", {"adagrad", "rmsprop", "adam", "adamw"}), "decay": ("schedule", {"exponential", "inverse"}),
         "decay-every": ("schedule", {"step"}), "decay-factor": ("schedule", {"step"}), "patience": ("validation", None),
         "header": ("data", {"data.csv"}), "label": ("data", {"data.csv"}), "delimiter": ("data", {"data.csv"}),
         "decimal": ("data", {"data.csv"}), "ignore": ("data", None), "missing": ("data", {"data.csv"})}
GENERATED = {"shape", "classes", "points-per-class", "balance", "noise", "turns", "arm-offset", "radius", "dimensions", "label-noise"}
FIGURES = {"axes", "margin", "size", "title", "shade", "errors", "x-scale", "y-scale"}


def options_of_train():
    """{long name: choices or None} of the page that is made from the program's table."""
    page = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    part = page.split("\n## spiral train\n")[1].split("\n## ")[0]
    found = {}
    for cell in re.findall(r"^\| `(-[^`]*)` \|", part, re.M):
        long = re.search(r"--([a-z0-9-]+)", cell)[1]
        choices = re.search(r" ([a-z0-9-]+(?:\\\|[a-z0-9-]+)+)$", cell)
        found[long] = choices[1].split("\\|") if choices else None
    return found


def draw(rng):
    """{option: value} of a line, some of them refused together."""
    line = {"points-per-class": "8", "iterations": "12", "log-every": "4"}
    if rng.random() < 0.2:
        line["data"] = rng.choice(VALUES["data"])
        del line["points-per-class"]
    if rng.random() < 0.75:
        line["no-figures"] = None
    for parent in ("optimizer", "schedule", "validation"):
        if rng.random() < 0.4:
            line[parent] = rng.choice(VALUES[parent])
    for name in rng.sample(sorted(VALUES), len(VALUES)):
        if name in ENDS or name in ("data", "optimizer", "schedule", "validation"):
            continue
        likely = 0.12
        if name in NEEDS:
            parent, values = NEEDS[name]
            fits = parent in line and (values is None or line[parent] in values)
            likely = 0.5 if fits else 0.004
        elif name in FIGURES and ("no-figures" in line or "folds" in line):
            likely = 0.004
        elif (name in GENERATED and "data" in line) or name in ("folds", "epochs"):
            likely = 0.01 if name in GENERATED else 0.05
        if rng.random() < likely:
            line[name] = rng.choice(VALUES[name])
    if "missing" in line and "data" in line:
        line["data"] = "holes.csv"
    if line.get("schedule") == "step":
        line["decay-every"] = "3"
    if "epochs" in line and rng.random() < 0.9:
        del line["iterations"]
    if rng.random() < 0.2:
        end = rng.choice(sorted(ENDS))
        line[end] = rng.choice(VALUES[end])
    return line


def outcome(line, inputs):
    """The exit code, what is printed, and every file, but for what is measured, and for the settings that a summary repeats."""
    with tempfile.TemporaryDirectory(prefix="spiral-option-") as folder:
        folder = pathlib.Path(folder)
        for path in inputs:
            os.symlink(path, folder / path.name)
        arguments = [part for name, value in line.items() for part in ([f"--{name}"] if value is None else [f"--{name}", value])]
        done = subprocess.run([SPIRAL, "train", *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8",
                              check=False, timeout=120)
        files = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                content = comparable(path)
                if path.name == "summary.json":
                    content = {name: part for name, part in content.items() if name not in ("settings", "command")}
                if path.name == "checkpoint.npz":
                    content = "there"  # it holds the settings
                files[str(path.relative_to(folder))] = content
        printed = done.stdout
        if printed.startswith("{"):
            printed = {name: "" for name in json.loads(printed)}
        return done.returncode, printed, done.stderr, files


def is_excused(name, line, result):
    """May this option leave this line as it was?"""
    code, _, _, files = result
    summary = next((part for path, part in files.items() if path.endswith("summary.json")), {})
    if name == "threads":
        return True  # "The results do not depend on it."
    if name == "no-figures":
        return "folds" in line  # draws none
    if name == "print-every":
        return "quiet" in line or "summary" in line or line[name] == line["log-every"]  # prints no lines, or as many
    if name == "quiet":
        return "summary" in line
    if name == "seed":  # nothing is drawn
        return "data" in line and "init-from" in line
    if name == "require-accuracy":  # it is reached, or the training has diverged
        return code == 6 or summary.get("validation_accuracy", summary.get("accuracy")) == 1
    if name == "patience":  # it has not run out, and the last state is the best
        return code == 6 or summary.get("stopped") == "iterations"
    if name in ("iterations", "epochs"):
        return code == 6 or "patience" in line  # the best state may lie before both ends
    if name in ("log-every", "warmup"):
        return code == 6
    if name in FIGURES:
        return code == 6  # draws nothing
    return False


class EveryOption(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="spiral-option-inputs-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        generate = [SPIRAL, "generate", "--points-per-class", "8", "--seed", "3"]
        for name in ("data.csv", "data.npz"):
            subprocess.run([*generate, "-o", name], cwd=self.folder, check=True, capture_output=True)
        rows = (self.folder / "data.csv").read_text(encoding="utf-8").splitlines()
        rows[3] = "NA" + rows[3][rows[3].index(","):]
        (self.folder / "holes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        for kind in ("linear", "mlp"):
            subprocess.run([SPIRAL, "train", "--model", kind, "--data", "data.csv", "--iterations", "5", "--out", kind, "-q",
                            "--no-figures"], cwd=self.folder, check=True, capture_output=True)
            os.rename(self.folder / kind / "model.npz", self.folder / f"{kind}.npz")
        self.inputs = [self.folder / name for name in ("data.csv", "data.npz", "holes.csv", "linear.npz", "mlp.npz")]

    def test_the_values_are_of_the_table_s_options(self):
        table = options_of_train()
        self.assertEqual(set(table), set(VALUES))
        for name, choices in table.items():
            if choices is not None:
                self.assertLessEqual(set(VALUES[name]), set(choices), name)

    def look_at(self, number):
        """(refused, [what is wrong]) of a line."""
        rng = random.Random(f"{SEED} {number}")
        line = draw(rng)
        whole = outcome(line, self.inputs)
        if whole[0] in (2, 3, 4, 5):
            return True, []
        wrong = []
        ends = ENDS & set(line)
        names = [name for name in line if name in ends or (not ends and name not in ("points-per-class",))]
        for name in rng.sample(names, min(WITHOUT, len(names))):
            rest = {other: value for other, value in line.items() if other != name}
            if name in FEWER:
                rest[name] = FEWER[name]
            if outcome(rest, self.inputs) == whole and not is_excused(name, line, whole):
                text = " ".join(f"--{n}" if v is None else f"--{n} {v}" for n, v in line.items())
                wrong.append(f"--{name} changes nothing: spiral train {text}")
        return False, wrong

    def test_every_option_changes_something_or_is_refused(self):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(self.look_at, range(LINES)))
        refused = sum(was_refused for was_refused, _ in results)
        print(f"SPIRAL_OPTION_SEED={SEED}: {LINES} lines, {refused} of them refused")
        self.assertLess(refused, 0.7 * LINES, "too few lines are taken")
        wrong = [text for _, texts in results for text in texts]
        self.assertEqual(wrong, [], f"SPIRAL_OPTION_SEED={SEED}\n" + "\n".join(wrong))


if __name__ == "__main__":
    unittest.main()
