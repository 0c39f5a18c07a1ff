"""`generate` against NumPy, shape by shape, and against scikit-learn's own where it is installed."""

import math
import unittest

import numpy as np

import shapes
from support import SpiralTest

try:
    from sklearn import datasets
except ImportError:
    datasets = None

NOISE = {"spiral": 0.2, "circles": 0.05, "moons": 0.1, "blobs": 0.1, "xor": 0.0, "gaussian-quantiles": 0.0}
TWO_CLASSES = ("moons", "xor")


class Shapes(SpiralTest):
    def generate(self, shape, *options):
        self.spiral("generate", "--shape", shape, *options, "-o", "data.npz")
        with np.load(self.folder / "data.npz") as data:
            return data["X"], data["y"]

    def check(self, shape, options, **settings):
        X, y = self.generate(shape, *options)
        want_X, want_y, _ = shapes.generate(shape, **settings)
        np.testing.assert_array_equal(y, want_y)
        np.testing.assert_allclose(X, want_X, rtol=1e-14, atol=1e-15 * settings.get("radius", 1))

    def test_the_defaults_of_every_shape(self):
        for shape, noise in NOISE.items():
            with self.subTest(shape):
                self.check(shape, [], classes=2 if shape in TWO_CLASSES else 3, points=100, noise=noise, seed=0)

    def test_every_option_at_once(self):
        for shape in NOISE:
            for balance in ([3, 1], [1, 7, 2, 2]) if shape not in TWO_CLASSES else ([3, 1], [5, 9]):
                with self.subTest(shape, balance=balance):
                    options = ["--points-per-class", 23, "--noise", 0.3, "--radius", 2.5, "--dimensions", 5,
                               "--label-noise", 0.25, "--seed", 7, "--balance", ",".join(map(str, balance))]
                    turns = {"turns": 1.75, "arm_offset": 2.5} if shape == "spiral" else {}
                    self.check(shape, options + [f"--{name.replace('_', '-')}={value}" for name, value in turns.items()],
                               classes=len(balance), points=23, noise=0.3, radius=2.5, dimensions=5, label_noise=0.25,
                               seed=7, balance=balance, **turns)

    def test_one_option_at_a_time(self):
        for shape in NOISE:
            base = {"classes": 2, "points": 31, "noise": 0.1, "seed": 3}
            options = ["--classes", 2, "--points-per-class", 31, "--noise", 0.1, "--seed", 3]
            with self.subTest(shape):
                self.check(shape, options + ["--dimensions", 3], dimensions=3, **base)
                self.check(shape, options + ["--label-noise", 0.5], label_noise=0.5, **base)
                self.check(shape, options + ["--radius", 1e-3], radius=1e-3, **base)

    def test_even_arms_stand_around_the_circle(self):
        for classes in (2, 5, 12):
            self.check("spiral", ["--arm-offset", "Even", "--classes", classes], classes=classes, points=100, noise=0.2, seed=0,
                       arm_offset=2 * math.pi / classes)
            X, _ = self.generate("spiral", "--arm-offset", "even", "--classes", classes, "--noise", 0, "--points-per-class", 2)
            ends = np.sort(np.arctan2(X[1::2, 0], X[1::2, 1]))  # of the arms, which are alike
            np.testing.assert_allclose(np.diff(ends), 2 * math.pi / classes, rtol=1e-12)

    def test_the_plane_is_the_same_whatever_is_added_to_it(self):
        for shape in NOISE:
            X, y = self.generate(shape)
            more_X, more_y = self.generate(shape, "--dimensions", 4, "--label-noise", 0.2)
            np.testing.assert_array_equal(more_X[:, :2], X)
            self.assertTrue(0.1 < np.mean(more_y != y) < 0.3, shape)

    def test_a_stream_writes_what_is_made_in_memory(self):
        options = ["--shape", "blobs", "--points-per-class", 3001, "--dimensions", 7, "--label-noise", 0.1]
        X, y = self.generate(*options[1:])
        self.spiral("generate", *options, "-o", "X.npy,y.npy")
        np.testing.assert_array_equal(np.load(self.folder / "X.npy"), X)
        np.testing.assert_array_equal(np.load(self.folder / "y.npy"), y)

    def test_a_run_uses_the_same_data_and_goes_on_in_the_stream_behind_it(self):
        options = ["--shape", "blobs", "--dimensions", 3, "--label-noise", 0.1, "--balance", "3,1,1", "--seed", 5]
        self.spiral("train", *options, "--model", "linear", "--iterations", 1, "--learning-rate", "1e-300", "--reg", 0,
                    "--out", "run", "--quiet")
        *_, rng = shapes.generate("blobs", 3, 100, 0.1, 5, dimensions=3, label_noise=0.1, balance=[3, 1, 1])
        with np.load(self.folder / "run" / "model.npz") as model:
            np.testing.assert_allclose(model["W"], 0.01 * rng.randn(3, 3), rtol=1e-14)

    @unittest.skipIf(datasets is None, "scikit-learn is not installed")
    def test_scikit_learns_shapes_have_its_numbers(self):
        sizes = ["--points-per-class", 50, "--seed", 9, "--noise", 0.3]
        for name, made in (
                ("circles", datasets.make_circles(100, factor=0.5, noise=0.3, shuffle=False, random_state=9)),
                ("moons", datasets.make_moons(100, noise=0.3, shuffle=False, random_state=9)),
                ("blobs", datasets.make_blobs(100, centers=2, center_box=(-1, 1), cluster_std=0.3, shuffle=False,
                                              random_state=9))):
            with self.subTest(name):
                X, y = self.generate(name, "--classes", 2, *sizes)
                np.testing.assert_array_equal(y, made[1])
                np.testing.assert_allclose(X, made[0], rtol=1e-14, atol=1e-15)

    @unittest.skipIf(datasets is None, "scikit-learn is not installed")
    def test_the_rings_of_a_normal_distribution_lie_where_scikit_learns_do(self):
        X, y = self.generate("gaussian-quantiles", "--radius", 2, "--classes", 4, "--points-per-class", 20000)
        theirs, labels = datasets.make_gaussian_quantiles(cov=4, n_samples=80000, n_classes=4, random_state=1)
        for j in range(4):
            ours = np.sort(np.hypot(*X[y == j].T))
            other = np.sort(np.hypot(*theirs[labels == j].T))
            np.testing.assert_allclose(np.quantile(ours, [0.1, 0.5, 0.9]), np.quantile(other, [0.1, 0.5, 0.9]), atol=0.03)
            np.testing.assert_allclose(X[y == j].mean(axis=0), 0, atol=0.08)


if __name__ == "__main__":
    unittest.main()
