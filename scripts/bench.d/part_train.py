"""An iteration of training, that is loss, gradient and update, beside NumPy, PyTorch and scikit-learn."""

import dataclasses
import pathlib
import statistics

import numpy as np
import table
from tools import Spiral, Worker, run

SAME = 1e-9  # relative difference of the losses; rounding alone makes some 1e-15 an update


@dataclasses.dataclass
class Case:
    rows: int
    features: int
    hidden: int  # 0: the linear classifier
    classes: int
    name: str = ""
    learning_rate: float = 0.1
    reg: float = 1e-3
    X: pathlib.Path = None
    y: pathlib.Path = None

    def title(self):
        model = f"hidden {self.hidden}" if self.hidden else "linear"
        text = f"{self.rows}×{self.features}, {model}, K {self.classes}"
        return f"{self.name}: {text}" if self.name else text

    def make(self, spiral, folder):
        """The data, as .npy files for everyone: the spiral where there are two features, clusters for more."""
        self.X, self.y = folder / "X.npy", folder / "y.npy"
        if self.features == 2:
            run([spiral, "generate", "--classes", self.classes, "--points-per-class", self.rows // self.classes, "-o",
                 f"{self.X},{self.y}"])
            return
        stream = np.random.RandomState(0)
        y = np.arange(self.rows) % self.classes
        X = stream.randn(self.classes, self.features)[y] + stream.randn(self.rows, self.features)
        np.save(self.X, X)
        np.save(self.y, y)


def cases(quick):
    """All but the notes' sizes have fewer rows in a quick run, as the titles then say."""
    many, wide = (3000, 400) if quick else (30000, 10000)
    return [
        Case(300, 2, 100, 3, name="notes", learning_rate=1.0),
        Case(many, 2, 100, 3, learning_rate=1.0),
        Case(wide, 784, 256, 10, name="wide", learning_rate=0.01),
        Case(300, 2, 0, 3, name="notes", learning_rate=1.0),
        Case(many, 2, 0, 3, learning_rate=1.0),
        Case(many, 2, 100, 100),
        Case(many, 20, 100, 3),
    ]


PRODUCTS = ("auto", "blas")
PEERS = (("NumPy", "numpy"), ("PyTorch", "torch"), ("scikit-learn", "sklearn"))


def measure_case(case, teams, bench):
    """{threads: {tool's name: its times}}, after the check that all have the same loss after 10 updates."""
    tools = [tool for team in teams.values() for tool in team]
    for tool in tools:
        tool.load(case)
    first = [(tool, tool.train(2)) for tool in tools]
    table.check_same(f"{case.title()}, the loss after 10 iterations",
                     {f"{tool.name} on {tool.threads}": result["loss"] for tool, result in first}, SAME)
    warm = {tool: max(1, min(20000, round(bench.seconds / (5 * result["seconds"])))) for tool, result in first}
    times = {threads: {tool.name: [] for tool in team} for threads, team in teams.items()}
    for turn in range(bench.rounds):
        shift = turn % len(tools)
        for tool in tools[shift:] + tools[:shift]:
            times[tool.threads][tool.name].append(tool.train(warm[tool])["seconds"])
    return times


def dgemm_rates(teams, size):
    """{threads: operations a second}, by the OpenBLAS that NumPy and spiral share."""
    return {threads: team[len(PRODUCTS)].ask("dgemm", size=size)["rate"] for threads, team in teams.items()}


def row_of(case, threads, tool, times):
    ours = times[tool.name]
    return [case.title(), threads, tool.products, table.time_text(ours), *(table.against_text(ours, times[name]) for name, _ in PEERS)]


def peak_row(case, threads, times, peak):
    """What part of the rate of a large dgemm the whole iteration reaches."""
    flops = table.training_flops(case.rows, case.features, case.hidden, case.classes)
    rates = {name: flops / statistics.median(values) for name, values in times.items()}
    return [threads, f"{peak / 1e9:.1f} GFLOP/s", f"{rates['spiral'] / 1e9:.1f} GFLOP/s",
            f"**{rates['spiral'] / peak:.0%}**", *(f"{rates[name] / peak:.0%}" for name, _ in PEERS)]


def measure(bench):
    size = 1024 if bench.quick else 2048
    teams = {threads: [*(Spiral(bench.spiral, bench.folder / f"out-{threads}-{products}", threads, products)
                         for products in PRODUCTS),
                       *(Worker(name, module, threads) for name, module in PEERS)] for threads in (1, 2)}
    rows, peaks = [], []
    try:
        for case in cases(bench.quick):
            bench.say(case.title())
            case.make(bench.spiral, bench.folder)
            # The peak is measured right before and right after: the machine may not be the same all the time.
            wide = case.name == "wide"
            rates = [dgemm_rates(teams, size)] if wide else []
            times = measure_case(case, teams, bench)
            rows += [row_of(case, threads, tool, times[threads])
                     for threads, team in teams.items() for tool in team[:len(PRODUCTS)]]
            if wide:
                rates.append(dgemm_rates(teams, size))
                peaks += [peak_row(case, threads, times[threads], max(rate[threads] for rate in rates))
                          for threads in teams]
                wide_title = case.title()
    finally:
        for team in teams.values():
            for tool in team:
                tool.close()
    return "\n\n".join([
        "An iteration (loss, gradient, update) in double precision: the median and range of "
        f"{bench.rounds} alternating rounds, and in bold how many times as long as `spiral` the others take. All have "
        "the same loss after 10 iterations, to 1 part in 10⁹. Products: those of `spiral train --products`.",
        table.markdown(["rows × features", "threads", "products", "spiral", *(name for name, _ in PEERS)], rows),
        f"The products of {wide_title} as a part of the fastest {size}×{size} dgemm of the same run:",
        table.markdown(["threads", "dgemm", "spiral", "of it", *(name for name, _ in PEERS)], peaks)])
