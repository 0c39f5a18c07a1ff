"""Every number that explain writes, in all four formats, against NumPy and the model's file alone.

The tables of the HTML page are read by their keys and compared cell by cell with matrices that NumPy computes here; the
calculations of the text are evaluated; the other formats must have the same numbers, and the programs at the end must run.
"""

import collections
import html.parser
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import numpy as np

from support import SpiralTest

FORMATS = {"text": "why.txt", "markdown": "why.md", "latex": "why.tex", "html": "why.html"}


# ---- the gradient by NumPy ---------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "relu": (lambda z: np.maximum(0, z), lambda z: (z > 0) * 1.0),
    "leaky-relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z)))),
}


class Network:
    """The matrices of the document, by name: A[0] is X, Z[-1] is F."""

    def __init__(self, model, activation, X, y):
        linear = "W" in model
        layers = 1 if linear else sum(1 for name in model if re.fullmatch("W[0-9]+", name))
        self.names = [""] if linear else [str(layer + 1) for layer in range(layers)]
        self.W = [model["W" + name] for name in self.names]
        self.b = [model["b" + name].reshape(-1) for name in self.names]
        self.activation = activation
        self.y = y
        self.A, self.Z = [X], []
        value, slope = ACTIVATIONS[activation]
        for W, b in zip(self.W, self.b):
            self.Z.append(self.A[-1] @ W + b)
            self.A.append(value(self.Z[-1]))
        shifted = self.Z[-1] - self.Z[-1].max(axis=1, keepdims=True)
        self.probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        self.onehot = np.eye(self.probs.shape[1])[y]
        self.losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]
        self.dZ, self.dA, self.slope = [None] * layers, [None] * layers, [None] * layers
        self.dZ[-1] = self.probs - self.onehot
        for layer in range(layers - 2, -1, -1):
            self.dA[layer] = self.dZ[layer + 1] @ self.W[layer + 1].T
            self.slope[layer] = slope(self.Z[layer])
            self.dZ[layer] = self.dA[layer] * self.slope[layer]
        self.dW = [A.T @ dZ for A, dZ in zip(self.A, self.dZ)]
        self.db = [dZ.sum(axis=0) for dZ in self.dZ]

    def trained(self, layer, reduction, reg, l1):
        """dW and db of the objective."""
        count = len(self.y) if reduction == "mean" else 1
        W = self.W[layer]
        return self.dW[layer] / count + reg * W + l1 * np.sign(W), self.db[layer] / count


# ---- the page ----------------------------------------------------------------------------------------------------------

Table = collections.namedtuple("Table", "key caption columns labels cells")


class Page(html.parser.HTMLParser):
    """The tables of an HTML document that have a key, and its numbers."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.text, self.caption, self.place = [], [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "table":
            self.tables.append(Table(attrs.get("data-key"), self.caption, [], [], []))
        elif tag == "figcaption":
            self.caption, self.place = "", "caption"
        elif tag == "th" and self.tables:
            self.place = self.tables[-1].columns if attrs.get("scope") == "col" else self.tables[-1].labels
            self.place.append("")
        elif tag == "tr" and self.tables:
            self.tables[-1].cells.append([])
        elif tag == "td" and self.tables:
            self.place = self.tables[-1].cells[-1]
            self.place.append("")
        elif tag in ("style", "title", "script"):
            self.place = "hidden"

    def handle_endtag(self, tag):
        if tag in ("td", "th", "figcaption", "style", "title", "script"):
            self.place = None

    def handle_data(self, data):
        if self.place != "hidden":
            self.text.append(data)
        if self.place == "caption":
            self.caption += data
        elif isinstance(self.place, list):
            self.place[-1] += data

    def keyed(self):
        """The tables with a key, without the row of the columns' names."""
        return [table._replace(cells=table.cells[1 if table.columns else 0:]) for table in self.tables if table.key is not None]


