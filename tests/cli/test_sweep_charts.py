"""What the charts of a sweep show, measured in their pixels: every setting of results.csv where it belongs, those that
diverged at the axis' end, and no line across what the axis can't show."""

import csv
import math
import pathlib
import statistics
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import png  # noqa: E402
from support import ROOT, SpiralTest  # noqa: E402

IRIS = ROOT / "data" / "iris.csv"
FRAME, BLUE = (0x22, 0x22, 0x22), (0x0f, 0x5a, 0xa6)


def near(colour, other, distance=40):
    return max(abs(a - b) for a, b in zip(colour, other)) <= distance


class Chart:
    """The plots of a figure: their frames are found, left, top, right and bottom, the pixels inside."""

    def __init__(self, path):
        self.rows = png.read(path)
        width = len(self.rows[0])
        lines = [y for y, row in enumerate(self.rows) if sum(colour == FRAME for colour in row) > 0.7 * width]
        self.plots = []
        for top, bottom in zip(lines[0::2], lines[1::2]):
            dark = [x for x in range(width) if all(row[x] == FRAME for row in self.rows[top:bottom])]
            self.plots.append((dark[0] + 1, top + 1, dark[-1], bottom))

    def count(self, plot, x, colour=BLUE, top=0.0, bottom=1.0):
        """The pixels of a colour in the column at x, a fraction of the plot's width, within those fractions of its height."""
        left, first, right, last = self.plots[plot]
        column = round(left + x * (right - left))
        rows = range(round(first + top * (last - first)), round(first + bottom * (last - first)))
        return sum(near(self.rows[y][column], colour) for y in rows)

    def discs(self, plot, places):
        """The height of the middle of the disc at each of the places, as a fraction of the plot's height; None: no disc. A disc is
        wider than a line: around it, the columns left and right are blue at the same height."""
        left, top, right, bottom = self.plots[plot]
        found = []
        for place in places:
            column = int(left + place * (right - left))
            hits = [y for y in range(top, bottom)
                    if all(near(self.rows[y][x], BLUE) for x in (column - 2, column, column + 2) if left <= x < right)]
            longest, run = [], []
            for y in hits:
                run = run + [y] if run and y == run[-1] + 1 else [y]
                longest = max(longest, run, key=len)
            found.append(((longest[0] + longest[-1] + 1) / 2 - top) / (bottom - top) if len(longest) >= 5 else None)
        return found


