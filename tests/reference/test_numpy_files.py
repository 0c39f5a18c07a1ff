"""Files between NumPy and spiral: np.load reads all that spiral writes, and spiral reads what np.save writes."""

import csv
import io
import json
import unittest
import zipfile

import numpy as np

import twin
from support import ROOT, SpiralTest, read_log

IRIS = ROOT / "data" / "iris.csv"


def load(path):
    """Every array of a .npz file, by name; nothing is unpickled."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive}


class Written(SpiralTest):
    """What generate and train write."""

    def test_generated_npz_is_the_notebook_s_spiral(self):
        self.spiral("generate", "--classes", 4, "--points-per-class", 33, "--noise", 0.3, "--seed", 7, "-o", "s.npz")
        X, y = twin.generate(np.random.RandomState(7), classes=4, points=33, noise=0.3)
        data = load(self.folder / "s.npz")
        self.assertEqual((data["X"].dtype, data["y"].dtype), (np.float64, np.int64))
        np.testing.assert_array_max_ulp(data["X"], X, maxulp=2)
        np.testing.assert_array_equal(data["y"], y)

    def test_npy_pair_and_csv_hold_the_same_numbers_as_npz(self):
        for name in ("s.npz", "X.npy,y.npy", "s.csv"):
            self.spiral("generate", "--seed", 5, "-o", name)
        data = load(self.folder / "s.npz")
        np.testing.assert_array_equal(np.load(self.folder / "X.npy", allow_pickle=False), data["X"])
        np.testing.assert_array_equal(np.load(self.folder / "y.npy", allow_pickle=False), data["y"])
        text = np.genfromtxt(self.folder / "s.csv", delimiter=",", names=True)
        self.assertEqual(text.dtype.names, ("x0", "x1", "label"))
        np.testing.assert_array_equal(np.c_[text["x0"], text["x1"]], data["X"])  # %.17g: every bit comes back
        np.testing.assert_array_equal(text["label"], data["y"])
        self.assertEqual(self.spiral("generate", "--seed", 5, "-o", "-"), (self.folder / "s.csv").read_text())

    def test_linear_model(self):
        self.spiral("train", "-q", "--no-figures", "--model", "linear", "--iterations", 5)
        model = load(self.folder / "spiral-out" / "model.npz")
        self.assertEqual((model["W"].shape, model["b"].shape), ((2, 3), (3,)))
        self.assertEqual(model["classes"].tolist(), ["0", "1", "2"])
        self.assertEqual(model["features"].tolist(), ["x0", "x1"])
        self.assertEqual({model["classes"].dtype.kind, model["features"].dtype.kind}, {"U"})
        self.assertNotIn("mean", model)

    def test_network_on_named_classes_and_standardised_features(self):
        self.spiral("train", "-q", "--no-figures", "--data", IRIS, "--standardize", "--hidden", "7,5", "--iterations", 5)
        model = load(self.folder / "spiral-out" / "model.npz")
        shapes = {name: model[name].shape for name in ("W1", "b1", "W2", "b2", "W3", "b3", "mean", "scale")}
        self.assertEqual(shapes, {"W1": (4, 7), "b1": (7,), "W2": (7, 5), "b2": (5,), "W3": (5, 3), "b3": (3,),
                                  "mean": (4,), "scale": (4,)})
        with open(IRIS, newline="", encoding="utf-8") as file:
            header = next(csv.reader(file))
        self.assertEqual(model["features"].tolist(), header[:-1])
        self.assertEqual(model["classes"].tolist(), twin.load_csv(IRIS)[2])
        self.assertEqual(str(model["activation"]), "relu")

    def test_scores_of_a_model_file_computed_in_numpy_give_spiral_s_predictions(self):
        self.spiral("train", "-q", "--no-figures", "--data", IRIS, "--standardize", "--hidden", 9, "--iterations", 300)
        model = load(self.folder / "spiral-out" / "model.npz")
        X, _, names = twin.load_csv(IRIS)
        F, _ = twin.scores([(model["W1"], model["b1"]), (model["W2"], model["b2"])], (X - model["mean"]) / model["scale"])
        p = np.exp(F - F.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        text = self.spiral("predict", "--model", "spiral-out/model.npz", "--data", IRIS, "--probabilities")
        rows = list(csv.reader(io.StringIO(text)))[1:]
        self.assertEqual([row[0] for row in rows], [names[k] for k in F.argmax(axis=1)])
        np.testing.assert_allclose(np.array([row[1:4] for row in rows], dtype=float), p, rtol=1e-9, atol=1e-12)

    def test_log_and_summary_are_read_by_python_s_own_readers(self):
        self.spiral("train", "-q", "--no-figures", "--model", "linear")
        log = read_log(self.folder / "spiral-out" / "loss.csv")
        self.assertEqual(list(log[0]), ["iteration", "loss", "data_loss", "reg_loss", "accuracy", "grad_norm",
                                        "update_ratio", "learning_rate", "seconds"])
        summary = json.loads((self.folder / "spiral-out" / "summary.json").read_text(encoding="utf-8"))
        self.assertIsInstance(summary, dict)


def arrays(archive):
    with np.load(io.BytesIO(archive)) as found:
        return {name: found[name].tolist() for name in found.files}


class Read(SpiralTest):
    """What np.save, np.savez and np.savez_compressed write: each way to store the data gives the same training."""

    def setUp(self):
        super().setUp()
        X, self.y = twin.generate(np.random.RandomState(2), points=20)
        self.X = X.astype(np.float32).astype(np.float64)  # exact in f4 too

    def result(self, data, *options):
        """Two iterations on the data: the weights they lead to."""
        self.spiral("train", "-q", "--no-figures", "--hidden", 5, "--iterations", 2, "--data", data, *options)
        model = load(self.folder / "spiral-out" / "model.npz")
        return np.concatenate([model[name].ravel() for name in ("W1", "b1", "W2", "b2")])

    def expected(self):
        parameters, _ = twin.train(twin.initialize(np.random.RandomState(0), [2, 5, 3]), self.X, self.y, 2)
        return np.concatenate([array.ravel() for pair in parameters for array in pair])

    def check(self, data, *options):
        np.testing.assert_allclose(self.result(data, *options), self.expected(), rtol=0, atol=1e-12)

    def test_savez(self):
        np.savez(self.folder / "d.npz", X=self.X, y=self.y)
        self.check("d.npz")

    def test_savez_compressed(self):
        np.savez_compressed(self.folder / "d.npz", y=self.y, X=self.X)
        self.check("d.npz")

    def test_save_as_a_pair(self):
        np.save(self.folder / "a.npy", self.X)
        np.save(self.folder / "b.npy", self.y)
        self.check("a.npy,b.npy")

    def test_every_number_type_order_and_endianness(self):
        for x_type in ("<f4", ">f4", "<f8", ">f8"):
            for order in ("C", "F"):
                with self.subTest(x_type=x_type, order=order):
                    np.savez(self.folder / "d.npz", X=np.array(self.X, dtype=x_type, order=order), y=self.y)
                    self.check("d.npz")
        for y_type in ("<i8", ">i8", "<i4", ">i4", "<i2", ">i2", "i1", "<u8", ">u8", "<u4", ">u4", "<u2", ">u2", "u1"):
            with self.subTest(y_type=y_type):
                np.savez(self.folder / "d.npz", X=self.X, y=self.y.astype(y_type))
                self.check("d.npz")

    def test_integer_features(self):
        self.X = np.round(self.X * 3)
        for x_type in ("i1", "<i4", ">i8"):
            with self.subTest(x_type=x_type):
                np.savez(self.folder / "d.npz", X=self.X.astype(x_type), y=self.y)
                self.check("d.npz")

    def test_format_versions_1_2_and_3(self):
        for version in ((1, 0), (2, 0), (3, 0)):
            with self.subTest(version=version):
                with open(self.folder / "a.npy", "wb") as file:
                    np.lib.format.write_array(file, self.X, version=version)
                np.save(self.folder / "b.npy", self.y)
                self.check("a.npy,b.npy")

    def test_labels_as_strings(self):
        names = np.array(["ash", "birch", "cedar"])
        np.savez(self.folder / "d.npz", X=self.X, y=names[self.y])
        self.check("d.npz")
        self.assertEqual(load(self.folder / "spiral-out" / "model.npz")["classes"].tolist(), names.tolist())

    def test_labels_with_gaps_are_numbered_by_value(self):
        np.savez(self.folder / "d.npz", X=self.X, y=np.array([-5, 10, 200])[self.y])
        self.check("d.npz")
        self.assertEqual(load(self.folder / "spiral-out" / "model.npz")["classes"].tolist(), ["-5", "10", "200"])

    def test_predict_reads_all_of_them_alike(self):
        np.savez(self.folder / "d.npz", X=self.X, y=self.y)
        self.result("d.npz")
        np.savez_compressed(self.folder / "c.npz", X=np.asfortranarray(self.X), y=self.y.astype(">i2"))
        np.save(self.folder / "x.npy", self.X.astype(">f4"))
        texts = {self.spiral("predict", "--model", "spiral-out/model.npz", "--data", data)
                 for data in ("d.npz", "c.npz", "x.npy")}
        self.assertEqual(len(texts), 1)

    def test_a_model_made_in_numpy_predicts(self):
        stream = np.random.RandomState(9)
        W1, b1, W2, b2 = stream.randn(2, 6), stream.randn(6), stream.randn(6, 3), stream.randn(3)
        np.savez_compressed(self.folder / "m.npz", W1=W1.astype(">f8"), b1=b1, W2=np.asfortranarray(W2), b2=b2,
                            classes=np.array(["a", "b", "c"]), features=np.array(["u", "v"]), activation=np.array("relu"))
        np.save(self.folder / "x.npy", self.X)
        rows = self.spiral("predict", "--model", "m.npz", "--data", "x.npy").splitlines()[1:]
        F, _ = twin.scores([(W1, b1), (W2, b2)], self.X)
        self.assertEqual(rows, ["abc"[k] for k in F.argmax(axis=1)])

    def test_object_arrays_are_refused_and_never_unpickled(self):
        class Trap:
            def __reduce__(self):
                return open, (str(trap), "w")

        trap = self.folder / "unpickled"
        np.savez(self.folder / "d.npz", X=self.X, y=np.array([Trap()] * len(self.y), dtype=object))
        self.spiral("train", "-q", "--no-figures", "--data", "d.npz", code=3)
        self.assertIn("object", self.messages)
        self.assertFalse(trap.exists())
        self.assertFalse((self.folder / "spiral-out" / "model.npz").exists())

    def test_a_header_that_claims_more_than_the_file_holds_is_refused(self):
        whole = io.BytesIO()
        np.lib.format.write_array_header_1_0(whole, {"descr": "<f8", "fortran_order": False, "shape": (10 ** 12, 2)})
        with zipfile.ZipFile(self.folder / "d.npz", "w") as archive:
            archive.writestr("X.npy", whole.getvalue() + b"\0" * 64)
        self.spiral("train", "-q", "--no-figures", "--data", "d.npz", code=3)
        (self.folder / "x.npy").write_bytes(whole.getvalue() + b"\0" * 64)
        np.save(self.folder / "y.npy", self.y)
        self.spiral("train", "-q", "--no-figures", "--data", "x.npy,y.npy", code=3)

    def trained(self, data, *arguments):
        self.spiral("train", "--no-figures", "--iterations", 3, "--out", "out", "--data", data, *arguments)
        return (self.folder / "out" / "model.npz").read_bytes()

    def test_labels_in_a_column_of_an_array(self):
        np.savez(self.folder / "d.npz", X=self.X, y=self.y)
        expected = self.trained("d.npz")
        for column, table in ((0, np.c_[self.y, self.X]), (-1, np.c_[self.X, self.y])):
            np.save(self.folder / "t.npy", table)
            model = self.trained("t.npy", "--label", column)
            self.assertIn(f"label: column {column % table.shape[1]} (--label)", self.messages)
            # The model keeps the label's place, and predict finds it there.
            place = self.X.shape[1] if column == 0 else 0
            self.assertEqual(arrays(model), arrays(expected) | ({"features_after_label": place} if place > 0 else {}))
            for given in (["--label", column], []):
                self.spiral("predict", "--model", "out/model.npz", "--data", "t.npy", *given)
                self.assertIn(f"of {len(self.y)})", self.messages)

    def test_arrays_of_other_names(self):
        X, y = self.X.astype("f2"), self.y
        np.savez(self.folder / "d.npz", X=X.astype(float), y=y)
        expected = self.trained("d.npz")
        np.savez(self.folder / "none.npz", X, y)
        np.savez(self.folder / "keras.npz", x_train=X, y_train=y, x_test=X[:1], y_test=y[:1])
        np.savez(self.folder / "sklearn.npz", data=X, target=y, **{"folder/more": y, "meta": np.array("text")})
        np.savez(self.folder / "lower.npz", x=X, y=y)
        np.savez(self.folder / "both.npz", X=X, y=y, data=X[:2], target=y[:2])
        with zipfile.ZipFile(self.folder / "bare.npz", "w") as archive:  # np.load tells an array by its magic
            for name, array in (("X", X), ("y", y)):
                content = io.BytesIO()
                np.save(content, array)
                archive.writestr(name, content.getvalue())
            archive.writestr("__MACOSX/._X.npy", b"\0\5")
        for name in ("none", "keras", "sklearn", "lower", "both", "bare"):
            with self.subTest(name):
                self.assertTrue(self.trained(f"{name}.npz") == expected)
        self.trained("keras.npz")
        self.assertIn("arrays x_train and y_train", self.messages)

    def test_arrays_that_are_not_there(self):
        np.savez(self.folder / "a.npz", indptr=np.arange(3), values=np.zeros((4, 2)))
        self.spiral("train", "--data", "a.npz", code=3)
        self.assertEqual(self.messages, "spiral: error: a.npz: has no array 'X', expected X and y; it has indptr (3,), values (4, 2)\n")

    def test_arrays_that_may_both_be_meant(self):
        np.savez(self.folder / "a.npz", x=self.X, y=self.y, data=self.X, target=self.y)
        self.spiral("train", "--data", "a.npz", code=3)
        self.assertIn("a.npz: has several pairs of arrays that may be meant, expected X and y; it has data (", self.messages)


if __name__ == "__main__":
    unittest.main()
