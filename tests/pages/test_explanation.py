"""The page of an explanation in a browser: what lights up, the sum observation by observation, and the circuit; the numbers
are those of NumPy."""

import unittest

import numpy as np

import hostile
from page_test import PageTest, number


def numbers(texts):
    return np.array([number(text) for text in texts])


class ExplanationPage(PageTest):
    def example(self, *options, hidden=4):
        """Observations 30, 80 and 110 of three classes through one hidden layer, explained with six decimals; and by NumPy: X, h, W2,
        p - 1(y)."""
        rows = [30, 80, 110]
        self.spiral("generate", "--points-per-class", "40", "-o", "x.npz")
        self.spiral("train", "--points-per-class", "40", "--hidden", hidden, "--iterations", "100", "-q", "--out", "run", "--no-figures")
        self.spiral("explain", "--load", "run/model.npz", "--points-per-class", "40", "--at", ",".join(map(str, rows)), "--decimals", "6",
                    *options, "-o", "why.html")
        with np.load(self.folder / "x.npz") as data, np.load(self.folder / "run/model.npz") as model:
            X, y, W1, b1, W2, b2 = data["X"][rows], data["y"][rows], model["W1"], model["b1"], model["W2"], model["b2"]
        h = np.maximum(0, X @ W1 + b1)
        F = h @ W2 + b2
        p = np.exp(F - F.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return X, y, W1, h, W2, b2, F, p

    def cells(self, page, which, selector="td:not(:empty)"):
        """The texts of the product's first, second or third matrix, row by row."""
        return page.run(f"Array.from(document.querySelectorAll('#product figure')[{which}].querySelectorAll('tbody tr'), (row) => "
                        f"Array.from(row.querySelectorAll('{selector}'), (cell) => cell.textContent))")

    def test_the_observations_are_added_one_by_one(self):
        X, y, W1, h, W2, _, _, p = self.example()
        page = self.open("why.html")
        dF = p - np.eye(3)[y]
        dZ1 = dF @ W2.T * (h > 0)
        for layer, inputs, upstream in ((1, h, dF), (0, X, dZ1)):
            page.set("#play-layer", layer, "change")
            for added in (3, 0, 1, 2, 3):
                page.set("#added", added)
                self.assertEqual(page.text("#added-count"), f"{added} of 3")
                found = np.array([numbers(row) for row in self.cells(page, 2)])
                expected = np.vstack([inputs[:added].T @ upstream[:added], upstream[:added].sum(axis=0)])
                np.testing.assert_allclose(found, expected, atol=1.01e-6)
                faded = page.run("document.querySelectorAll('#product .later').length")
                self.assertEqual(faded, (3 - added) * (inputs.shape[1] + 1 + upstream.shape[1]))
        self.assertEqual(page.complaints(), [])

    def test_an_entry_lights_up_its_row_and_its_column(self):
        X, y, _, h, _, _, _, p = self.example()
        page = self.open("why.html")
        dF = p - np.eye(3)[y]
        for how in ("hover", "keyboard"):
            page.call("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)  # what is scrolled below the pointer is pointed at
            page.run("document.activeElement.blur(); document.querySelector('[data-entry=\"0,0\"]').focus()")
            for d, k in ((0, 0), (0, 1), (1, 1), (2, 1), (2, 2), (3, 2), (4, 2), (4, 1)):
                if how == "hover":
                    left, top, width, height = page.box(f"[data-entry='{d},{k}']")
                    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=left + width / 2, y=top + height / 2)
                elif (d, k) != (0, 0):
                    before_d, before_k = map(int, page.run("document.activeElement.dataset.entry").split(","))
                    page.key("ArrowDown" if d > before_d else "ArrowRight" if k > before_k else "ArrowLeft")
                    self.assertEqual(page.run("document.activeElement.dataset.entry"), f"{d},{k}")
                row = [*h[:, d]] if d < 4 else [1, 1, 1]
                lit = self.cells(page, 0, ".factor")
                np.testing.assert_allclose(numbers(lit[d]), row, atol=1e-6)
                self.assertEqual([len(cells) for cells in lit], [3 * (r == d) for r in range(5)])
                np.testing.assert_allclose(numbers(cell for (cell,) in self.cells(page, 1, ".factor")), dF[:, k], atol=1e-6)
                self.assertEqual(len(sum(self.cells(page, 2, ".entry"), [])), 1)
                text = page.text("#sum")
                name, *parts = text.replace("(", "").replace(")", "").split(" = ")
                self.assertIn("db2" if d == 4 else "dW2", name)
                factors = np.array([numbers(term.split(" · ")) for term in parts[0].split(" + ")])
                np.testing.assert_allclose(factors, np.c_[row, dF[:, k]], atol=1e-6)
                self.assertAlmostEqual(number(parts[1]), float(np.dot(row, dF[:, k])), delta=1e-6)

    def test_the_circuit_has_the_values_above_and_the_gradients_below(self):
        X, y, _, h, W2, b2, F, p = self.example()
        page = self.open("why.html")
        for i in range(3):
            page.set("#circuit-observation", i, "change")
            for k in range(3):
                page.set("#circuit-output", k, "change")
                df = p[i, k] - (y[i] == k)
                values, gradients = [], []
                for x, w in zip(h[i], W2[:, k]):
                    values += [x, w, x * w]
                    gradients += [w * df, x * df, df]
                values += [b2[k], F[i, k], -np.log(p[i, y[i]])]
                gradients += [df, df, 1]
                texts = page.run("['forward', 'backward'].map((name) => Array.from(document.querySelectorAll('#circuit .' + name), (one) => "
                                 "[one.textContent, one.getBoundingClientRect().top]))")
                for found, expected in zip(texts, (values, gradients)):
                    np.testing.assert_allclose(numbers(text for text, _ in found), expected, atol=1e-6)
                self.assertTrue(all(above < below for (_, above), (_, below) in zip(*texts)))
        colours = page.run("['forward', 'backward'].map((name) => getComputedStyle(document.querySelector('#circuit .' + name)).fill)")
        self.assertEqual(colours, ["rgb(26, 127, 55)", "rgb(192, 38, 27)"])  # green, red
        self.assertIn("whose gradient is", page.run("document.querySelector('#circuit').getAttribute('aria-label')"))

    def test_the_circuit_of_many_inputs_has_the_others_as_one(self):
        _, y, _, h, W2, b2, F, p = self.example(hidden=9)
        page = self.open("why.html")
        for i, k in ((0, 0), (1, 2), (2, 1)):
            page.set("#circuit-observation", i, "change")
            page.set("#circuit-output", k, "change")
            units = page.run("data.layers[1].inputs.slice(0, 4).map((name) => Number(name.split(' ')[1]))")
            rest = sum(h[i, u] * W2[u, k] for u in set(range(9)) - set(units))
            found = numbers(page.run("Array.from(document.querySelectorAll('#circuit .forward'), (one) => one.textContent)"))
            np.testing.assert_allclose(found[-4:], [rest, b2[k], F[i, k], -np.log(p[i, y[i]])], atol=1e-6)
            told = page.run("document.querySelector('#circuit').getAttribute('aria-label')")
            self.assertAlmostEqual(number(told.split("all others together ")[1].split(";")[0]), rest, delta=1e-6)

    def test_it_stands_behind_the_sum_and_the_rest_needs_no_script(self):
        self.example()
        page = self.open("why.html")
        self.assertRegex(page.run("Array.from(document.querySelectorAll('h2')).filter((one) => one.compareDocumentPosition("
                                  "document.querySelector('#play')) & 4).pop().textContent"), "^4\\.")
        self.assertGreater(page.run("document.querySelectorAll('math').length"), 50)
        text = (self.folder / "why.html").read_text()
        (self.folder / "still.html").write_text(text[:text.index('<script type="application/json"')])
        still = self.open("still.html")
        self.assertEqual(still.run("document.querySelector('#play').getBoundingClientRect().height"), 0)

    def test_names_from_strangers_are_text(self):
        hostile.write_data(self.folder / "x.csv")
        for options in ([], ["--hidden", "3"]):
            self.spiral("explain", "--data", "x.csv", "--model", "linear" if not options else "mlp", *options, "--rows", "4", "-o", "why.html")
            page = self.open("why.html")
            for i in range(4):
                page.set("#circuit-observation", i, "change")
                page.set("#circuit-output", i, "change")
            self.assertEqual(page.run("typeof window.pwned"), "undefined")
            self.assertEqual(page.run("document.querySelectorAll('img, style, iframe, script, svg').length"), 4)
            shown = page.run("Array.from(document.querySelectorAll('#circuit-output option'), (one) => one.textContent)")
            self.assertEqual(len(set(shown)), 4)
            self.assertEqual(page.complaints(), [])

    def test_it_fits_every_width_in_light_and_dark(self):
        self.spiral("generate", "--shape", "blobs", "--dimensions", "12", "--classes", "12", "--points-per-class", "5", "-o", "wide.npz")
        for name, options in (("toy", ["--example"]), ("linear", ["--model", "linear", "--burn-in", "20"]),
                              ("deep", ["--hidden", "20,10", "--burn-in", "20", "--rows", "20", "--activation", "tanh", "--units", "8"]),
                              ("wide", ["--data", "wide.npz", "--model", "linear"])):
            self.spiral("explain", *options, "-o", "why.html")
            self.check_widths("why.html", f"why-{name}")


if __name__ == "__main__":
    unittest.main()
