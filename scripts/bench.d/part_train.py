"""An iteration of training, that is loss, gradient and update, beside NumPy, PyTorch and scikit-learn."""

import dataclasses
import pathlib

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

    def flops(self):
        return table.training_flops(self.rows, self.features, self.hidden, self.classes)

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
        Case(many, 2, 1000, 3),
        Case(many, 2, 3000, 3),
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


class Peak:
    """The fastest square dgemm of the run for each number of threads, in operations a second, by the OpenBLAS that NumPy
    and spiral share. It is measured between the cases: the machine may not be the same all the time."""

    def __init__(self, workers, bench):
        self.size = 1024 if bench.quick else 2048
        self.workers = workers  # NumPy's, {threads: worker}
        self.rates = dict.fromkeys(workers, 0.0)

    def measure(self):
        for threads, worker in self.workers.items():
            self.rates[threads] = max(self.rates[threads], worker.ask("dgemm", size=self.size)["rate"])

    def text(self):
        rates = " and ".join(f"{rate / 1e9:.1f} GFLOP/s on {threads} thread{'s' if threads > 1 else ''}"
                             for threads, rate in self.rates.items())
        return f"the fastest {self.size}×{self.size} dgemm of the same run, {rates}"


def row_of(case, threads, tool, times, peak):
    ours = times[tool.name]
    return [case.title(), threads, tool.products, table.time_text(ours), table.peak_text(case.flops(), ours, peak),
            table.each_text(ours, case.rows * case.hidden), *(table.against_text(ours, times[name]) for name, _ in PEERS)]


def measure(bench):
    teams = {threads: [*(Spiral(bench.spiral, bench.folder / f"out-{threads}-{products}", threads, products)
                         for products in PRODUCTS),
                       *(Worker(name, module, threads) for name, module in PEERS)] for threads in (1, 2)}
    peak = Peak({threads: team[len(PRODUCTS)] for threads, team in teams.items()}, bench)
    measured = []
    try:
        peak.measure()
        for case in cases(bench.quick):
            bench.say(case.title())
            case.make(bench.spiral, bench.folder)
            measured.append((case, measure_case(case, teams, bench)))
            peak.measure()
    finally:
        for team in teams.values():
            for tool in team:
                tool.close()
    rows = [row_of(case, threads, tool, times[threads], peak.rates[threads]) for case, times in measured
            for threads, team in teams.items() for tool in team[:len(PRODUCTS)]]
    return "\n\n".join([
        "An iteration (loss, gradient, update) in double precision: the median and range of "
        f"{bench.rounds} alternating rounds, and in bold how many times as long as `spiral` the others take. All have "
        "the same loss after 10 iterations, to 1 part in 10⁹. Products: those of `spiral train --products`. Of the peak: "
        f"the products' operations a second beside {peak.text()}. The units are the hidden ones.",
        table.markdown(["rows × features", "threads", "products", "spiral", "of the peak", "per row and unit",
                        *(name for name, _ in PEERS)], rows)])