def number(text):
    """(value, half a unit of its last place, is it marked?) of a cell."""
    found = re.fullmatch("(\u2212?)([0-9]+)(?:[.]([0-9]+))?(?:\u22c510(\u2212?[0-9]+))?([*]?)", text)
    if found is None:
        raise AssertionError(f"{text!r} is no number")
    sign, whole, decimals, power, mark = found.groups()
    decimals, power = decimals or "", int((power or "0").replace("\u2212", "-"))
    value = float(f"{whole}.{decimals}e{power}")
    if value == 0:
        assert not sign, f"{text!r} has a sign"
    return (-value if sign else value), 0.5 * 10.0 ** (power - len(decimals)), bool(mark)


# ---- the test ----------------------------------------------------------------------------------------------------------

Case = collections.namedtuple("Case", "activation hidden D K reduction reg l1 rows standardize")

CASES = [
    Case("relu", [], 2, 3, "mean", 0.001, 0, 3, False), Case("relu", [], 1, 2, "sum", 0, 0, 1, False),
    Case("relu", [], 30, 12, "mean", 0, 0.01, 5, True), Case("tanh", [3], 2, 3, "mean", 0.001, 0, 3, False),
    Case("relu", [5], 30, 2, "sum", 0.5, 0.25, 4, True), Case("sigmoid", [4], 1, 12, "mean", 0.1, 0, 2, False),
    Case("leaky-relu", [12], 2, 3, "mean", 0, 0, 6, False), Case("relu", [4, 3], 2, 3, "mean", 1e-5, 1e-5, 3, False),
    Case("tanh", [4, 3], 30, 12, "sum", 0, 0.1, 2, True), Case("sigmoid", [3, 9], 1, 2, "mean", 0.01, 0.01, 3, False),
    Case("leaky-relu", [3, 4, 3], 2, 12, "mean", 0.001, 0, 4, False), Case("relu", [6, 5, 4], 30, 3, "sum", 0.2, 0, 3, True),
    Case("relu", [90], 30, 12, "mean", 0.01, 0, 2, False),  # too large for its program, which loads it
    Case("tanh", [2] * 32, 2, 2, "mean", 0.001, 0, 2, False), Case("tanh", [3, 3, 3], 1, 3, "mean", 0, 0.5, 20, False), Case("sigmoid", [100, 4, 3], 2, 2, "sum", 0, 0, 3, False),
]


