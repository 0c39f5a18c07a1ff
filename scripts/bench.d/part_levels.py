"""An iteration of training at every level of the vector kernels that this machine can run, each a program that was built
for it alone, beside NumPy."""

import part_train
import table
from tools import Spiral, Worker, levels


CORES = {"SSE2": "Nehalem", "AVX2": "Haswell"}  # whose dgemm in OpenBLAS needs no more than that level
RUN = 0.003  # seconds: so short that a busy machine leaves some of the runs alone


def fastest_of(case, tools, bench):
    """{tool's name: the time of an iteration in its fastest run}, after the check of the losses."""
    for tool in tools:
        tool.load(case)
    first = {tool: tool.train(2) for tool in tools}
    table.check_same(f"{case.title()}, the loss after 10 iterations",
                     {tool.name: result["loss"] for tool, result in first.items()}, part_train.SAME)
    warm = {tool: max(1, round(RUN / result["fastest"])) for tool, result in first.items()}
    runs = {tool: max(5, round(bench.seconds / (warm[tool] * result["fastest"]))) for tool, result in first.items()}
    times = {tool.name: [] for tool in tools}
    for turn in range(bench.rounds):
        shift = turn % len(tools)
        for tool in tools[shift:] + tools[:shift]:
            times[tool.name].append(tool.train(warm[tool], runs[tool])["fastest"])
    return {name: min(values) for name, values in times.items()}


def measure(bench):
    programs = levels(bench.levels)
    names = list(programs)
    tools = [*(Spiral(programs[level], bench.folder / f"out-{level}", 1, name=level) for level in names),
             Worker("NumPy", "numpy", 1)]
    peak = part_train.Peak({1: tools[-1]}, bench)
    lower = {level: part_train.Peak({1: Worker("NumPy", "numpy", 1, CORES[level])}, bench)
             for level in names[:-1] if level in CORES}
    measured = []
    try:
        peak.measure()
        for case in part_train.cases(bench.quick):
            bench.say(case.title())
            case.make(bench.spiral, bench.folder)
            measured.append((case, fastest_of(case, tools, bench)))
            for each in (peak, *lower.values()):
                each.measure()
    finally:
        for tool in [*tools, *(each.workers[1] for each in lower.values())]:
            tool.close()
    rows, wrong = [], []
    for case, times in measured:
        numpy, best = times["NumPy"], times[names[-1]]
        rows.append([case.title(), table.time_text([numpy]), *(table.level_text(times[name], numpy, best) for name in names),
                     table.peak_text(case.flops(), [best], peak.rates[1])])
        wrong += table.slower(case.title(), {name: times[name] for name in names}, numpy)
    dgemms = "".join(f"OpenBLAS's dgemm for {level} reaches {each.rates[1] / 1e9:.1f} GFLOP/s. " for level, each in lower.items())
    text = "\n\n".join([
        f"An iteration on one thread at each level of the kernels: the fastest of many short runs in {bench.rounds} "
        "alternating rounds; in bold, how many times as long NumPy takes; then the time as a multiple of that of "
        f"{names[-1]}. Of the peak: the products' operations a second at {names[-1]} beside {peak.text()}. {dgemms}All have the "
        "same loss after 10 iterations, to 1 part in 10⁹.",
        table.markdown(["rows × features", "NumPy", *names, "of the peak"], rows)])
    if wrong:
        print(text + "\n", flush=True)
        raise table.SlowError("slower than NumPy:\n  " + "\n  ".join(wrong))
    return text
