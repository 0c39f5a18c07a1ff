"""The columns of --log-layers beside NumPy: row t of the log is the network after t updates, which a shorter training saves."""

import csv
import unittest

import numpy as np
from support import SpiralTest

ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0.0).astype(float)),
    "leaky-relu": (lambda z: np.where(z > 0.0, z, 0.01 * z), lambda z: np.where(z > 0.0, 1.0, 0.01)),
    "tanh": (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1.0 / (1.0 + np.exp(-z)), lambda z: np.exp(-z) / (1.0 + np.exp(-z)) ** 2),
}
LARGEST_SLOPE = {"sigmoid": 0.25}


def statistics(model, X, y):
    """{column: value} by the notes' lines."""
    value, slope = ACTIVATIONS[str(model["activation"])]
    largest = LARGEST_SLOPE.get(str(model["activation"]), 1.0)
    names = ["W1", "W2", "W3"][:sum(name.startswith("W") for name in model.files)]
    if "W" in model.files:
        names = ["W"]
    A, Z = [X], []
    for name in names:
        Z.append(A[-1] @ model[name] + model[name.replace("W", "b")])
        A.append(value(Z[-1]))
    probs = np.exp(Z[-1] - Z[-1].max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    dZ = (probs - np.eye(probs.shape[1])[y]) / len(y)
    found = {}
    for l in reversed(range(len(names))):
        found[f"grad_norm_{names[l]}"] = np.linalg.norm(A[l].T @ dZ)
        if l > 0:
            flat = slope(Z[l - 1]) < 0.05 * largest
            if str(model["activation"]) == "leaky-relu":
                flat[:] = False
            found[f"deviation_{l}"] = np.sqrt(A[l].var(axis=0).mean())
            found[f"dead_{l}"] = flat.all(axis=0).mean()
            found[f"saturated_{l}"] = flat.mean()
            dZ = dZ @ model[names[l]].T * slope(Z[l - 1])
    return found


class Layers(SpiralTest):
    def compare(self, data, *options):
        X, y = data["X"], data["y"]
        rows = min(len(y), 1000)
        chosen = np.arange(rows) * (len(y) // rows) + np.arange(rows) * (len(y) % rows) // rows
        common = ("--data", "data.npz", "--no-figures", "-q", "--log-every", "5", *options)
        self.spiral("train", *common, "--iterations", "16", "--log-layers", "-o", "long")
        with open(self.folder / "long" / "loss.csv", newline="") as file:
            log = {int(row["iteration"]): row for row in csv.DictReader(file)}
        for iteration in (5, 15):
            self.spiral("train", *common, "--iterations", str(iteration), "-o", "short")
            with np.load(self.folder / "short" / "model.npz") as model:
                expected = statistics(model, X[chosen], y[chosen])
            logged = {name: float(text) for name, text in log[iteration].items()
                      if name.startswith(("deviation_", "dead_1", "dead_2", "saturated_", "grad_norm_"))}
            self.assertEqual(set(logged), set(expected))
            for name, value in expected.items():
                self.assertAlmostEqual(logged[name], value, delta=1e-9 * max(1e-3, abs(value)), msg=f"{name} {options}")

    def test_columns(self):
        random = np.random.RandomState(0)
        for rows, batch in ((7, 0), (300, 0), (2345, 100)):
            data = {"X": random.randn(rows, 3), "y": random.randint(4, size=rows)}
            data["y"][:4] = range(4)
            np.savez(self.folder / "data.npz", **data)
            for activation in ACTIVATIONS:
                self.compare(data, "--hidden", "9,5", "--activation", activation, "--init", "he", "--init-scale", "3",
                             "--lr", "0.3", "--batch-size", str(batch))
            self.compare(data, "--model", "linear", "--l1", "0.01")
            self.compare(data, "--hidden", "20", "--dropout", "0.5", "--init", "he", "--reduction", "sum", "--lr", "1e-3")


if __name__ == "__main__":
    unittest.main()
