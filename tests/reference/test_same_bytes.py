"""The same command writes the same bytes, whatever --threads says. Seconds alone may differ."""

import shutil
import unittest

from support import ROOT, SHAPES, SpiralTest, comparable, read_log

IRIS = ROOT / "data" / "iris.csv"


class SameBytes(SpiralTest):
    def outputs_of(self, number, *commands):
        """Runs the commands in a folder of their own; {file: content} and what they printed."""
        folder = self.folder / str(number)
        folder.mkdir()
        printed = [self.spiral(*command, folder=folder) for command in commands]
        files = {str(path.relative_to(folder)): comparable(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        return files, printed

    def check(self, *commands, files):
        first, second = self.outputs_of(1, *commands), self.outputs_of(2, *commands)
        self.assertEqual(sorted(first[0]), sorted(files))
        for name in first[0]:
            self.assertTrue(first[0][name] == second[0][name], f"{name} differs between two runs")
        self.assertEqual(first[1], second[1])

    def test_generate(self):
        self.check(["generate", "--seed", 4, "-o", "s.csv", "--png", "s.png"], ["generate", "--seed", 4, "-o", "s.npz"],
                   ["generate", "--seed", 4, "-o", "X.npy,y.npy"],
                   files=["s.csv", "s.png", "s.npz", "X.npy", "y.npy"])

    def test_train_predict_and_plot(self):
        self.check(["train", "--iterations", 60, "--data", IRIS, "--standardize", "--out", "o"],
                   ["predict", "--model", "o/model.npz", "--data", IRIS, "--probabilities", "-o", "p.csv"],
                   ["plot", "--model", "o/model.npz", "--data", IRIS, "--axes", "2,3", "-o", "b.png"],
                   ["plot", "--log", "o/loss.csv", "-o", "l.png"],
                   files=["o/boundary.png", "o/loss.csv", "o/loss.png", "o/model.npz", "o/summary.json", "p.csv", "b.png",
                          "l.png"])

    def test_checkpoints(self):
        """With either log, and of a training that was taken up from one, too."""
        for form, log in (("csv", "o/loss.csv"), ("jsonl", "o/loss.jsonl")):
            training = ["train", "--data", IRIS, "--standardize", "--hidden", 5, "--batch-size", 32, "--optimizer", "adam", "--lr",
                        0.01, "--checkpoint-every", 20, "--log-every", 1, "--log-format", form, "--no-figures", "--out", "o"]
            with self.subTest(log=log):
                self.check([*training, "--iterations", 60], files=["o/checkpoint.npz", log, "o/model.npz", "o/summary.json"])
                whole = (self.folder / "1" / "o" / "checkpoint.npz").read_bytes()
                taken_up = self.outputs_of(3, [*training, "--iterations", 40],
                                           [*training, "--iterations", 60, "--resume", "o/checkpoint.npz"])
                self.assertTrue(taken_up[0]["o/checkpoint.npz"] == whole, "a training that was resumed has another checkpoint")
            shutil.rmtree(self.folder)
            self.folder.mkdir()

    def test_check_gradcheck_and_explain(self):
        self.check(["check"], ["gradcheck", "--burn-in", 20], ["explain"], ["explain", "--format", "latex"], files=[])

    def check_threads(self, *arguments):
        training = ["train", "--out", "o", "--checkpoint-every", 2, *arguments]
        results = [self.outputs_of(f"{threads} threads", [*training, "--threads", threads])
                   for threads in (1, 2, 3, 7, 16)]
        self.assertLessEqual({"o/model.npz", "o/checkpoint.npz"}, {*results[0][0]})
        for other in results[1:]:
            self.assertEqual(list(other[0]), list(results[0][0]))
            for name in results[0][0]:
                self.assertTrue(results[0][0][name] == other[0][name], f"{name} differs with the number of threads")
            self.assertEqual(results[0][1], other[1])
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def test_threads_do_not_change_a_bit(self):
        """On numbers of rows that neither threads nor blocks divide."""
        for model in ("linear", "mlp"):
            for classes, points in ((2, 1), (17, 241)):
                self.check_threads("--classes", classes, "--points-per-class", points, "--iterations", 5, "--model", model,
                                   "--no-figures")
            self.check_threads("--classes", 13, "--points-per-class", 23, "--iterations", 12, "--model", model)
        self.check_threads("--classes", 11, "--points-per-class", 9091, "--iterations", 3, "--hidden", "9,10", "--no-figures")

    def test_threads_do_not_change_a_bit_of_any_shape(self):
        for shape in SHAPES.values():
            for products in ("auto", "blas"):
                self.check_threads(*shape, "--iterations", 3, "--no-figures", "--products", products)

    def test_the_ways_of_multiplying_differ_by_rounding_alone(self):
        """Here the bits may differ, since BLAS adds up in its own order."""
        for name, shape in SHAPES.items():
            logs = []
            for products in ("auto", "blas"):
                self.spiral("train", *shape, "--iterations", 20, "--no-figures", "--log-every", 1, "--products", products, "--out", "o")
                logs.append(read_log(self.folder / "o" / "loss.csv"))
            for iteration, row in logs[0].items():
                for column in ("loss", "grad_norm"):
                    difference = abs(row[column] / logs[1][iteration][column] - 1)
                    self.assertLess(difference, 1e-10, f"{name}, iteration {iteration}, {column}")

    def test_threads_do_not_change_a_bit_by_blas(self):
        for arguments in (["--model", "linear"], ["--hidden", "3,100"]):
            for classes, points in ((2, 1), (13, 23), (17, 241)):
                self.check_threads("--classes", classes, "--points-per-class", points, "--iterations", 5, "--no-figures",
                                   "--products", "blas", *arguments)


if __name__ == "__main__":
    unittest.main()
