"""summary.json of a training reproduces it: its `command`, and its `settings` put back on a command line, write the same bytes."""

import json
import pathlib
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import SPIRAL, SpiralTest, comparable  # noqa: E402

SMALL = ["--points-per-class", "20", "--hidden", "6", "--iterations", "40"]

# Of every kind of training, one. Each is a list of arguments beside --out and --quiet.
TRAININGS = {
    "the defaults": ["--iterations", "5"],
    "linear": ["--model", "linear", "--skip-draws", "18"],
    "two layers": ["--points-per-class", "10", "--hidden", "7,3", "--iterations", "30", "--activation", "tanh"],
    "epochs": ["--points-per-class", "10", "--epochs", "20", "--batch-size", "7"],
    "a shape": ["--shape", "moons", "--points-per-class", "30", "--noise", "0.3", *SMALL[2:]],
    "classes out of balance": ["--balance", "3,1,2,2", *SMALL],
    "turns": ["--turns", "1.5", "--classes", "4", *SMALL],
    "he": ["--init", "he", *SMALL],
    "adam": ["--optimizer", "adam", "--lr", "0.01", "--beta1", "0.8", *SMALL],
    "nesterov": ["--optimizer", "nesterov", "--momentum", "0.5", *SMALL],
    "rmsprop": ["--optimizer", "rmsprop", "--lr", "0.003", *SMALL],
    "step": ["--schedule", "step", "--decay-every", "10", "--warmup", "5", *SMALL],
    "cosine": ["--schedule", "cosine", *SMALL],
    "dropout and a norm": ["--dropout", "0.3", "--max-grad-norm", "0.05", *SMALL],
    "sums": ["--reduction", "sum", "--lr", "1e-3", "--l1", "1e-4", "--reg", "0", *SMALL],
    "blas": ["--products", "blas", *SMALL],
    "a file": ["--data", "x.csv", "--standardize", "--hidden", "5", "--iterations", "30"],
    "a file's column": ["--data", "a b;'c.csv", "--label", "-3", "--delimiter", ";", "--header", "no", "--hidden", "5", "--epochs", "3"],
    "a file like an option": ["--data=-o.csv", "--hidden", "5", "--iterations", "9"],
    "a NumPy file": ["--data", "x.npz", "--model", "linear"],
    "a pair": ["--data", "X.npy,y.npy", "--model", "linear", "--iterations", "9"],
    "validation": ["--validation", "0.25", "--patience", "2", "--lr", "5", "--log-every", "5", *SMALL],
    "a validation file": ["--data", "x.csv", "--validation", "a.csv", "--hidden", "5", "--iterations", "30"],
    "a target": ["--target-loss", "0.9", "--data", "x.csv", "--hidden", "5", "--log-every", "3"],
    "a tolerance": ["--tolerance", "0.1", "--model", "linear"],
    "JSON lines": ["--log-format", "jsonl", "--log-every", "4", "--print-every", "8", *SMALL],
    "other weights": ["--init-from", "first/model.npz", "--points-per-class", "20", "--hidden", "6", "--iterations", "10"],
    "checkpoints": ["--checkpoint-every", "10", "--no-figures", *SMALL],
    "frames": ["--frames-every", "20", *SMALL],
    "a check": ["--require-accuracy", "0.1", "--threads", "2", *SMALL],
}
# They have no effect on the log's rows and the model, and stand in no command.
ASIDE = {"--out", "--quiet", "--summary", "--live", "--resume", "--print-every", "--require-accuracy", "--no-figures", "--threads",
         "--time-limit", "--checkpoint-every", "--frames-every"}
SAME = ("loss.csv", "loss.jsonl", "model.npz")


def arguments_of(settings):
    """The settings as arguments: --name=value, a list with commas; a flag that is false is left out."""
    for name, value in settings.items():
        if isinstance(value, bool):
            if value:
                yield f"--{name}"
        else:
            yield f"--{name}=" + (",".join(map(str, value)) if isinstance(value, list) else str(value))


