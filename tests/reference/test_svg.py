"""Every kind of figure as SVG beside the PNG of the same command: rsvg-convert draws the one, and both have to look the same. The
SVG is XML with no picture in it, the same for every number of threads, and small."""

import shutil
import struct
import subprocess
import unittest
import xml.etree.ElementTree
import zlib

import numpy as np

from support import ROOT, SpiralTest

SVG = "{http://www.w3.org/2000/svg}"
IRIS = ROOT / "data" / "iris.csv"

MEAN = 1.0  # how far the pixels are apart on average, of 255: antialiasing and the fonts' hinting
FAR = 0.001  # the part of them that are by more than 64: ten times what is seen


def chunks(data):
    place = 8
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        yield kind, data[place + 8:place + 8 + size]
        place += 12 + size


def paeth(line, above, channels):
    """A row filtered by the nearest of its three neighbours."""
    row, up = [0] * channels + line.tolist(), [0] * channels + above.tolist()
    for i in range(channels, len(row)):
        a, b, c = row[i - channels], up[i], up[i - channels]
        nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))  # the first of those as near
        row[i] = (row[i] + nearest[2]) & 255
    return np.array(row[channels:], np.int64)


def average(line, above, channels):
    row, up = [0] * channels + line.tolist(), above.tolist()
    for i in range(channels, len(row)):
        row[i] = (row[i] + (row[i - channels] + up[i - channels]) // 2) & 255
    return np.array(row[channels:], np.int64)


def read_png(data):
    """(height, width, 3) by the specification; of 8 bits a channel, without interlacing."""
    parts = list(chunks(data))
    width, height, _, colours = struct.unpack_from(">IIBB", dict(parts)[b"IHDR"])
    channels = {2: 3, 6: 4}[colours]
    raw = np.frombuffer(zlib.decompress(b"".join(part for kind, part in parts if kind == b"IDAT")), np.uint8)
    lines = raw.reshape(height, 1 + width * channels)
    rows, above = np.zeros((height, width * channels), np.int64), np.zeros(width * channels, np.int64)
    for y, line in enumerate(lines.astype(np.int64)):
        kind, line = line[0], line[1:]
        if kind == 1:
            line = np.cumsum(line.reshape(width, channels), axis=0).reshape(-1) & 255
        elif kind == 2:
            line = (line + above) & 255
        elif kind == 3:
            line = average(line, above, channels)
        elif kind == 4:
            line = paeth(line, above, channels)
        rows[y] = above = line
    return rows.reshape(height, width, channels)[:, :, :3]


def elements(path):
    return list(xml.etree.ElementTree.parse(path).iter())


@unittest.skipUnless(shutil.which("rsvg-convert"), "rsvg-convert (librsvg2-bin) is not installed")
class Svg(SpiralTest):
    def look(self, name):
        """Compares NAME.png with NAME.svg."""
        svg = (self.folder / f"{name}.svg").read_bytes()
        drawn = subprocess.run(["rsvg-convert", self.folder / f"{name}.svg"], check=True, capture_output=True).stdout
        first, second = read_png((self.folder / f"{name}.png").read_bytes()), read_png(drawn)
        with self.subTest(figure=name):
            self.assertEqual(first.shape, second.shape)
            apart = np.abs(first - second)
            self.assertLess(apart.mean(), MEAN)
            self.assertLess((apart.max(axis=2) > 64).mean(), FAR)
            self.assertEqual({element.tag for element in elements(self.folder / f"{name}.svg")} -
                             {SVG + tag for tag in ("svg", "rect", "path", "circle", "g", "clipPath", "text", "title")}, set())
            self.assertNotIn(b"e+", svg)
            self.assertNotIn(b"nan", svg.lower())

    def plot(self, name, *arguments):
        for ending in ("png", "svg"):
            self.spiral("plot", *arguments, "-o", f"{name}.{ending}")
        self.look(name)

    def train(self, folder, *arguments):
        self.spiral("train", "--no-figures", "--out", folder, *arguments)

    def test_boundaries(self):
        self.spiral("generate", "-o", "spiral.csv")
        self.train("notes", "--data", "spiral.csv", "--iterations", 2000)
        notes = ["--model", "notes/model.npz", "--data", "spiral.csv"]
        self.plot("notes", *notes)
        self.assertLess((self.folder / "notes.svg").stat().st_size, 150_000)
        self.plot("shaded", *notes, "--shade", "--errors")
        self.plot("large", *notes, "--size", "1500x1200")
        self.plot("small", *notes, "--size", "300x260")
        self.train("linear", "--data", "spiral.csv", "--model", "linear", "--iterations", 100)
        self.plot("linear", "--model", "linear/model.npz", "--data", "spiral.csv", "--title", "Three lines & no title <b>")
        self.train("iris", "--data", IRIS, "--standardize", "--iterations", 300)
        self.plot("plane", "--model", "iris/model.npz", "--data", IRIS)
        self.plot("slice", "--model", "iris/model.npz", "--data", IRIS, "--axes", "2,3")

    def test_models(self):
        for name, arguments in (("notes", ["--iterations", 300]), ("iris", ["--data", IRIS, "--standardize", "--iterations", 100]),
                                ("deep", ["--hidden", "40,7", "--iterations", 100])):
            self.train(name, *arguments)
            self.plot(f"{name}-weights", "--model", f"{name}/model.npz", "--weights")
        iris = ["--model", "iris/model.npz", "--data", IRIS]
        self.plot("units", *iris, "--hidden-units")
        self.plot("confusion", *iris, "--confusion")

    def test_classes(self):
        self.spiral("generate", "--shape", "blobs", "--classes", 26, "--points-per-class", 30, "--noise", 0.03, "-o", "many.csv")
        self.train("many", "--data", "many.csv", "--optimizer", "adam", "--lr", 0.02, "--iterations", 400)
        self.plot("many", "--model", "many/model.npz", "--data", "many.csv")
        self.train("strip", "--data", IRIS, "--ignore", "1,2,3", "--iterations", 100)
        self.plot("strip", "--model", "strip/model.npz", "--data", IRIS, "--ignore", "1,2,3")

    def test_data(self):
        for ending in ("png", "svg"):
            self.spiral("generate", "--classes", 5, "--figure", f"data.{ending}")
        self.look("data")

    def test_curves(self):
        logs = []
        for rate in (0.01, 0.1, 1):
            self.train(f"rate{rate}", "--lr", rate, "--iterations", 60, "--log-every", 3, "--validation", 0.2)
            logs.append(f"rate{rate}/loss.csv")
        self.plot("one", "--log", logs[0])
        self.plot("logs", "--log", ",".join(logs), "--y-scale", "log")
        self.plot("column", "--log", ",".join(logs), "--column", "grad_norm", "--x-scale", "log")

    def test_sweeps(self):
        data = ["--points-per-class", 40, "--iterations", 60, "--hidden", 20]
        for ending in ("png", "svg"):
            self.spiral("sweep", *data, "--lr", "0.01,0.1,1", "--reg", "0,1e-3,1e-2", "--seeds", 2, "--figure-format", ending,
                        "--out", f"grid-{ending}")
            self.spiral("sweep", *data, "--random", 30, "--lr", "loguniform:1e-3:1", "--reg", "loguniform:1e-4:1",
                        "--figure-format", ending, "--keep", "none", "--out", f"random-{ending}")
            for sweep in ("grid", "random"):
                for path in (self.folder / f"{sweep}-{ending}").glob(f"*.{ending}"):
                    path.rename(self.folder / f"{sweep}-{path.name}")
        for name in ("grid-heat-map", "grid-curves", "grid-boundaries", "grid-by-learning-rate", "grid-by-reg", "random-heat-map",
                     "random-curves", "random-by-reg"):
            self.look(name)

    def test_the_same_bytes_for_every_number_of_threads(self):
        self.spiral("generate", "-o", "spiral.csv")
        self.train("notes", "--data", "spiral.csv", "--iterations", 500)
        for shade in ([], ["--shade"]):
            for threads in (1, 4):
                self.spiral("plot", "--model", "notes/model.npz", "--data", "spiral.csv", "--threads", threads, *shade, "-o",
                            f"{threads}.svg")
            self.assertTrue((self.folder / "1.svg").read_bytes() == (self.folder / "4.svg").read_bytes())

    def test_shapes_say_what_they_stand_for(self):
        """Points are circles, each with the name of its class, and so are the regions' paths."""
        self.train("iris", "--data", IRIS, "--standardize", "--iterations", 300)
        self.spiral("plot", "--model", "iris/model.npz", "--data", IRIS, "-o", "iris.svg")
        found = {}
        for element in elements(self.folder / "iris.svg"):
            title = element.find(SVG + "title")
            if title is not None:
                found.setdefault(element.tag, []).append(title.text)
        names = ["setosa", "versicolor", "virginica"]
        self.assertEqual(found[SVG + "path"], names)
        self.assertEqual(sorted(found[SVG + "circle"]), sorted(50 * names))

    def test_any_name_is_text(self):
        """Names of markup, controls, other scripts and no script at all: what is read is what is shown."""
        names = ["<b>&amp;\"'", "]]>", "中文", "a  b", "\x1b[31m", "é\ufffe", "\U0001f680"]
        rows = "".join(f'{i},{i * i % 5},"{name}"\n'.replace("\"'", "\"\"'", 1) for i, name in enumerate(names * 3))
        (self.folder / "names.csv").write_text('"x < 1","y & z",label\n' + rows, encoding="utf-8")
        self.train("names", "--data", "names.csv", "--label", "label", "--iterations", 50)
        self.spiral("plot", "--model", "names/model.npz", "--data", "names.csv", "-o", "names.svg")
        subprocess.run(["rsvg-convert", self.folder / "names.svg"], check=True, capture_output=True)
        texts = [element.text for element in elements(self.folder / "names.svg") if element.tag == SVG + "text"]
        for name in ["<b>&amp;\"'", "]]>", "中文", "a  b", "\\x1b[31m", "é\\ufffe", "\U0001f680", "x < 1", "y & z"]:
            self.assertIn(name, texts)


if __name__ == "__main__":
    unittest.main()
