"""Numbers that public sources print which redo the notes' case study or train networks as small, beside spiral's own: each source with
its data, the command and what it prints. `python3 outside.py` prints the table of docs/outside-numbers.md."""

import csv
import os
import pathlib
import shlex
import subprocess
import tempfile
from typing import Callable, NamedTuple, Optional

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPIRAL = os.path.abspath(os.environ.get("SPIRAL", ROOT / "build" / "spiral"))


class Source(NamedTuple):
    name: str
    where: str                        # as the table names it
    options: str                      # of spiral train
    printed: dict                     # {iteration: the text printed there}
    data: Optional[Callable] = None   # writes the files that the options name
    late: bool = False                # printed after the update: what is printed at i stands in row i + 1
    divide: int = 1                   # the loss printed is a mean, spiral's a sum over so many rows
    column: str = "loss"
    within: dict = {}                 # {iteration: how far spiral may be from what is printed}; elsewhere every digit counts


def every(step, text):
    return {step * i: value for i, value in enumerate(text.split())}


def save(X, y):
    with open("data.csv", "w", encoding="utf-8") as file:
        file.write(",".join(f"x{d}" for d in range(X.shape[1])) + ",label\n")
        file.writelines(",".join(f"{x:.17g}" for x in row) + f",{k}\n" for row, k in zip(X, y))


def moons(seed):
    """scikit-learn's make_moons(200, noise=0.2) as np.random.seed(seed) draws it: the permutation first, then the noise."""
    random = np.random.RandomState(seed)
    t = np.linspace(0, np.pi, 100)
    X = np.r_[np.c_[np.cos(t), np.sin(t)], np.c_[1 - np.cos(t), 1 - np.sin(t) - 0.5]]
    order = np.arange(200)
    random.shuffle(order)
    save(X[order] + random.normal(scale=0.2, size=X.shape), np.repeat([0, 1], 100)[order])


def moons_0():
    moons(0)


def two_bits(labels):
    return lambda: save(np.array([[1, 1], [1, 0], [0, 1], [0, 0.0]]), labels)


def toy():
    save(10 * np.random.RandomState(1).randn(5, 4), [0, 1, 2, 2, 1])


def steps():
    """Weights and data by linspace; of seven classes three have a row, and the array `classes` names them all."""
    N, D, H, C = 3, 5, 50, 7
    np.savez("weights.npz", W1=np.linspace(-0.7, 0.3, D * H).reshape(D, H), b1=np.linspace(-0.1, 0.9, H),
             W2=np.linspace(-0.3, 0.4, H * C).reshape(H, C), b2=np.linspace(-0.9, 0.1, C))
    np.savez("data.npz", X=np.linspace(-5.5, 4.5, N * D).reshape(D, N).T.copy(), y=np.array([0, 5, 1]),
             classes=np.array([str(k) for k in range(C)]))


NOTEBOOKS = "minimal_net.ipynb of DexHunter/cs231n, mariolew/cs231n, whuhan2013/CS231nAssignment and others"
MOONS = "--data data.csv --init lecun --hidden 3 --lr 2 --reg 5e-5 --iterations 19002 --log-every 1 --activation"
NNFS = "--arm-offset 10 --turns 1.5915494309189535 --noise 0.5 --reg 0"
RICE = "Rice COMP 576, assignment 1"

# How far published runs of the notebook's network are from each other, and some more for other processors: docs/training.md.
CHAOTIC = {4000: 5e-6, 5000: 5e-5, 6000: 5e-5, 7000: 5e-5, 8000: 5e-4, 9000: 6e-4}

