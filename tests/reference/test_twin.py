"""`spiral train` against the NumPy twin: loss, gradient and weights after 100 iterations agree to 1e-10."""

import unittest

import numpy as np

import twin
from support import ROOT, SpiralTest, read_log

ITERATIONS = 100
TOLERANCE = 1e-10
SEED = 3
IRIS = ROOT / "data" / "iris.csv"


def parameters_of(path):
    """[(W1, b1), ...] of a model file."""
    with np.load(path, allow_pickle=False) as model:
        if "W" in model:
            return [(model["W"], model["b"])]
        layers = sum(name.startswith("W") for name in model)
        return [(model[f"W{l}"], model[f"b{l}"]) for l in range(1, layers + 1)]


class Twin(SpiralTest):
    def assert_close(self, ours, theirs, what):
        """Within 1e-10, absolutely where the numbers are below one and relatively above."""
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        self.assertEqual(ours.shape, theirs.shape, what)
        error = np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs)))
        self.assertLessEqual(error, TOLERANCE, what)

    def train(self, iterations, *options):
        out = self.folder / f"out-{iterations}"
        self.spiral("train", "--quiet", "--no-figures", "--log-every", 1, "--seed", SEED, "--iterations", iterations,
                    "--out", out, *options)
        return parameters_of(out / "model.npz"), read_log(out / "loss.csv")

    def compare(self, X, y, stream, hidden, options, learning_rate, reg, reduction, skip=0, products="auto"):
        stream.randn(skip)
        sizes = [X.shape[1], *hidden, y.max() + 1]
        start = twin.initialize(stream, sizes)
        after, records = twin.train(start, X, y, ITERATIONS, learning_rate, reg, reduction)
        before, _ = twin.train(start, X, y, ITERATIONS - 1, learning_rate, reg, reduction)
        options = [*options, "--learning-rate", learning_rate, "--reg", reg, "--reduction", reduction,
                   "--skip-draws", skip, "--products", products]
        options += ["--model", "mlp", "--hidden", ",".join(map(str, hidden))] if hidden else ["--model", "linear"]

        ours, log = self.train(ITERATIONS, *options)
        ours_before, _ = self.train(ITERATIONS - 1, *options)
        self.assertEqual(len(ours), len(after))
        for layer, ((W, b), (W_twin, b_twin)) in enumerate(zip(ours, after), start=1):
            self.assert_close(W, W_twin, f"W{layer}")
            self.assert_close(b, b_twin, f"b{layer}")
        for i, (loss, data_loss, reg_loss, grad_norm) in enumerate(records):
            self.assert_close(log[i]["loss"], loss, f"loss, iteration {i}")
            self.assert_close(log[i]["data_loss"], data_loss, f"data_loss, iteration {i}")
            self.assert_close(log[i]["reg_loss"], reg_loss, f"reg_loss, iteration {i}")
            self.assert_close(log[i]["grad_norm"], grad_norm, f"grad_norm, iteration {i}")

        # The gradient itself, as the step that the last iteration took: W_99 - W_100 = learning_rate * dW. Beside it
        # the twin's gradient at the twin's own parameters.
        *_, gradient = twin.loss_and_gradient(before, X, y, reg, reduction)
        for layer, ((W, b), (W_next, b_next), (dW, db)) in enumerate(zip(ours_before, ours, gradient), start=1):
            self.assert_close((W - W_next) / learning_rate, dW, f"dW{layer}")
            self.assert_close((b - b_next) / learning_rate, db, f"db{layer}")
        # The training went somewhere: agreement on a network that stood still would say little.
        self.assertLess(records[-1][0], 0.98 * records[0][0])

    def on_spiral(self, hidden, **settings):
        stream = np.random.RandomState(SEED)
        X, y = twin.generate(stream)
        self.compare(X, y, stream, hidden, [], **settings)

    def on_iris(self, hidden, **settings):
        X, y, _ = twin.load_csv(IRIS)
        self.assertEqual((X.shape, y.max()), ((150, 4), 2))
        self.compare(X, y, np.random.RandomState(SEED), hidden, ["--data", IRIS], **settings)

    def on_standardized_iris(self, hidden, **settings):
        X, y, _ = twin.load_csv(IRIS)
        X, mean, scale = twin.standardize(X)
        self.compare(X, y, np.random.RandomState(SEED), hidden, ["--data", IRIS, "--standardize"], **settings)
        with np.load(self.folder / f"out-{ITERATIONS}" / "model.npz", allow_pickle=False) as model:
            self.assert_close(model["mean"], mean, "mean")
            self.assert_close(model["scale"], scale, "scale")

    def test_spiral_linear(self):
        self.on_spiral([], learning_rate=1.0, reg=1e-3, reduction="mean")

    def test_spiral_linear_sum(self):
        self.on_spiral([], learning_rate=2.0 ** -8, reg=1e-3, reduction="sum")

    def test_spiral_two_layers(self):
        self.on_spiral([100], learning_rate=1.0, reg=1e-3, reduction="mean")

    def test_spiral_two_layers_sum(self):
        self.on_spiral([100], learning_rate=2.0 ** -8, reg=1e-2, reduction="sum")

    def test_spiral_two_layers_without_regularisation_after_skipped_draws(self):
        self.on_spiral([17], learning_rate=0.5, reg=0.0, reduction="mean", skip=25)

    def test_spiral_by_blas(self):
        for hidden in ([], [100]):
            with self.subTest(hidden=hidden):
                self.on_spiral(hidden, learning_rate=1.0, reg=1e-3, reduction="mean", products="blas")

    def test_iris_linear(self):
        self.on_iris([], learning_rate=0.03, reg=1e-3, reduction="mean")

    def test_iris_two_layers(self):
        self.on_iris([20], learning_rate=0.1, reg=1e-3, reduction="mean")

    def test_iris_two_layers_sum(self):
        self.on_iris([20], learning_rate=2.0 ** -11, reg=1e-1, reduction="sum")

    def test_standardized_iris_linear(self):
        self.on_standardized_iris([], learning_rate=0.5, reg=1e-3, reduction="mean")

    def test_standardized_iris_two_layers(self):
        self.on_standardized_iris([20], learning_rate=0.5, reg=1e-3, reduction="mean")

    def test_standardized_iris_linear_sum(self):
        self.on_standardized_iris([], learning_rate=2.0 ** -9, reg=1e-3, reduction="sum")

    def test_three_layers_from_larger_first_weights(self):
        stream = np.random.RandomState(SEED)
        X, y = twin.generate(stream, classes=4, points=53, noise=0.1)
        start = twin.initialize(stream, [2, 30, 11, 4], scale=0.3)
        after, records = twin.train(start, X, y, ITERATIONS, 0.3, 1e-3)
        ours, log = self.train(ITERATIONS, "--classes", 4, "--points-per-class", 53, "--noise", 0.1, "--hidden", "30,11",
                               "--init-scale", 0.3, "--lr", 0.3)
        for layer, ((W, b), (W_twin, b_twin)) in enumerate(zip(ours, after), start=1):
            self.assert_close(W, W_twin, f"W{layer}")
            self.assert_close(b, b_twin, f"b{layer}")
        self.assert_close([log[i]["loss"] for i in range(ITERATIONS)], [record[0] for record in records], "loss")

    def test_accuracy_is_the_share_of_observations_whose_highest_score_is_their_class_s(self):
        stream = np.random.RandomState(SEED)
        X, y = twin.generate(stream)
        parameters = twin.initialize(stream, [2, 100, 3])
        _, log = self.train(ITERATIONS, "--hidden", 100)
        for i in (0, 1, 50, 99):
            reached, _ = twin.train(parameters, X, y, i)
            self.assertAlmostEqual(log[i]["accuracy"], twin.accuracy(reached, X, y), delta=1e-12)

    def test_update_ratio_is_the_step_s_norm_over_the_weights_norm(self):
        stream = np.random.RandomState(SEED)
        X, y = twin.generate(stream)
        parameters = twin.initialize(stream, [2, 100, 3])
        _, log = self.train(ITERATIONS, "--hidden", 100, "--lr", 0.7)
        for i in (0, 10, 99):
            reached, _ = twin.train(parameters, X, y, i, learning_rate=0.7)
            *_, gradient = twin.loss_and_gradient(reached, X, y, 1e-3)
            step = 0.7 * np.sqrt(sum(np.sum(dW * dW) for dW, _ in gradient))
            size = np.sqrt(sum(np.sum(W * W) for W, _ in reached))
            self.assert_close(log[i]["update_ratio"], step / size, f"update_ratio, iteration {i}")


if __name__ == "__main__":
    unittest.main()
