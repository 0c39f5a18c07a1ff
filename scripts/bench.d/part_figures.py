"""From the shell to the figures: all that the two commands at the README's start do, against a script that does it."""

import csv
import sys

import table
from tools import HERE, run

# (model, its options, how far the last losses may be apart: 10000 iterations let rounding grow)
MODELS = (("linear", ["--skip-draws", 18], 1e-9), ("mlp", ["--skip-draws", 24], 1e-4))
FILES = ("loss.csv", "model.npz", "loss.png", "boundary.png")


def last_loss(path):
    with open(path, newline="", encoding="utf-8") as file:
        return float(list(csv.DictReader(file))[-1]["loss"])


def measure(bench):
    bench.say("from the shell to the figures")
    rounds = 1 if bench.quick else bench.rounds
    (bench.folder / "spiral").mkdir()
    times = {"spiral": [], "Python": []}
    for _ in range(rounds):
        times["Python"].append(run([sys.executable, "-B", HERE / "notes.py", bench.folder / "python"]))
        times["spiral"].append(sum(run([bench.spiral, "train", "--model", model, *options, "--out",
                                        bench.folder / "spiral" / model]) for model, options, _ in MODELS))
    for model, _, tolerance in MODELS:
        folders = {name: bench.folder / name.lower() / model for name in ("Python", "spiral")}
        for folder in folders.values():
            missing = [name for name in FILES if not (folder / name).is_file()]
            if missing:
                raise table.SameNumbersError(f"{folder.name} of {folder.parent.name} lacks {missing}")
        table.check_same(f"{model}, the last row of the log",
                         {name: last_loss(folder / "loss.csv") for name, folder in folders.items()}, tolerance)
    return "\n\n".join([
        "From the shell to the figures: both models of the notes (200 and 10000 iterations), logs, saved weights, "
        "boundary and loss curve as PNG, with the threads that each takes when nothing is said:",
        table.markdown(["job", "spiral", "NumPy + matplotlib"],
                       [["the case study, whole", table.time_text(times["spiral"]),
                         table.against_text(times["spiral"], times["Python"])]])])
