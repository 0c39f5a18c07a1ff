"""Peak memory, and how the time of an iteration grows with the rows and with the hidden units."""

import os
import statistics

import table
from part_train import Case
from tools import Spiral, Worker, peak_memory

NUMPY_BYTES_A_ROW = 4000  # of the whole matrices of NumPy, at 100 hidden units, and room


def free_memory():
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))


def make(bench, rows, hidden):
    case = Case(rows, 2, hidden, 3, learning_rate=1.0)
    folder = bench.folder / f"rows-{rows}"
    if folder.exists():
        case.X, case.y = folder / "X.npy", folder / "y.npy"
    else:
        folder.mkdir()
        case.make(bench.spiral, folder)
    return case


def numpy_peak(case):
    """Of one iteration of the notes' code, with the data; None when this machine has not the memory for it."""
    if free_memory() < NUMPY_BYTES_A_ROW * case.rows:
        return None
    worker = Worker("NumPy", "numpy", 1)
    try:
        worker.load(case)
        return worker.ask("memory", iterations=1)["peak"]
    finally:
        worker.close()


def measure_peak(bench):
    rows = []
    case = make(bench, 300000 if bench.quick else 3000000, 100)
    data = sum(os.path.getsize(path) for path in (case.X, case.y))
    for threads in (1, 2):
        tool = Spiral(bench.spiral, bench.folder / "out", threads)
        tool.load(case)
        command = tool.command(3, 1)
        drawing = [argument for argument in command if argument != "--no-figures"]
        for title, run in (("no figures", command), ("with figures", drawing)):
            peaks = peak_memory(run, threads)
            rows.append([f"spiral, {title}", threads, table.size_text(peaks["VmHWM"]),
                         f"**{table.size_text(max(0, peaks['VmHWM'] - data))}**", table.size_text(peaks["RssAnon"])])
    numpys = numpy_peak(case)
    if numpys is not None:
        rows.append(["NumPy, one iteration", 1, table.size_text(numpys), table.size_text(max(0, numpys - data)), ""])
    text = (f"Peak memory of training {case.title()}, whose data files are {table.size_text(data)}; its own is what "
            "is not mapped from files:")
    return text + "\n\n" + table.markdown(["", "threads", "peak", "beyond the data", "its own"], rows)


def measure_growth(bench, cases, per):
    """Rounds over all cases and both numbers of threads: [(case, {threads: times divided by per(case)})]."""
    tools = [(case, threads, Spiral(bench.spiral, bench.folder / "out", threads))
             for case in cases for threads in (1, 2)]
    times = {(id(case), threads): [] for case, threads, _ in tools}
    warm = {}
    for case, threads, tool in tools:
        tool.load(case)
        warm[tool] = max(1, round(bench.seconds / (5 * tool.train(1)["seconds"])))
    for _ in range(bench.rounds):
        for case, threads, tool in tools:
            times[id(case), threads].append(tool.train(warm[tool])["seconds"] / per(case))
    return [(case, {threads: times[id(case), threads] for threads in (1, 2)}) for case in cases]


def growth_table(title, measured, what, reference):
    """The last columns: the median beside that of the reference case."""
    base = next(times for case, times in measured if case is reference)
    def cell(times, threads):
        return f"{statistics.median(times[threads]) / statistics.median(base[threads]):.2f}"
    return table.markdown([title, "1 thread", "2 threads", "1: beside the bold", "2: beside the bold"], [
        [f"**{what(case)}**" if case is reference else what(case), table.time_text(times[1]), table.time_text(times[2]),
         cell(times, 1), cell(times, 2)] for case, times in measured])


def measure(bench):
    bench.say("peak memory")
    memory = measure_peak(bench)
    bench.say("growth with the rows")
    counts = [300, 3000, 30000, 300000] + ([] if bench.quick else [3000000, 30000000])
    cases = [make(bench, rows, 100) for rows in counts]
    rows = growth_table("rows", measure_growth(bench, cases, lambda case: case.rows),
                        lambda case: table.number_text(case.rows), cases[2])
    bench.say("growth with the hidden units")
    base = 3000 if bench.quick else 30000
    sizes = [10, 100, 1000] if bench.quick else [10, 30, 100, 300, 1000, 3000]
    cases = [make(bench, base, hidden) for hidden in sizes]
    hidden = growth_table("hidden units", measure_growth(bench, cases, lambda case: case.rows * case.hidden),
                          lambda case: str(case.hidden), next(case for case in cases if case.hidden == 100))
    return "\n\n".join([memory, "The time of an iteration per row, N×2, hidden 100, K 3:", rows,
                        f"The time of an iteration per row and hidden unit, {base}×2, K 3:", hidden])
