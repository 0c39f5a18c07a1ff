"""Making data and reading it."""

import json
import time

import numpy as np
import pandas
import table
from tools import peak_memory, run


def numpy_spiral(points, X_path, y_path):
    """What `spiral generate` does, in NumPy: the same numbers, saved. The seconds without Python's start."""
    started = time.perf_counter()
    stream = np.random.RandomState(0)
    X, y = np.empty((3 * points, 2)), np.empty(3 * points, dtype=np.int64)
    for j in range(3):
        rows = slice(j * points, (j + 1) * points)
        r = np.linspace(0.0, 1, points)
        t = np.linspace(j * 4, (j + 1) * 4, points) + stream.randn(points) * 0.2
        X[rows] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[rows] = j
    np.save(X_path, X)
    np.save(y_path, y)
    return time.perf_counter() - started


def measure_generate(bench):
    points = 100000 if bench.quick else 1000000
    ours = [bench.folder / name for name in ("X.npy", "y.npy")]
    theirs = [bench.folder / name for name in ("X2.npy", "y2.npy")]
    times = {"spiral": [], "NumPy": []}
    for _ in range(bench.rounds):
        times["spiral"].append(run([bench.spiral, "generate", "--points-per-class", points, "-o",
                                    f"{ours[0]},{ours[1]}"]))
        times["NumPy"].append(numpy_spiral(points, *theirs))
    differences = np.abs(np.load(ours[0]) - np.load(theirs[0])).max()
    if not differences < 1e-15 or not (np.load(ours[1]) == np.load(theirs[1])).all():
        raise table.SameNumbersError(f"the generated data: spiral's and NumPy's differ by {differences}")
    title = f"generate {table.number_text(3 * points)}×2, saved as .npy"
    return [title, table.time_text(times["spiral"]), table.against_text(times["spiral"], times["NumPy"]), ""]


def summary(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def measure_csv(bench):
    """spiral has no command that reads and does nothing, so that its time is that of a whole run with one iteration.
    NumPy and pandas are timed in a Python that has started. The file is in the page cache for everyone."""
    rows, columns = (50000 if bench.quick else 1000000), 10
    stream = np.random.RandomState(0)
    X, y = stream.randn(rows, columns), np.arange(rows) % 3
    csv, X_path, y_path, out = (bench.folder / name for name in ("data.csv", "X.npy", "y.npy", "out"))
    np.savetxt(csv, np.c_[X, y], delimiter=",", fmt=["%.17g"] * columns + ["%d"])
    np.save(X_path, X)
    np.save(y_path, y)

    def command(data):
        return [bench.spiral, "train", "--data", data, "--model", "linear", "--iterations", 1, "--threads", 1,
                "--no-figures", "--quiet", "--out", out]

    run(command(f"{X_path},{y_path}"))
    expected = summary(out)["data"]["crc32"]
    times = {name: [] for name in ("spiral", "NumPy", "pandas")}
    for _ in range(bench.rounds):
        times["spiral"].append(run(command(csv)))
        found = summary(out)["data"]["crc32"]
        started = time.perf_counter()
        numpys = np.loadtxt(csv, delimiter=",")
        between = time.perf_counter()
        pandass = pandas.read_csv(csv, header=None)
        times["NumPy"].append(between - started)
        times["pandas"].append(time.perf_counter() - between)
    if found != expected:
        raise table.SameNumbersError(f"{csv.name}: checksum {found} of the CSV, {expected} of the .npy files")
    if not (numpys[:, :-1] == X).all() or not np.allclose(pandass.to_numpy()[:, :-1], X, rtol=1e-14):
        raise table.SameNumbersError(f"{csv.name}: np.loadtxt or pandas.read_csv have read other numbers")
    peak, base = (peak_memory(command(data), 1)["VmHWM"] for data in (csv, bench.iris))
    array = X.nbytes + y.nbytes
    ours = times["spiral"]
    title = f"read a CSV file of {table.number_text(rows)}×{columns} and a class ({csv.stat().st_size / 1e6:.0f} MB)"
    row = [title, table.time_text(ours), *(table.against_text(ours, times[name]) for name in ("NumPy", "pandas"))]
    return row, (f"Reading that file, `spiral`'s memory grew by {table.size_text(peak - base)}, "
                 f"{(peak - base) / array:.2f} × what the numbers and classes take ({table.size_text(array)}).")


def pandas_predict(csv, model, output):
    """What `spiral predict --probabilities` does, in pandas and NumPy. The seconds without Python's start."""
    started = time.perf_counter()
    X = pandas.read_csv(csv, header=None).to_numpy()[:, :-1]
    scores = np.maximum(0, X @ model["W1"] + model["b1"]) @ model["W2"] + model["b2"]
    probs = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    frame = pandas.DataFrame({"class": model["classes"][probs.argmax(axis=1)]})
    for k, name in enumerate(model["classes"]):
        frame[f"p:{name}"] = probs[:, k]
    frame.to_csv(output, index=False)
    return time.perf_counter() - started


def measure_predict(bench):
    """Of the files that measure_csv has left."""
    csv, X_path, y_path, ours, theirs = (bench.folder / name for name in ("data.csv", "X.npy", "y.npy", "ours.csv", "theirs.csv"))
    run([bench.spiral, "train", "--data", f"{X_path},{y_path}", "--hidden", 100, "--iterations", 5, "--no-figures", "--quiet",
         "--out", bench.folder / "model"])
    model = dict(np.load(bench.folder / "model" / "model.npz"))
    command = [bench.spiral, "predict", "--model", bench.folder / "model" / "model.npz", "--data", csv, "--probabilities",
               "--quiet", "-o", ours]
    times = {"spiral": [], "pandas": []}
    for _ in range(bench.rounds):
        times["spiral"].append(run(command))
        times["pandas"].append(pandas_predict(csv, model, theirs))
    found, expected = (pandas.read_csv(path).to_numpy() for path in (ours, theirs))
    if found.shape != expected.shape or not np.allclose(found[:, 1:], expected[:, 1:], rtol=0, atol=1e-12):
        raise table.SameNumbersError(f"{csv.name}: spiral and NumPy predict other probabilities")
    peak = peak_memory(command, 1)["VmHWM"]
    row = ["predict the class and the probabilities of each of its rows, from CSV to CSV", table.time_text(times["spiral"]), "",
           table.against_text(times["spiral"], times["pandas"])]
    return row, f"Predicting them, `spiral` took {table.size_text(peak)} of memory, whatever the number of rows."


def measure(bench):
    bench.say("generating data")
    rows = [measure_generate(bench)]
    bench.say("reading CSV")
    row, note = measure_csv(bench)
    bench.say("predicting from CSV to CSV")
    predicted, predicted_note = measure_predict(bench)
    return "\n\n".join([
        "Files. `spiral` is the whole command, for CSV a `train` of one iteration; the others are timed in a Python "
        "that has started, for CSV `np.loadtxt` and `pandas.read_csv`, whose last digits are not always right, to predict "
        "pandas and NumPy together:",
        table.markdown(["job", "spiral", "NumPy", "pandas"], [*rows, row, predicted]), f"{note} {predicted_note}"])