class ExplainTest(SpiralTest):
    given_decimals = False

    def write_data(self, case, scale=1.0):
        rng = np.random.RandomState(14 + case.D + 7 * case.K)
        y = np.arange(4 * case.K) % case.K
        X = scale * (rng.randn(len(y), case.D) + 0.3 * y[:, None])
        with open(self.folder / "x.csv", "w", encoding="utf-8") as file:
            file.write(",".join([f"f{d}" for d in range(case.D)] + ["kind"]) + "\n")
            for features, label in zip(X, y):
                file.write(",".join([repr(float(x)) for x in features] + [f"c{label:02}"]) + "\n")
        return X, y

    def explain(self, case, *options, scale=1.0):
        """Trains a network, writes the document in all formats, and gives back the network by NumPy and its rows."""
        X, y = self.write_data(case, scale)
        model = ["--hidden", ",".join(map(str, case.hidden)), "--activation", case.activation] if case.hidden else ["--model", "linear"]
        self.spiral("train", "--data", "x.csv", "--iterations", 30, "--lr", 0.1, "--no-figures", "-q", "--init-scale", 0.6, *model,
                    *(["--standardize"] if case.standardize else []), "--out", "o")
        file = np.load(self.folder / "o" / "model.npz", allow_pickle=False)
        arrays = {name: file[name] for name in file.files}
        if case.standardize:
            X = (X - arrays["mean"]) / arrays["scale"]
        rows = np.random.RandomState(5).permutation(len(y))[:case.rows]
        for layout, path in FORMATS.items():
            self.spiral("explain", "--load", "o/model.npz", "--data", "x.csv", "--at", ",".join(map(str, rows)), "--reduction",
                        case.reduction, "--reg", case.reg, "--l1", case.l1, "--format", layout, "-o", path, *options)
        return Network(arrays, case.activation, X[rows], y[rows]), rows

    def compare(self, where, cell, expected):
        if np.isnan(expected):
            self.assertEqual(cell, "", where)
            return
        value, half, _ = number(cell)
        self.assertLessEqual(abs(value - expected), half * (1 + 1e-6) + 1e-9 * abs(expected), f"{where}: {cell}, expected {expected!r}")

    def compare_table(self, table, expected):
        expected = np.atleast_2d(expected)
        self.assertEqual((len(table.cells), {len(row) for row in table.cells}), (expected.shape[0], {expected.shape[1]}), table.key)
        largest = np.nanmax(np.abs(expected))
        for r, row in enumerate(table.cells):
            for c, cell in enumerate(row):
                self.compare(f"{table.key}[{r},{c}]", cell, expected[r, c])
                if cell and not self.given_decimals:  # no number is rounded to less than the table's size asks for
                    value, half, _ = number(cell)
                    self.assertTrue(value == expected[r, c] or abs(expected[r, c]) < 1e-12 or half <= max(0.4 * largest, 5e-4), f"{table.key}[{r},{c}]: {cell}, {expected[r, c]!r}")

    def check_page(self, case, network, rows, page):
        """Compares every table with what its key says it is."""
        axes = self.shown(case, network, page)
        seen = set()
        for table in page.keyed():
            expected = self.expected(table, case, network, list(rows), axes)
            self.compare_table(table, expected)
            if table.key.startswith("scores/"):
                loss = re.search("=\u2212?([0-9.]+)$", table.caption.replace(" ", ""))
                i = list(rows).index(int(table.key.split("/")[1]))
                self.compare(table.key + " loss", loss.group(1), network.losses[i])
            seen.add(table.key)
        last = network.names[-1]
        wanted = {"X", "F", "dF", "dF/dW", "dF/db", "W" + last, "b" + last, "dW" + last, "db" + last, "1^T", "exercise/class"}
        wanted |= {f"{kind}/dW{name}" for kind in ("train", "sums", "differences") for name in network.names}
        wanted |= {f"dW{last}/outer/{row}" for row in rows} | {f"dW{last}/sum/{row}" for row in rows[1:]} | {f"scores/{row}" for row in rows}
        wanted |= {f"dZ{name}/{row}" for name in network.names[:-1] for row in rows} | {f"A{name}" for name in network.names[:-1]}
        self.assertLessEqual(wanted, seen)

    @staticmethod
    def shown(case, network, page):
        """The indices that are shown of the features, of each hidden layer's units, and of the classes; is there a rest?"""
        tables = {table.key: table for table in page.keyed()}
        axes = [list(range(min(8, case.D)))]
        for name in network.names[:-1]:
            axes.append([int(label.split()[1]) for label in tables["Z" + name].columns])
        classes = [label for label in tables["F"].columns if not label.startswith("rest (")]
        axes.append([int(label[1:]) for label in classes])
        return axes

    def expected(self, table, case, network, rows, axes):
        """The numbers of the table with this key."""
        rest = case.K > 8

        def columns(values, axis, total=True):
            """The shown columns, and of the classes the sum of the rest (NAN where it has no sense)."""
            values = np.atleast_2d(values)
            shown = values[:, axis]
            if axis is not axes[-1] or not rest:
                return shown
            others = values.sum(axis=1) - shown.sum(axis=1) if total else np.full(len(values), np.nan)
            return np.column_stack([shown, others])

        key = table.key
        parts = key.split("/")
        number_of = re.search("[0-9]*$", parts[-1] if parts[0] in ("train", "sums", "differences") else parts[0].replace("^T", ""))
        digits = number_of.group()
        last = len(network.names) - 1
        layer = network.names.index(digits) if digits in network.names and digits else last
        inputs, outputs = axes[layer], axes[layer + 1]
        A, Z, dZ = network.A[layer], network.Z[layer], network.dZ[layer]
        W, b, dW, db = network.W[layer], network.b[layer], network.dW[layer], network.db[layer]
        row = rows.index(int(parts[-1])) if parts[-1].isdigit() and len(parts) > 1 else None
        if parts[0] == "exercise":
            other = (network.y[0] + 1) % case.K
            return columns(network.probs[0] - np.eye(case.K)[other], axes[-1])
        if key == "X":
            return network.A[0][:, axes[0]]
        if key == "X^T":
            return network.A[0][:, axes[0]].T
        if re.fullmatch("A[0-9]+", key):
            return network.A[int(digits)][:, axes[int(digits)]]
        if re.fullmatch("A[0-9]+[\\^]T", key):
            return network.A[int(digits)][:, axes[int(digits)]].T
        if re.fullmatch("W[0-9]*", key):
            return columns(W[inputs], outputs, False)
        if re.fullmatch("b[0-9]*", key):
            return columns(b, outputs, False)
        if key == "F" or re.fullmatch("Z[0-9]+", key):
            return columns(Z, outputs, False)
        if key == "1^T":
            return np.ones((1, len(rows)))
        if parts[0] == "scores":
            three = columns(np.stack([network.probs[row], network.onehot[row], network.dZ[-1][row]]), axes[-1])
            return np.column_stack([three, [1, 1, 0]])
        if key in ("dF/dW", "dF/db", "dF/dW/products", "dF/db/products"):
            d, k = self.followed(network, axes)
            slopes = np.zeros_like(network.dZ[-1])
            slopes[:, k] = network.A[last][:, d] if parts[1] == "dW" else 1
            return columns(slopes * network.dZ[-1] if len(parts) == 3 else slopes, axes[-1])
        if re.fullmatch("dZ[0-9]+/[0-9]+", key):
            mask = network.slope[layer][row]
            return np.stack([Z[row], network.A[layer + 1][row], mask, network.dA[layer][row], dZ[row]])[:, outputs]
        if key == "dF" or re.fullmatch("dZ[0-9]+", key):
            return columns(dZ, outputs)
        if re.fullmatch("dW[0-9]*/x/[0-9]+", key):
            return A[row][inputs][:, None]
        if re.fullmatch("dW[0-9]*/dF/[0-9]+", key):
            return columns(dZ[row], outputs)
        if re.fullmatch("dW[0-9]*/outer/[0-9]+", key):
            return columns(np.outer(A[row], dZ[row])[inputs], outputs)
        if re.fullmatch("dW[0-9]*/sum/[0-9]+", key):
            return columns((A[:row + 1].T @ dZ[:row + 1])[inputs], outputs)
        if re.fullmatch("dW[0-9]*", key):
            return columns(dW[inputs], outputs)
        if re.fullmatch("db[0-9]*", key):
            return columns(db, outputs)
        if parts[0] == "train":
            weights, biases = network.trained(layer, case.reduction, case.reg, case.l1)
            return columns(np.vstack([weights[inputs], biases]), outputs)
        if parts[0] in ("sums", "differences"):
            return columns(np.vstack([dW[inputs], db]), outputs, parts[0] == "sums")
        raise AssertionError(f"a table with the key {key}")

    @staticmethod
    def followed(network, axes):
        """The weight with the largest derivative among those that are shown."""
        size = np.abs(network.dW[-1])[np.ix_(axes[-2], axes[-1])]
        d, k = np.argwhere(size > (1 - 1e-9) * size.max())[0]
        return axes[-2][d], axes[-1][k]

    # ---- the text ------------------------------------------------------------------------------------------------------

    @staticmethod
    def evaluate(text):
        """(value, how far off the rounded numbers in it may put it)."""
        text = re.sub(r"\(([0-9]+) more\)", "", text)
        names = []
        errors = []

        def take(found):
            mantissa, power = found.group(1), found.group(2) or "0"
            decimals = len(mantissa.partition(".")[2])
            names.append(float(mantissa) * 10.0 ** int(power))
            rounded = "." in mantissa or len(mantissa) > 3  # a smaller whole number is what it is
            errors.append(0.5 * 10.0 ** (int(power) - decimals) if rounded else 0)
            return f"v[{len(names) - 1}]"

        text = re.sub(r"([0-9]+(?:\.[0-9]+)?)(?:\*10\^(-?[0-9]+))?", take, text)
        scope = {"exp": np.exp, "log": np.log, "__builtins__": {}}
        value = eval(text, scope, {"v": names})  # the text consists of the program's own numbers and signs
        off = 0.0
        for i, error in enumerate(errors):
            moved = list(names)
            moved[i] += error
            off += abs(eval(text, scope, {"v": moved}) - value)
        return value, off

    def check_calculations(self, text):
        joined = [re.sub(r"\s+", " ", block) for block in text.split("\n\n")]
        count = 0
        for block in joined:
            found = re.fullmatch(r" ?(?:sum_k )?[^ ]+ = (exp\(.*|log\(.*|[-(0-9].*?) = (-?[0-9.]+(?:\*10\^-?[0-9]+)?)( = -log p_[^ ]*)? ?", block)
            if found is None:
                continue
            value, off = self.evaluate(found.group(1))
            result, half = self.evaluate(found.group(2))
            half = half if "." in found.group(2) else 0.5
            self.assertLessEqual(abs(value - result), off * 1.01 + half * 1.01 + 1e-12, block)
            count += 1
        self.assertGreaterEqual(count, 5, "calculations")

    def check_prose(self, case, network, axes, text):
        """The numbers in sentences."""
        text = re.sub(r"\s+", " ", text)
        d, k = self.followed(network, axes)
        last = network.names[-1]
        weight = f"W_({d},{k})" if not last else f"(W{'_' if len(last) > 1 else ''}{last})_({d},{k})"
        self.close(network.W[-1][d, k], re.search(re.escape(f"for the weight {weight} = ") + "([^ ]*[0-9])", text).group(1))
        sums = re.findall(r"All these entries added up are [^ ]+ = ([^ ]*[0-9])\. The difference .*? is ([^ ]*[0-9]), ", text)
        self.assertEqual(len(sums), 2)
        for found, expected in zip(sums, (network.dW[-1][d, k], network.db[-1][k])):
            self.close(expected, found[0])
            self.close(expected, found[1])
        twice = re.search(r"goes from ([^ ]*) to ([^ ]*[0-9])\.", text)
        self.close(network.dW[-1][d, k], twice.group(1))
        self.close(2 * network.dW[-1][d, k], twice.group(2))
        step = float(re.search(r"it is h = ([^ ]*[0-9])\.", text).group(1).replace("*10^", "e"))
        largest = np.abs(network.A[-2][:, d]).max()
        self.assertLess(abs(step * max(largest, 1e-3) - 1e-3), 1e-6 * 1e-3 + 1e-6 * largest)
        numbers = re.search(r"In all, ([0-9]+) numbers", text)
        self.assertEqual(int(numbers.group(1)), sum(W.size + b.size for W, b in zip(network.W, network.b)))
        for found in re.findall(r"by ([0-9.*^-]+[0-9])(?: at most|, and|\.)", text[numbers.start():]):
            self.assertLess(float(found.replace("*10^", "e")), 1e-7 * max(1.0, np.abs(network.dW[-1]).max()))

    @staticmethod
    def shape(network, name):
        """The shape of a matrix as the text names it: "dW2", "A_10^T", "(A1)_50^T dF_50"."""
        if " " in name:
            left, right = name.split(" ")
            return ExplainTest.shape(network, left)[0], ExplainTest.shape(network, right)[1]
        if name.endswith("^T"):
            return ExplainTest.shape(network, name[:-2])[::-1]
        row = re.fullmatch(r"\((.*)\)_\d+|(x|d?F)_\d+", name)
        if row is not None:
            return 1, ExplainTest.shape(network, row.group(1) or row.group(2))[1]
        rows, units = len(network.y), [A.shape[1] for A in network.A]
        whole = {"X": (rows, units[0]), "x": (rows, units[0]), "F": (rows, units[-1]), "dF": (rows, units[-1]), "p": (rows, units[-1]),
                 "1": (rows, 1), "L_i": (1, 1)}
        if name in whole:
            return whole[name]
        letter, number = re.fullmatch(r"d?([WbZA])_?(\d*)", name).groups()
        layer = int(number or len(units) - 1)
        return {"W": units[layer - 1], "b": 1}.get(letter, rows), units[layer]

    def check_shapes(self, network, rows, text):
        """The shapes beside the names, and the other whole numbers of the sentences."""
        text = text.partition("    import numpy")[0]
        legend = re.findall(r"(?m)^  (\S+) +(\d+) x (\d+)  +\S", text)
        beside = re.findall(r"(?m)(?:^|  )([^\s=]+(?: [^\s=(]\S*)?) \((\d+) x (\d+)\)(?=  |$)", text)
        self.assertEqual(len(legend), 9 if len(network.W) == 1 else 17)
        self.assertGreaterEqual(len(beside), 10 * len(network.W) + 3 * len(rows))
        for name, *shape in legend + beside:
            self.assertEqual(tuple(map(int, shape)), self.shape(network, name), name)
        text = re.sub(r"\s+", " ", text)
        N, D, K, own = len(rows), network.A[0].shape[1], network.A[-1].shape[1], network.y[0]
        units = network.A[-2].shape[1]
        for sentence in (f"There (is|are) N = {N} observations? of D = {D} features?, in K = {K} classes",
                         rf"sum_i \S+ dF_i, \({units} x 1\) \(1 x {K}\) = \({units} x {K}\)",
                         rf"\[ dL/dw_0 \.\.\. dL/dw_{K - 1} \]",
                         rf"have the shape of \S+, {units} x {K}, and \({units} x {N}\) \({N} x {K}\) has it",
                         rf"For observation {rows[0]} and its own class, which is number {own}: F_\({rows[0]},{own}\) =",
                         rf"Suppose observation {rows[0]} were of class number {(own + 1) % K}, not {own}\."):
            self.assertRegex(text, sentence)

    def close(self, expected, text):
        value, half = self.evaluate(text)
        self.assertLessEqual(abs(value - expected), (half or 0.5) * 1.001 + 1e-9 * abs(expected), text)

    # ---- all of it -----------------------------------------------------------------------------------------------------

    def read(self, path):
        return (self.folder / path).read_text(encoding="utf-8")

    @staticmethod
    def numbers(text):
        return collections.Counter(re.findall(r"[0-9]+\.[0-9]+", text))

    def programs(self):
        """The program at the end of the document, out of each format."""
        text, markdown, latex, page = (self.read(path) for path in FORMATS.values())
        yield re.sub("(?m)^    ", "", re.search(r"(?ms)^    import numpy.*?^    print\(.*?\n", text).group())
        yield re.search(r"(?s)```python\n(.*?)```", markdown).group(1)
        yield re.search(r"(?s)\\begin{verbatim}\n(.*?)\\end{verbatim}", latex).group(1)
        yield html.unescape(re.search(r"(?s)<pre><code>(.*?)</code></pre>", page).group(1))

    def check_all(self, case, network, rows):
        page = Page(self.read("why.html"))
        self.check_page(case, network, rows, page)
        text = self.read("why.txt")
        axes = self.shown(case, network, page)
        self.check_calculations(text)
        self.check_prose(case, network, axes, text)
        self.check_shapes(network, rows, text)
        self.assertEqual([line for line in text.splitlines() if len(line) > 80 or line.endswith(" ")], [])
        before = text.partition("    import numpy")[0]
        self.assertNotRegex(before, r"[0-9]e[-+]?[0-9]|\(-0(\.0*)?\)|nan|inf\b")
        numbers = self.numbers(re.sub(r"(?m)(^  (i = [0-9]+, L_.*)\n(?s:.*?\n)\n)  \2\n", r"\1", text))
        self.assertEqual(self.numbers(self.read("why.md")), numbers)
        self.assertEqual(self.numbers(re.sub(r"\\rule\{0pt\}\{[0-9.]*ex\}", "", self.read("why.tex"))), numbers)
        self.assertEqual(self.numbers(" ".join(page.text)), numbers)
        programs = list(self.programs())
        self.assertEqual(len(set(programs)), 1)
        done = subprocess.run([sys.executable, "-c", programs[0]], cwd=self.folder / "o", capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "all tables are right\n"), done.stderr)

    def test_every_number_by_numpy(self):
        for case in CASES:
            with self.subTest(case=case):
                self.check_all(case, *self.explain(case))

    def test_the_program_stops_at_a_wrong_table(self):
        self.explain(Case("tanh", [3], 2, 3, "mean", 0.1, 0.01, 2, False))
        program = next(self.programs())
        tables = list(re.finditer(r"(?m)^check\(.*, \[\n    \[([^],]*)(?s:.*?)\n *\], 1e-([0-9]+)", program))
        self.assertEqual(len(tables), 15)  # probs; of both layers Z, dZ, dW, db, and dW as it is trained; A1 and dA1; two outer products
        for table in tables:
            wrong = program[:table.end(1)] + f" + 2e-{table.group(2)}" + program[table.end(1):]
            with self.assertRaises(AssertionError, msg=table.group()):
                exec(wrong, {})

    def test_it_is_the_gradient_of_a_training_step(self):
        case = Case("tanh", [4], 2, 3, "mean", 0.1, 0.01, 3, False)
        self.write_data(case)
        lines = (self.folder / "x.csv").read_text("utf-8").splitlines()
        (self.folder / "few.csv").write_text("\n".join(lines[:4]) + "\n", "utf-8")
        for reduction in ("mean", "sum"):
            objective = ["--reg", 0.1, "--l1", 0.01, "--reduction", reduction]
            self.spiral("train", "--data", "few.csv", "--hidden", 4, "--activation", "tanh", "--init-scale", 0.7, "--iterations", 3,
                        "--no-figures", "-q", "--out", "before-" + reduction, *objective)
            before = "before-" + reduction + "/model.npz"
            self.spiral("train", "--data", "few.csv", "--hidden", 4, "--activation", "tanh", "--init-from", before, "--lr", 1,
                        "--iterations", 1, "--no-figures", "-q", "--out", "after-" + reduction, *objective)
            self.spiral("explain", "--data", "few.csv", "--load", before, "--at", "0,1,2", "-o", "why.html", *objective)
            old, new = np.load(self.folder / before), np.load(self.folder / ("after-" + reduction) / "model.npz")
            tables = {table.key: table for table in Page(self.read("why.html")).keyed()}
            for name in ("1", "2"):
                step = np.vstack([old["W" + name] - new["W" + name], (old["b" + name] - new["b" + name]).reshape(1, -1)])
                self.compare_table(tables["train/dW" + name], step)

    def test_a_network_that_is_sure(self):
        """dF is 5.6e-7: its rows add up to 0, not to what rounding leaves."""
        np.savez(self.folder / "model.npz", W=np.array([[9.0, -9], [-9, 9]]), b=np.zeros((1, 2)))
        (self.folder / "x.csv").write_text("f,g,kind\n1,0.2,0\n0.1,0.9,1\n", "utf-8")
        for path in ("why.html", "why.txt"):
            self.spiral("explain", "--load", "model.npz", "--data", "x.csv", "--at", "0,1", "-o", path)
        tables = {table.key: table for table in Page(self.read("why.html")).keyed()}
        p = 1 / (1 + np.exp(-14.4))
        for row, (first, second) in enumerate(((p, 1 - p), (1 - p, p))):
            cells = tables[f"scores/{row}"].cells
            self.assertEqual([cell[2] for cell in cells], ["1.000", "1", "0"])
            for cell, expected in zip(cells[2], (first - (row == 0), second - (row == 1))):
                self.compare(f"dF {row}", cell, expected)
        self.assertIn("L_0 = 5.574*10^-7", self.read("why.txt"))  # log1p(exp(-14.4))
        # Of fewer observations than classes, too, probabilities have their decimals.
        self.spiral("explain", "--load", "model.npz", "--data", "x.csv", "--at", "1", "-o", "one.html")
        cells, = (table.cells for table in Page(self.read("one.html")).keyed() if table.key.startswith("scores/"))
        self.assertEqual(cells[0], ["0.000", "1.000", "1.000"])

    def test_kinks(self):
        """Two hidden units at a distance of 1e-12 from their kinks, one on each side of a step of W1 and b1."""
        np.savez(self.folder / "model.npz", W1=np.array([[1.0]]), b1=np.array([[0.0]]), W2=np.array([[1.0, -1.0]]),
                 b2=np.array([[-1 + 1e-12, 1 + 1e-12]]), W3=np.array([[0.5, -0.25], [0.75, 1.0]]), b3=np.array([[0.0, 0.0]]))
        (self.folder / "x.csv").write_text("f,kind\n1,0\n2,1\n", "utf-8")
        self.spiral("explain", "--load", "model.npz", "--data", "x.csv", "--at", 0, "--header", "yes", "-o", "why.html")
        self.spiral("explain", "--load", "model.npz", "--data", "x.csv", "--at", 0, "--header", "yes", "-o", "why.txt")
        tables = {table.key: table for table in Page(self.read("why.html")).keyed()}
        self.assertEqual(tables["differences/dW1"].cells, [[""], [""]])
        self.assertTrue(all(number(cell)[2] for row in tables["differences/dW2"].cells for cell in row))
        self.assertFalse(any(number(cell)[2] for row in tables["differences/dW3"].cells for cell in row))
        for name in ("dW2", "dW3"):
            for found, expected in zip(tables["differences/" + name].cells, tables["sums/" + name].cells):
                self.assertEqual([number(cell)[0] for cell in found], [number(cell)[0] for cell in expected])
        text = re.sub(r"\s+", " ", self.read("why.txt"))
        self.assertIn("Of all 12 differences 4 are not centred: those are marked with an asterisk, and 4 of them are shown", text)
        self.assertIn("2 numbers have no difference, because kinks of the ReLU are too near on both sides", text)

    def test_mathml_is_well_formed(self):
        children = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
        for options in (["--example"], ["--hidden", "4,3", "--activation", "tanh", "--burn-in", 5], ["--activation", "sigmoid"]):
            page = self.spiral("explain", "--format", "html", *options)
            found = re.findall("(?s)<math.*?</math>", page)
            self.assertGreater(len(found), 200)
            for maths in found:
                for element in xml.etree.ElementTree.fromstring(maths).iter():
                    self.assertEqual(len(element), children.get(element.tag, len(element)), maths)
                    self.assertTrue(len(element) or element.text or element.tag in ("mspace", "mrow"), maths)
                self.assertNotIn("\\", maths)

    def test_other_decimals_and_units(self):
        case = Case("relu", [9, 9], 3, 4, "mean", 0.01, 0, 3, False)
        self.given_decimals = True
        for options in (["--decimals", 1, "--units", 1], ["--decimals", 10, "--units", 8]):
            with self.subTest(options=options):
                self.check_all(case, *self.explain(case, *options))

    def test_large_and_small_numbers(self):
        for scale in (1e-7, 1e3):
            case = Case("relu", [], 2, 3, "mean", 1e-6, 0, 3, False)
            with self.subTest(scale=scale):
                self.check_all(case, *self.explain(case, scale=scale))


if __name__ == "__main__":
    unittest.main()
