"""Many learning rates: one `spiral sweep`, beside a process for each under GNU parallel, NumPy on as many processes as
there are cores, and what perfect scaling of a single run over the cores would give."""

import csv
import json
import os
import sys

import table
from tools import HERE, ToolError, run

HIDDEN, REG = 100, 1e-3
SINGLE = 5  # runs of one process in each round
# Of small learning rates the losses of all are compared. The larger ones let differences of rounding grow.
SAME, SMALL = 1e-9, 0.1


def learning_rates(count):
    """From 0.01 to 10, evenly spaced logarithms, none of which diverges; as text, so that all have the same numbers."""
    return [f"{0.01 * 1000 ** (i / (count - 1)):.6g}" for i in range(count)]


class Job:
    """The same trainings in four ways; each gives back the seconds that it took."""

    def __init__(self, bench):
        self.bench, self.cores = bench, len(os.sched_getaffinity(0))
        self.iterations = 200 if bench.quick else 2000
        self.rates = learning_rates(16 if bench.quick else 64)
        self.X, self.y = bench.folder / "X.npy", bench.folder / "y.npy"
        run([bench.spiral, "generate", "-o", f"{self.X},{self.y}"])
        self.options = ["--data", f"{self.X},{self.y}", "--hidden", HIDDEN, "--reg", REG,
                        "--iterations", self.iterations, "--no-figures", "--quiet"]
        self.trained = bench.folder / "trained"
        self.trained.mkdir()
        self.sweeps = 0
        self.numpy_losses = {}

    def sweep(self):
        """Each time into a folder of its own."""
        self.sweeps += 1
        return run([self.bench.spiral, "sweep", *self.options, "--learning-rate", ",".join(self.rates),
                    "--keep", "none", "--jobs", self.cores, "--out", self.sweep_folder()])

    def sweep_folder(self):
        return self.bench.folder / f"sweep-{self.sweeps}"

    def train(self, rate):
        return [self.bench.spiral, "train", *self.options, "--threads", 1, "--learning-rate", rate, "--out",
                self.trained / rate]

    def single(self):
        """A process alone, for a learning rate from the middle."""
        return run(self.train(self.rates[len(self.rates) // 2]))

    def parallel(self):
        return run(["parallel", "--will-cite", "--plain", "--halt", "now,fail=1", "--jobs", self.cores,
                    *self.train("{}"), ":::", *self.rates])

    def numpy(self):
        output = self.bench.folder / "numpy.json"
        seconds = run(["sh", "-c", '"$@" >"$0"', output, sys.executable, "-B", HERE / "sweep_loop.py", self.cores,
                       self.iterations, self.X, self.y, HIDDEN, REG, *self.rates], threads=1)
        self.numpy_losses = json.loads(output.read_text(encoding="utf-8"))
        return seconds

    def check(self):
        """Did all do the same work?"""
        with open(self.sweep_folder() / "results.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        found = [(float(row["learning_rate"]), row["status"]) for row in rows]
        if found != [(float(rate), "ok") for rate in self.rates]:
            raise ToolError(f"spiral sweep has the rows {found}")
        for rate, row in zip(self.rates, rows):
            summary = json.loads((self.trained / rate / "summary.json").read_text(encoding="utf-8"))
            if summary["iterations"] != self.iterations or int(row["iterations"]) != self.iterations:
                raise ToolError(f"learning rate {rate}: {summary['iterations']} and {row['iterations']} iterations")
            losses = {"spiral sweep": float(row["loss"]), "spiral train": summary["loss"]}
            table.check_same(f"learning rate {rate}, the loss", losses, 0)
            if float(rate) <= SMALL:
                table.check_same(f"learning rate {rate}, the loss", {**losses, "NumPy": self.numpy_losses[rate]}, SAME)


def measure(bench):
    job = Job(bench)
    bench.say(f"sweep of {len(job.rates)} learning rates on {job.cores} cores")
    ways = {"sweep": job.sweep, "single": job.single, "parallel": job.parallel, "numpy": job.numpy}
    times = {name: [] for name in ways}
    for turn in range(bench.rounds):
        names = list(ways)
        for name in names[turn % 4:] + names[:turn % 4]:
            times[name] += [ways[name]() for _ in range(SINGLE if name == "single" else 1)]
    job.check()
    share = len(job.rates) / job.cores
    perfect = [seconds * share for seconds in times["single"]]
    rows = [["`spiral sweep`", table.time_text(times["sweep"]), ""],
            [f"perfect scaling: one `spiral train` × {len(job.rates)} / {job.cores}", table.time_text(perfect),
             f"**{table.ratio(times['sweep'], perfect):.2f}**"],
            ["GNU parallel over `spiral train`", table.time_text(times["parallel"]),
             f"**{table.ratio_text(times['sweep'], times['parallel'])}**"],
            ["NumPy, multiprocessing", table.time_text(times["numpy"]),
             f"**{table.ratio_text(times['sweep'], times['numpy'])}**"]]
    return "\n\n".join([
        f"{len(job.rates)} learning rates × the notes' two-layer network ({job.iterations} iterations) on {job.cores} "
        f"cores, without figures: the median and range of {bench.rounds} alternating rounds, from the start of the "
        "first process to the end of the last, and how many times as long as the sweep the others take. The losses are "
        "the same.",
        table.markdown(["way", "time", "of the sweep's"], rows)])