class Reproduce(SpiralTest):
    def prepare(self):
        self.spiral("generate", "--points-per-class", "20", "-o", "x.csv")
        self.spiral("generate", "--points-per-class", "20", "--output=-o.csv")
        self.spiral("generate", "--points-per-class", "15", "--seed", "3", "-o", "a.csv")
        self.spiral("generate", "--points-per-class", "20", "-o", "x.npz")
        self.spiral("generate", "--points-per-class", "20", "-o", "X.npy,y.npy")
        rows = (self.folder / "x.csv").read_text(encoding="utf-8").splitlines()[1:]
        fields = [row.split(",") for row in rows]
        (self.folder / "a b;'c.csv").write_text("".join(f"{label};{a};{b}\n" for a, b, label in fields), encoding="utf-8")
        self.spiral("train", *SMALL[:4], "--iterations", "3", "--seed", "5", "--no-figures", "-q", "--out", "first")

    def summary(self, out):
        return json.loads((self.folder / out / "summary.json").read_text(encoding="utf-8"))

    def run_command(self, summary, out):
        """Runs the recorded command as a shell does, with another folder."""
        words = shlex.split(summary["command"])
        self.assertEqual(words[:2], ["spiral", "train"])
        self.assertEqual(set(words) & ASIDE, set())
        subprocess.run([SPIRAL, *words[1:], "--out", out, "-q"], cwd=self.folder, check=True, capture_output=True, timeout=100)

    def same(self, one, two, names=SAME):
        there = [name for name in names if (self.folder / one / name).exists()]
        self.assertIn("model.npz", there)
        for name in there:
            self.assertEqual(comparable(self.folder / one / name), comparable(self.folder / two / name), name)

    def test_the_command_and_the_settings_of_every_kind_of_training(self):
        self.prepare()
        for number, (kind, arguments) in enumerate(TRAININGS.items()):
            with self.subTest(kind):
                out = f"out {number}"
                self.spiral("train", *arguments, "--out", out, "-q")
                summary = self.summary(out)
                self.run_command(summary, out + "c")
                self.same(out, out + "c")
                self.assertNotIn(None, summary["settings"].values())
                again = dict(summary["settings"], out=out + "s")
                self.spiral("train", *arguments_of(again))
                self.same(out, out + "s", [*SAME, "boundary.png", "loss.png"])
                self.assertEqual(dict(self.summary(out + "s")["settings"], out=out), summary["settings"])

    def test_only_settings_that_apply(self):
        self.prepare()
        cases = {"linear": {"hidden", "activation", "dropout", "momentum", "beta1", "decay", "epochs", "data", "label", "balance"},
                 "epochs": {"iterations", "momentum", "decay_every", "validation", "folds", "init_from", "resume"},
                 "adam": {"momentum", "decay_rate", "epochs"},
                 "step": {"decay"},
                 "a shape": {"turns"},
                 "a file": {"shape", "classes", "points_per_class", "noise", "turns", "label_noise", "label"},
                 "a NumPy file": {"shape", "header", "label", "delimiter"},
                 "other weights": {"init", "init_scale"}}
        for kind, absent in cases.items():
            with self.subTest(kind):
                self.spiral("train", *TRAININGS[kind], "--out", "out", "-q", "--no-figures")
                self.assertEqual(set(self.summary("out")["settings"]) & absent, set())

    def test_the_iterations_are_those_made(self):
        self.spiral("train", "--points-per-class", "10", "--epochs", "20", "--batch-size", "7", "-q", "--no-figures", "--out", "out")
        summary = self.summary("out")
        self.assertEqual(summary["iterations"], 20 * 5)  # 30 rows in batches of 7
        self.assertEqual(summary["settings"]["epochs"], 20)
        self.assertNotIn(10000, summary["settings"].values())

    def test_a_training_that_the_clock_ended(self):
        self.spiral("train", *SMALL[:4], "--iterations", "1000000000", "--time-limit", "0.3", "--threads", "1", "-q", "--no-figures",
                    "--out", "out")
        summary = self.summary("out")
        self.assertEqual(shlex.split(summary["command"])[-2:], ["--iterations", str(summary["iterations"])])
        self.run_command(summary, "again")
        self.same("out", "again")

    def test_cross_validation(self):
        self.spiral("train", "--folds", "3", *SMALL, "-q", "--out", "out")
        summary = self.summary("out")
        self.run_command(summary, "command")
        self.spiral("train", *arguments_of(dict(summary["settings"], out="settings")))
        for out in ("command", "settings"):
            self.assertEqual(comparable(self.folder / "out" / "folds.csv"), comparable(self.folder / out / "folds.csv"))

    def test_a_training_that_was_resumed(self):
        self.spiral("train", *SMALL[:4], "--iterations", "20", "--checkpoint-every", "20", "-q", "--no-figures", "--out", "out")
        self.spiral("train", *SMALL[:4], "--iterations", "40", "-q", "--no-figures", "--out", "out", "--resume", "out/checkpoint.npz")
        summary = self.summary("out")
        self.run_command(summary, "again")
        self.same("out", "again")


if __name__ == "__main__":
    unittest.main()