SOURCES = [
    Source("notebook_linear", f"{NOTEBOOKS}: the linear classifier", "--model linear",
           every(10, "1.096919 0.917310 0.851535 0.822352 0.807594 0.799452 0.794683 0.791765 0.789921 0.788726 0.787937 0.787408 "
                     "0.787049 0.786803 0.786633 0.786514 0.786431 0.786373 0.786331 0.786302")),
    Source("notebook_network", "the same notebooks, run from the top: the network", "--skip-draws 6 --log-every 1000",
           every(1000, "1.098637 0.294416 0.266441 0.251507 0.248295 0.247107 0.246426 0.245960 0.245350 0.244927"),
           within=CHAOTIC),
    Source("cells_before_linear", "gameofdimension/cs231n-2017, minimal_net.ipynb: cells run out of order, 1012 draws before",
           "--model linear --skip-draws 1012", {0: "1.099437", 10: "0.918119", 20: "0.851867", 50: "0.799507", 100: "0.787944",
                                                190: "0.786302"}),
    Source("cells_before_network", "the same, its network", "--skip-draws 1018 --log-every 1000 --iterations 4001",
           every(1000, "1.098430 0.301603 0.261799 0.253851 0.249977"), within=CHAOTIC),
    Source("network_twice", "lalithnag/cs231n-stanford, minimal_net.ipynb: the network's cell run twice",
           "--skip-draws 512 --log-every 1000 --iterations 6001",
           every(1000, "1.098728 0.294157 0.257163 0.248914 0.246149 0.245266 0.244860"), within=CHAOTIC),
    Source("network_three_times", "LUKELIEM/CS231N-Assignment-2, minimal_net.ipynb: three times",
           "--skip-draws 1012 --log-every 1000 --iterations 4001", every(1000, "1.098689 0.302637 0.261922 0.253519 0.247749"),
           within=CHAOTIC),
    Source("no_penalty_linear", "linh-ktran/demystifying-deep-learning, minimal_net.ipynb: no penalty",
           "--model linear --reg 0 --iterations 201",
           every(20, "1.096919 0.847970 0.801059 0.786406 0.780613 0.778009 0.776744 0.776097 0.775754 0.775569 0.775466")),
    Source("no_penalty_network", "the same, 50 hidden units", "--skip-draws 6 --reg 0 --hidden 50 --iterations 3001 --log-every 500",
           every(500, "1.098509 0.287450 0.168315 0.112732 0.071881 0.058716 0.051500")),
    Source("moons_tanh", f"dennybritz/nn-from-scratch as {RICE} prints it: two moons, tanh", f"{MOONS} tanh",
           every(1000, "0.432387 0.068947 0.068916 0.070752 0.070748 0.070751 0.070754 0.070756 0.070757 " + "0.070758 " * 11),
           moons_0, late=True, within={2000: 1e-4, **{i: 1e-3 for i in range(3000, 20000, 1000)}}),
    Source("moons_sigmoid", f"{RICE}: sigmoid", f"{MOONS} sigmoid",
           every(1000, "0.628571 0.088431 0.079598 0.078604 0.078330 0.078233 0.078192 0.078174 0.078166 0.078161 0.078159 0.078158 "
                       "0.078157 0.078156 0.078156 0.078156 0.078156 0.078156 0.078156 0.078155"), moons_0, late=True),
    Source("moons_relu", f"{RICE}: ReLU", f"{MOONS} relu",
           every(1000, "0.560274 0.072179 0.071301 0.071159 0.071190 0.071136 0.071276 0.071090 0.071265 0.071084 0.071090 0.071087 "
                       "0.071086 0.071069 0.071114 0.071074 0.071113 0.071071 0.071090 0.071219"), moons_0, late=True),
    Source("moons_sum", "nn-from-scratch with another seed, tanh, 10 units: the sum over the rows",
           "--data data.csv --activation tanh --init lecun --hidden 10 --reduction sum --lr 0.01 --reg 0.01 --iterations 5002 "
           "--log-every 1", every(1000, "0.594909 0.044892 0.038739 0.036230 0.035161 0.034530"), lambda: moons(3), late=True,
           divide=200),
    Source("xor", "a blog's parity problem in Theano: XOR of two bits",
           "--data data.csv --activation tanh --init lecun --hidden 4 --lr 0.01 --reg 0.0025 --iterations 9002 --log-every 1",
           every(1000, "0.694005 0.500917 0.309874 0.190666 0.140858 0.119209 0.108479 0.102523 0.098904 0.096533"),
           two_bits([0, 1, 1, 0]), late=True),
    Source("or", "the same: OR",
           "--data data.csv --activation tanh --init lecun --hidden 4 --lr 0.01 --reg 0.0025 --iterations 9002 --log-every 1",
           every(1000, "0.769078 0.103026 0.057478 0.045957 0.041489 0.039324 0.038112 0.037359 0.036850 0.036480"),
           two_bits([1, 1, 1, 0]), late=True),
    Source("toy_net", "CS231n, assignment 1, two_layer_net.ipynb (FortiLeiZhang/cs231n, kingtaurus/cs231n)",
           "--data data.csv --init-scale 0.1 --hidden 10 --reg 0.1 --iterations 1", {0: "1.30378789133"}, toy),
    Source("steps_data", "CS231n, assignment 2, FullyConnectedNets.ipynb (kingtaurus/cs231n and others)",
           "--data data.npz --init-from weights.npz --hidden 50 --reg 0 --iterations 1 --lr 1e-9", {0: "3.4702243556"}, steps),
    Source("steps_reg", "the same, with reg 1",
           "--data data.npz --init-from weights.npz --hidden 50 --reg 1 --iterations 1 --lr 1e-9", {0: "26.5948426952"}, steps),
    Source("nnfs_small", "Sentdex/nnfs_book, Chapter_5/Ch5_Final.py (single precision: 1.0986104)", f"{NNFS} --hidden 3 --iterations 1",
           {0: "1.098610"}),
    Source("nnfs_loss", "Neural Networks from Scratch, chapter 10: 64 units, decay 1e-2 (ajkumar-13/NNFS, part 23)",
           f"{NNFS} --hidden 64 --lr 1 --schedule inverse --decay 0.01 --iterations 10001 --log-every 10000",
           {0: "1.099", 10000: "1.07"}),
    Source("nnfs_accuracy", "the same, the accuracy",
           f"{NNFS} --hidden 64 --lr 1 --schedule inverse --decay 0.01 --iterations 10001 --log-every 10000",
           {0: "0.36", 10000: "0.397"}, column="accuracy"),
]


def run(source):
    """{iteration: spiral's number, as a text with the digits of the printed one}, from a scratch folder."""
    here = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="spiral-outside-") as folder:
        os.chdir(folder)
        try:
            if source.data is not None:
                source.data()
            subprocess.run([SPIRAL, "train", *shlex.split(source.options), "--no-figures", "--quiet", "--out", "out"], check=True)
            with open("out/loss.csv", newline="", encoding="utf-8") as file:
                rows = {int(row["iteration"]): float(row[source.column]) for row in csv.DictReader(file)}
        finally:
            os.chdir(here)
    return {i: f"{rows[i + source.late] / source.divide:.{len(text.partition('.')[2])}f}" for i, text in source.printed.items()}


def table_row(source, found):
    """Some of the lines: the first, and the last two."""
    shown = sorted(source.printed)
    shown = shown[:1] + shown[1:][-2:]
    printed, ours = (", ".join(f"{i}: {values[i]}" for i in shown) for values in (source.printed, found))
    same = sum(source.printed[i] == found[i] for i in source.printed)
    return f"| {source.where} | `{source.options}` | {printed} | {ours} | {same} of {len(source.printed)} |"


if __name__ == "__main__":
    print("| source | `spiral train` with | printed (iteration: loss) | spiral | the same digits |\n|---|---|---|---|---|")
    for each in SOURCES:
        print(table_row(each, run(each)))
