#!/usr/bin/env python3
"""Draws random settings, trains with each, and counts the warnings: those of runs that end well are false, and runs that
end badly without one are missed.

A run ends badly when its data loss is above ln K - 0.05, so that it knows no more than the classes' shares, or when its
validation loss is 1.5 times the lowest of its log. It ends well when neither is so and the accuracy is at least 0.9. What
lies between is counted, but not judged. A training that diverges says so with its exit code and is left out.

The environment variable SPIRAL_RANDOM_SETTINGS is the number of runs where --runs does not say it.

usage: random_settings.py PROGRAM [--runs N] [--seed S] [--jobs J] [--most-false R] [--least-found R] [--list FILE]
"""
import argparse
import csv
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

BAD_MARGIN, OVERFIT_FACTOR, FINE_ACCURACY = 0.05, 1.5, 0.9
DIVERGED = 6


def log_uniform(draw, low, high):
    return float(f"{math.exp(draw.uniform(math.log(low), math.log(high))):.3g}")


def draw_data(draw):
    shape = draw.choice(["spiral", "spiral", "circles", "moons", "blobs", "xor", "gaussian-quantiles"])
    arguments = ["--shape", shape, "--points-per-class", str(draw.choice([10, 20, 40, 100]))]
    if shape in ("spiral", "circles", "blobs", "gaussian-quantiles"):
        arguments += ["--classes", str(draw.choice([2, 3, 3, 4, 5]))]
    if draw.random() < 0.5:
        arguments += ["--noise", str(log_uniform(draw, 0.02, 1))]
    if draw.random() < 0.3:
        arguments += ["--standardize"]
    if draw.random() < 0.6:
        arguments += ["--validation", str(draw.choice([0.2, 0.3, 0.5]))]
    return arguments


def draw_model(draw):
    if draw.random() < 0.15:
        return ["--model", "linear"]
    arguments = ["--hidden", draw.choice(["5", "10", "20", "100", "20,20", "100,50", "50,50", "20,20,20", "50,50,50,50"])]
    arguments += ["--activation", draw.choice(["relu", "relu", "leaky-relu", "tanh", "sigmoid"])]
    if draw.random() < 0.7:
        arguments += ["--init", draw.choice(["gaussian", "xavier", "he", "he", "lecun"])]
    if draw.random() < 0.15:
        arguments += ["--init-scale", str(draw.choice([0, 0.001, 0.1, 1, 3, 10, 30]))]
    return arguments


def draw_training(draw):
    optimizer = draw.choice(["sgd", "sgd", "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad"])
    arguments = ["--optimizer", optimizer, "--iterations", str(draw.choice([200, 500, 1000, 2000]))]
    low, high = (1e-2, 10) if optimizer == "sgd" else (1e-3, 3) if optimizer in ("momentum", "nesterov") else (1e-4, 1)
    arguments += ["--lr", str(log_uniform(draw, low, high))]
    if draw.random() < 0.4:
        arguments += ["--reg", str(draw.choice([0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1]))]
    if draw.random() < 0.1:
        arguments += ["--l1", str(draw.choice([1e-5, 1e-4, 1e-2]))]
    if draw.random() < 0.35:
        arguments += ["--batch-size", str(draw.choice([1, 2, 8, 32]))]
    if draw.random() < 0.15:
        arguments += ["--dropout", str(draw.choice([0.1, 0.5, 0.9]))]
    if draw.random() < 0.15:
        arguments += ["--schedule", draw.choice(["step", "exponential", "inverse", "cosine"])]
    if draw.random() < 0.1:
        arguments += ["--max-grad-norm", "1"]
    return arguments + ["--seed", str(draw.randrange(1000))]


def draw_settings(draw):
    arguments = draw_data(draw) + draw_model(draw) + draw_training(draw)
    if "linear" in arguments and "--dropout" in arguments:
        at = arguments.index("--dropout")
        del arguments[at:at + 2]
    return arguments


def lowest_validation_loss(path):
    with open(path, newline="") as log:
        return min((float(row["validation_loss"]) for row in csv.DictReader(log)), default=math.inf)


def judge(summary, folder):
    rows, classes = summary["data"]["rows"], summary["data"]["classes"]
    loss = summary["data_loss"] / (rows if summary["settings"].get("reduction") == "sum" else 1)
    if not loss <= math.log(classes) - BAD_MARGIN:
        return "stuck"
    if "validation_loss" in summary:
        lowest = lowest_validation_loss(os.path.join(folder, "loss.csv"))
        if summary["validation_loss"] >= OVERFIT_FACTOR * lowest:
            return "overfitted"
    return "well" if summary["accuracy"] >= FINE_ACCURACY else "between"


def run(program, arguments):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "train", *arguments, "--no-figures", "--print-every", "1000000", "--out", folder]
        done = subprocess.run(command, capture_output=True, text=True)
        warnings = [line for line in done.stderr.splitlines() if "warning: " in line]
        if done.returncode == DIVERGED:
            return {"arguments": arguments, "ends": "diverged", "warnings": warnings}
        if done.returncode != 0:
            return {"arguments": arguments, "ends": "failed", "warnings": done.stderr.splitlines()}
        with open(os.path.join(folder, "summary.json")) as file:
            summary = json.load(file)
        return {"arguments": arguments, "ends": judge(summary, folder), "warnings": warnings,
                "data_loss": summary["data_loss"], "accuracy": summary["accuracy"],
                "validation_loss": summary.get("validation_loss")}


def describe(result):
    return " ".join(result["arguments"]) + "".join("\n      " + text for text in result["warnings"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=int(os.environ.get("SPIRAL_RANDOM_SETTINGS", "150")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--most-false", type=float, default=0.03)
    parser.add_argument("--least-found", type=float, default=0.95)
    parser.add_argument("--list", help="write all runs to this file, a JSON object a line")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    settings = [draw_settings(draw) for _ in range(options.runs)]
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda arguments: run(options.program, arguments), settings))
    if options.list:
        with open(options.list, "w") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)
    print(f"seed {options.seed}: {options.runs} settings")
    ends = {name: [r for r in results if r["ends"] == name]
            for name in ("well", "between", "stuck", "overfitted", "diverged", "failed")}
    for name, some in ends.items():
        print(f"{name:<11}{len(some):5} runs, {sum(bool(r['warnings']) for r in some):4} warned")
    bad = ends["stuck"] + ends["overfitted"]
    false = [r for r in ends["well"] if r["warnings"]]
    missed = [r for r in bad if not r["warnings"]]
    for title, some in (("warned, but ends well", false), ("ends badly without a warning", missed),
                        ("not taken by spiral train", ends["failed"])):
        for result in some:
            print(f"{title}:\n  train {describe(result)}")
    # one run is no rate
    right = (len(false) <= max(1, options.most_false * len(ends["well"])) and
             len(missed) <= max(1, (1 - options.least_found) * len(bad)) and not ends["failed"])
    print(f"{len(false)} of {len(ends['well'])} good runs warned, {len(bad) - len(missed)} of {len(bad)} bad runs warned: "
          f"{'as it should be' if right else 'too many or too few'}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
