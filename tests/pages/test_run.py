"""The page of a run, opened from the disk in a browser: it shows what NumPy computes and what the log has."""

import pathlib
import unittest

import numpy as np

import hostile
from page_test import PICTURES, PageTest, number
from support import ROOT, read_log


def activation(name, z):
    return {"relu": np.maximum(0, z), "leaky-relu": np.where(z > 0, z, 0.01 * z), "tanh": np.tanh(z),
            "sigmoid": 1 / (1 + np.exp(-z))}[name]


def slope(name, z):
    a = activation(name, z)
    return {"relu": (z > 0) * 1.0, "leaky-relu": np.where(z > 0, 1, 0.01), "tanh": 1 - a * a, "sigmoid": a * (1 - a)}[name]


def gradient(model, X, y, reg, l1, mean):
    """p (N, K), and [dW1, dW2, ...] of a saved model, by NumPy."""
    count = sum(name.startswith("W") for name in model)
    layers = [(model["W"], model["b"])] if "W" in model else [(model[f"W{l + 1}"], model[f"b{l + 1}"]) for l in range(count)]
    name = str(model["activation"]) if "activation" in model else "relu"
    A, Z = [(X - model["mean"]) / model["scale"] if "mean" in model else X], []
    for W, b in layers:
        Z.append(A[-1] @ W + b)
        A.append(activation(name, Z[-1]))
    F = Z[-1] - Z[-1].max(axis=1, keepdims=True)
    p = np.exp(F) / np.exp(F).sum(axis=1, keepdims=True)
    dZ = (p - np.eye(p.shape[1])[y]) / (len(X) if mean else 1)
    found = []
    for l in range(len(layers) - 1, -1, -1):
        W = layers[l][0]
        found.insert(0, A[l].T @ dZ + reg * W + l1 * np.sign(W))
        if l > 0:
            dZ = dZ @ W.T * slope(name, Z[l - 1])
    return p, found