class SweepCharts(SpiralTest):
    def sweep(self, *arguments, out="out"):
        self.spiral("sweep", *arguments, "--keep", "none", "--out", out, "-q")
        with open(self.folder / out / "results.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def chart(self, name, out="out"):
        return Chart(self.folder / out / name)

    def test_every_setting_that_trained_is_drawn(self):
        """10 medians of the losses lie below ln 3, that of a setting that learnt nothing."""
        rows = self.sweep("--data", IRIS, "--standardize", "--lr", "log:1e-3:10:9", "--iterations", "1000")
        self.assertEqual({row["status"] for row in rows}, {"ok"})
        losses = [math.log(float(row["data_loss"])) for row in rows]
        accuracies = [float(row["accuracy"]) for row in rows]
        chart = self.chart("by-learning-rate.png")
        places = [(i / 8 + 0.02) / 1.04 for i in range(9)]
        for plot, values in enumerate((accuracies, losses)):
            low, high = min(values), max(values)
            low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
            for found, value in zip(chart.discs(plot, places), values):
                self.assertIsNotNone(found, (plot, value))
                self.assertAlmostEqual(found, (high - value) / (high - low), delta=0.006)

    def test_the_band_over_seeds_is_a_deviation_above_and_below(self):
        rows = self.sweep("--lr", "0.03,0.1,0.3", "--seeds", "4", "--hidden", "5", "--iterations", "30")
        chart = self.chart("by-learning-rate.png")
        place = (math.log(0.1 / 0.03) / math.log(0.3 / 0.03) + 0.02) / 1.04
        for plot, name in enumerate(("accuracy", "data_loss")):
            bands = []
            for rate in ("0.03", "0.1", "0.3"):
                values = [float(row[name]) for row in rows if row["learning_rate"] == rate]
                middle, deviation = statistics.mean(values), statistics.stdev(values)
                bands.append((middle + deviation, middle - deviation))
            low, high = min(low for _, low in bands), max(high for high, _ in bands)
            low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
            left, top, right, bottom = chart.plots[plot]
            column = round(left + place * (right - left))
            blue = [y for y in range(top, bottom) if chart.rows[y][column][0] + 20 < chart.rows[y][column][2]]
            for found, value in zip((blue[0], blue[-1] + 1), bands[1]):
                self.assertAlmostEqual((found - top) / (bottom - top), (high - value) / (high - low), delta=0.01, msg=name)

    def test_a_setting_that_diverged_is_marked_at_the_ends(self):
        rows = self.sweep("--lr", "0.1,1,10,1e6", "--iterations", "200")
        self.assertEqual([row["status"] for row in rows], ["ok", "ok", "ok", "diverged"])
        chart = self.chart("by-learning-rate.png")
        places = [(i / 7 + 0.02) / 1.04 for i in (0, 1, 2, 7)]
        last = places[-1] - 0.004
        losses = [float(row["data_loss"]) for row in rows[:3]]
        heights = chart.discs(1, places[:3])
        # The infinite one does not make the axis logarithmic.
        order = sorted(range(3), key=losses.__getitem__)
        self.assertAlmostEqual((heights[order[1]] - heights[order[2]]) / (heights[order[0]] - heights[order[2]]),
                               (losses[order[2]] - losses[order[1]]) / (losses[order[2]] - losses[order[0]]), delta=0.01)
        for plot in (0, 1):
            self.assertNotIn(None, chart.discs(plot, places[:3]))
            self.assertEqual(chart.count(plot, 0.6), 0)  # no line leads there
        self.assertGreater(chart.count(1, last, top=0.0, bottom=0.05), 3)
        self.assertEqual(chart.count(1, last, top=0.05), 0)
        self.assertGreater(chart.count(0, last, top=0.95), 3)
        self.assertEqual(chart.count(0, last, bottom=0.95), 0)

    def test_a_reg_of_0_has_a_place_of_its_own_among_logarithms(self):
        rows = self.sweep("--reg", "0,1e-4,1e-3,1e-2", "--lr", "1", "--iterations", "100")
        self.assertEqual({row["status"] for row in rows}, {"ok"})
        chart = self.chart("by-reg.png")
        # Above the break are 2 decades and 2 % of them at both ends; below it are 12 % of that, the 0 in their middle.
        size = 1.12
        places = [0.06 / size] + [(0.12 + (i / 2 + 0.02) / 1.04) / size for i in range(3)]
        for plot in (0, 1):
            self.assertNotIn(None, chart.discs(plot, places))
            self.assertEqual(chart.count(plot, 0.1 / size), 0)  # the line does not cross the break
            self.assertGreater(chart.count(plot, 0.4), 0)

    def test_a_loss_beyond_the_axis_breaks_the_curve(self):
        self.sweep("--lr", "0.1,0.3", "--iterations", "60")
        table = self.folder / "out" / "curves.csv"
        rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
        for row in rows[1:]:
            row[2] = {"10": "291641", "20": "2.5"}.get(row[1], "2") if row[0] == "0" else row[2]
        table.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
        self.spiral("plot", "--sweep", "out")
        chart = self.chart("curves.png")
        self.assertEqual(rows[-1][1], "60")
        at = lambda iteration: (iteration / 60 + 0.02) / 1.04  # noqa: E731
        white = lambda colour: near(colour, (255, 255, 255), 0x1f)  # noqa: E731
        left, top, right, bottom = chart.plots[0]
        drawn = lambda iteration: sum(not white(chart.rows[y][round(left + at(iteration) * (right - left))])  # noqa: E731
                                      for y in range(top, top + (bottom - top) // 3))
        self.assertGreater(drawn(45), 0)
        self.assertEqual(drawn(15), 0)
        self.assertGreater(drawn(10), 4)  # the mark

    def test_a_heat_map_of_losses_has_all_that_trained(self):
        rows = self.sweep("--lr", "0.1,1,1e3", "--hidden", "5;10;20", "--iterations", "200", "--by", "loss")
        self.assertEqual({row["status"] for row in rows}, {"ok"})
        self.assertGreater(max(float(row["data_loss"]) for row in rows), 50)
        chart = self.chart("heat-map.png")
        crossed = (0xd0, 0xd0, 0xd0)
        for place in (0.1, 0.3, 0.9):
            self.assertLess(chart.count(0, place, crossed), 20)


    def test_a_sheet_has_as_many_tiles_as_can_be_read(self):
        """The outlines of the 20 best of 27 settings, five in a row, the best one's thicker."""
        self.spiral("sweep", "--optimizer", "sgd,momentum,adam", "--hidden", "3;5;100,100", "--lr", "0.03,0.1,1",
                    "--iterations", "20", "--keep", "all", "--out", "out", "-q")
        rows = png.read(self.folder / "out" / "boundaries.png")
        edge = (0x99, 0x99, 0x99)
        # The rows of pixels in which there is most of an upper edge: of as many tiles as have a thin one.
        widths = [sum(colour == edge for colour in row) / len(row) for row in rows]
        upper = [y for y, width in enumerate(widths) if width > 0.5]
        lines = [y for i, y in enumerate(upper) if i == 0 or y > upper[i - 1] + 2]
        self.assertEqual(len(lines), 8)  # four rows of tiles, their upper and their lower edges
        middle = rows[(lines[0] + lines[1]) // 2]
        edges = [colour in (edge, FRAME) for colour in middle]
        self.assertEqual(sum(now and not before for before, now in zip(edges, edges[1:])), 10)


if __name__ == "__main__":
    unittest.main()
