"""The bench's own arithmetic: what is made of a list of times, and how a table is written. Needs nothing but Python."""

import statistics


class SameNumbersError(Exception):
    """The tools do not compute the same: nothing that is measured then means anything."""


class SlowError(Exception):
    """A level of the kernels is slower than NumPy."""


def check_same(what, values, tolerance):
    """values: {name: number}. Raises when one is further than tolerance, relatively, from the first."""
    names = list(values)
    expected = values[names[0]]
    for name in names[1:]:
        # Written so that a nan fails.
        if not abs(values[name] - expected) <= tolerance * max(abs(expected), 1e-300):
            raise SameNumbersError(f"{what}: {name} has {values[name]!r}, {names[0]} has {expected!r}")


def three_digits(value):
    """A number with three significant digits and no exponent."""
    if value == 0:
        return "0"
    digits = 0
    while abs(value) * 10**digits < 99.95 and digits < 9:
        digits += 1
    return f"{value:.{digits}f}"


def unit_of(seconds):
    """(divisor, name) of the unit in which this time is best read."""
    for divisor, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= divisor * 0.9995:
            return divisor, name
    return 1e-9, "ns"


def time_text(times):
    """The median of some times, and their range: 31.2 µs (30.9–33.0)."""
    middle = statistics.median(times)
    divisor, name = unit_of(middle)
    text = f"{three_digits(middle / divisor)} {name}"
    if len(times) > 1:
        text += f" ({three_digits(min(times) / divisor)}–{three_digits(max(times) / divisor)})"
    return text


def ratio(times, others):
    """How many times as long the others take, by the medians."""
    return statistics.median(others) / statistics.median(times)


def ratio_text(times, others):
    value = ratio(times, others)
    return f"{value:.1f}×" if value < 99.95 else f"{value:.0f}×"


def against_text(times, others):
    """A cell of a peer: **6.7×** 209 µs (205–230)."""
    return f"**{ratio_text(times, others)}** {time_text(others)}"


def level_text(ours, numpy, best):
    """A cell of the table of levels: the time, how many times as long NumPy takes, the time in those of the best level."""
    return f"{time_text([ours])}, **{ratio_text([ours], [numpy])}**, {ours / best:.2f}"


def peak_text(flops, times, peak):
    """What part of `peak`, in operations a second, is reached by so many operations in the median of these times."""
    return f"{flops / statistics.median(times) / peak:.0%}"


def each_text(times, count):
    """The median of the times divided by a count of things; empty when there are none."""
    return time_text([statistics.median(times) / count]) if count else ""


def slower(title, times, numpy):
    """A line for each of times, {level: seconds}, that is not below NumPy's."""
    return [f"{title}: {level} takes {time_text([seconds])}, NumPy {time_text([numpy])}"
            for level, seconds in times.items() if not seconds < numpy]


def size_text(count):
    """A number of bytes, in megabytes of 10^6."""
    megabytes = count / 1e6
    return f"{megabytes:.1f} MB" if megabytes < 99.95 else f"{megabytes:.0f} MB"


def number_text(count):
    """30000000 as 30,000,000."""
    return f"{count:,}"


def training_flops(rows, features, hidden, classes):
    """Multiplications and additions of the products in one iteration, each counted as one. Forward: X W1 and h W2.
    Backward: dW2 = h^T dF, dh = dF W2^T, dW1 = X^T dh; without a hidden layer F = X W and dW = X^T dF."""
    if hidden == 0:
        return 2 * rows * (2 * features * classes)
    forward = 2 * rows * (features * hidden + hidden * classes)
    backward = 2 * rows * (features * hidden + 2 * hidden * classes)
    return forward + backward


def markdown(header, rows):
    """A table whose columns also line up as plain text."""
    lines = [list(map(str, line)) for line in [header, *rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    def join(cells):
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    ruler = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([join(lines[0]), ruler, *map(join, lines[1:])])


BEGIN = "<!-- scripts/bench writes from here -->"
BEGIN_COPIES = "<!-- scripts/bench train --copies writes from here -->"
END = "<!-- to here -->"


def replace_between(text, body, begin=BEGIN):
    """text with what stands between the marker begin and the next END replaced by body."""
    before, found, after = text.partition(begin)
    old, ended, rest = after.partition(END)
    if not found or not ended or begin in after or BEGIN in old or BEGIN_COPIES in old:
        raise ValueError(f"expected one '{begin}' and '{END}' after it")
    return f"{before}{begin}\n\n{body.strip()}\n\n{END}{rest}"