class RunPage(PageTest):
    def table(self, page, selector):
        """The numbers of a table, row by row."""
        rows = page.run(f"Array.from(document.querySelectorAll('{selector} tbody tr'), (row) => Array.from(row.querySelectorAll('td'), "
                        "(cell) => cell.textContent))")
        return np.array([[number(cell) for cell in row] for row in rows])

    def test_every_moment_has_the_numbers_of_the_log(self):
        self.spiral("train", "--skip-draws", "24", "--out", "mlp", "-q", "--report")
        log, page = read_log(self.folder / "mlp/loss.csv"), self.open("mlp/report.html")
        moments = int(page.run("document.querySelector('#moment').max")) + 1
        self.assertGreaterEqual(moments, 100)
        for moment in range(moments - 1):
            page.set("#moment", moment)
            row = log[int(page.text("#iteration").split()[0])]
            for name, column in (("loss", "loss"), ("data-loss", "data_loss"), ("reg-loss", "reg_loss"), ("ratio", "update_ratio")):
                self.assertLess(abs(number(page.text("#" + name)) - row[column]), 1e-5, (name, row))
            self.assertLess(abs(number(page.text("#accuracy")) - row["accuracy"]), 1e-3)
            layer = moment % 2
            page.set("#layer", layer, "change")
            self.assertLess(abs(number(page.text("#weights-ratio").split()[-1]) - row[f"update_ratio_W{layer + 1}"]), 1e-5, row)
        self.assertEqual(page.complaints(), [])

    def test_the_update_ratio_is_that_of_the_log(self):
        for options in (["--max-grad-norm", "0.05"], ["--schedule", "inverse", "--warmup", "50"], ["--reduction", "sum", "--lr", "0.002", "--l1", "0.01"],
                        ["--batch-size", "20", "--lr", "0.1"], ["--optimizer", "adam", "--lr", "0.01"]):
            self.spiral("train", "--points-per-class", "30", "--hidden", "9", "--init", "he", "--iterations", "300", *options, "-q", "--no-figures",
                        "--out", "run", "--report")
            log, page = read_log(self.folder / "run/loss.csv"), self.open("run/report.html")
            for moment in range(int(page.run("document.querySelector('#moment').max"))):
                page.set("#moment", moment)
                row = log[int(page.text("#iteration").split()[0])]
                self.assertLess(abs(number(page.text("#ratio")) - row["update_ratio"]), 1e-5, (options, row))

    def test_the_last_moment_has_the_gradient_that_numpy_computes(self):
        for D, K, options in ((2, 3, ["--model", "linear"]), (1, 2, ["--hidden", "4"]), (30, 3, ["--hidden", "3"]), (2, 12, ["--hidden", "8"]),
                              (5, 3, ["--hidden", "6", "--activation", "leaky-relu", "--reg", "0.01", "--l1", "0.002"]),
                              (2, 3, ["--hidden", "6,5", "--activation", "tanh"]), (2, 3, ["--hidden", "4,3,5", "--activation", "sigmoid"]),
                              (3, 2, ["--hidden", "5", "--reduction", "sum"]), (3, 3, ["--hidden", "7", "--standardize"]),
                              (2, 3, ["--model", "linear", "--optimizer", "adamw", "--reg", "0.05"]), (2, 3, ["--hidden", "5", "--batch-size", "7"])):
            stream = np.random.RandomState(D + K)
            y = np.repeat(np.arange(K), 10)
            X = stream.randn(10 * K, D) + y[:, None] * stream.rand(D)
            np.savez(self.folder / "x.npz", X=X, y=y)
            self.spiral("train", "--data", "x.npz", *options, "--lr", "0.01", "--init-scale", "0.3", "--iterations", "60", "-q", "--no-figures",
                        "--out", "run", "--report")
            given = dict(zip(options, options[1:]))
            reg = 0 if given.get("--optimizer") == "adamw" else float(given.get("--reg", 1e-3))  # adamw's is in the update alone
            with np.load(self.folder / "run/model.npz") as file:
                p, dWs = gradient(dict(file), X, y, reg, float(given.get("--l1", 0)), given.get("--reduction") != "sum")
            page = self.open("run/report.html")
            page.run("document.querySelector('#numbers').open = true")
            for l, dW in enumerate(dWs):
                page.set("#layer", l, "change")
                np.testing.assert_allclose(self.table(page, "#dW-table"), dW, rtol=1e-5, atol=1e-6, err_msg=str((options, l)))
            for i in (0, len(X) - 1):
                page.set("#observation", i, "change")
                shown = self.table(page, "#point-scores")  # f, p, dF
                np.testing.assert_allclose(shown[:, 1:], np.c_[p[i], p[i] - np.eye(K)[y[i]]], atol=1e-6, err_msg=str(options))
            self.assertEqual(page.complaints(), [])

    def test_what_the_observations_add_sums_to_the_gradient(self):
        self.spiral("train", "--model", "linear", "--points-per-class", "4", "--reg", "0", "--out", "run", "-q", "--report")
        page = self.open("run/report.html")
        page.set("#moment", 3)
        page.run("document.querySelector('#numbers').open = true")
        total = 0
        for i in range(12):
            page.set("#observation", i, "change")
            total = total + self.table(page, "#point-added")
        np.testing.assert_allclose(total, self.table(page, "#dW-table"), atol=2e-5)

    def test_the_warnings_of_the_training_are_sentences(self):
        for options, expected in ((["--learning-rate", "1e-3"], "the loss still falls as at the beginning: try --learning-rate 0.1 or more --iterations"),
                                  (["--reg", "1", "--dropout", "0.9"], "try --reg 0.001 and --dropout 0.2")):
            self.spiral("train", *options, "--iterations", "500", "--out", "run", "-q", "--no-figures", "--report")
            page = self.open("run/report.html")
            rows = dict(page.run("Array.from(document.querySelectorAll('#results tr'), (row) => Array.from(row.cells, (cell) => cell.textContent))"))
            self.assertIn(expected, rows["warning"])
            self.assertNotIn("[object", page.text("main"))

    def test_numbers_beside_an_axis_are_whole(self):
        self.spiral("train", "--learning-rate", "1e-3", "--iterations", "500", "--out", "run", "-q", "--no-figures", "--report")
        page = self.open("run/report.html")
        left = page.run("Math.min(...Array.from(document.querySelectorAll('.chart text'), (text) => text.getBBox().x))")
        self.assertGreaterEqual(left, 0)

    def test_it_is_used_by_pointer_and_keyboard(self):
        self.spiral("train", "--iterations", "1000", "--out", "run", "-q", "--report")
        page = self.open("run/report.html")
        last = int(page.run("document.querySelector('#moment').max"))
        page.run("document.querySelector('#moment').focus()")
        page.key("Home")
        self.assertEqual(page.text("#iteration"), "0 of 1000")
        page.key("ArrowRight")
        self.assertEqual(page.text("#iteration"), "10 of 1000")
        # play, from the keyboard, and pause
        page.run("document.querySelector('#play').focus()")
        page.key(" ")
        page.run("new Promise((done) => setTimeout(done, 700))")
        self.assertEqual(page.text("#play"), "Pause")
        page.key(" ")
        self.assertEqual(page.text("#play"), "Play")
        reached = int(page.run("document.querySelector('#moment').value"))
        self.assertTrue(1 < reached <= last, reached)
        # a click on a point of the plane chooses it
        left, top, width, _ = page.box("#plane")
        place = page.run("placeOf(view.plane, 150)")
        page.click(left + place[0] * width / 640, top + place[1] * width / 640)
        chosen = page.run("placeOf(view.plane, view.observation)")
        self.assertLess(np.hypot(chosen[0] - place[0], chosen[1] - place[1]), 8)
        number_before = int(page.run("document.querySelector('#observation').value"))
        page.run("document.querySelector('#plane').focus()")
        page.key("ArrowRight")
        self.assertEqual(int(page.run("document.querySelector('#observation').value")), number_before + 1)
        # a click on a curve goes there
        left, top, width, height = page.box("#loss-chart")
        page.click(left + width - 2, top + height / 2)
        self.assertEqual(page.text("#iteration"), "1000 of 1000")
        # the log opens, and the row of the moment is marked
        page.run("document.querySelector('#log').open = true")
        page.set("#moment", 5)
        page.run("new Promise((done) => setTimeout(done, 50))")
        self.assertEqual(page.text("#log-table .now th"), page.text("#iteration").split()[0])
        self.assertEqual(page.complaints(), [])

    def test_a_screen_reader_is_told_what_there_is(self):
        self.spiral("train", "--iterations", "1000", "--out", "run", "-q", "--report")
        page = self.open("run/report.html")
        found = page.accessible()
        for role, name in (("button", "Play"), ("slider", "Moment of the training"), ("spinbutton", "number"), ("combobox", "layer"),
                           ("heading", "Two-layer network (100 ReLU)")):
            self.assertIn((role, name), found)
        images = [name for role, name in found if role in ("image", "img")]
        self.assertEqual(len(images), 6, images)
        self.assertTrue(all(images), images)
        self.assertIn("loss", page.run("document.querySelector('#moment').getAttribute('aria-valuetext')"))
        names = page.run("Array.from(document.querySelectorAll('button, input, select, canvas[tabindex]'), (one) => one.id)")
        self.assertEqual(names, ["play", "moment", "x-axis", "y-axis", "plane", "observation", "layer"])

    def test_names_from_strangers_are_text(self):
        hostile.write_data(self.folder / "x.csv")
        self.spiral("train", "--data", "x.csv", "--hidden", "5", "--iterations", "100", "-q", "--out", "run", "--report")
        page = self.open("run/report.html")
        page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for layer in (0, 1):
            page.set("#layer", layer, "change")
            for i in range(4):
                page.set("#observation", i, "change")
        self.assertEqual(page.run("typeof window.pwned"), "undefined")
        self.assertEqual(page.run("document.querySelectorAll('img, svg:not(.chart), style, iframe').length"), 1)  # its own style
        self.assertEqual(page.run("document.querySelectorAll('script').length"), 2)
        self.assertEqual(page.run("Array.from(document.querySelectorAll('#classes span'), (one) => one.textContent)"), sorted(hostile.CLASSES))
        self.assertEqual(page.run("Array.from(document.querySelectorAll('#point-x tbody th'), (one) => one.textContent)"), hostile.FEATURES)
        self.assertEqual(page.complaints(), [])
        if PICTURES:
            page.screenshot(pathlib.Path(PICTURES) / "hostile.png")

    def test_an_injected_script_does_not_run(self):
        self.spiral("train", "--iterations", "50", "--out", "run", "-q", "--report")
        text = (self.folder / "run/report.html").read_text()
        (self.folder / "injected.html").write_text(text.replace("<main>", "<main><script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"))
        page = self.browser.open(self.folder / "injected.html")
        self.addCleanup(page.close)
        self.assertEqual(page.run("typeof window.pwned"), "undefined")
        self.assertTrue(any("Content Security Policy" in text for text in page.complaints()), page.complaints())

    def test_it_fits_every_width_in_light_and_dark(self):
        self.spiral("train", "--data", ROOT / "data/iris.csv", "--standardize", "--lr", "0.5", "--iterations", "300", "--validation", "0.2",
                    "-q", "--out", "iris", "--report")
        self.spiral("train", "--skip-draws", "24", "--out", "mlp", "-q", "--report")
        for name in ("iris", "mlp"):
            self.check_widths(name + "/report.html", name, lambda page: page.set("#moment", 40))


if __name__ == "__main__":
    unittest.main()
