"""Sweeps: the same table whatever --jobs, kills and shards; the values and the halving against NumPy and plain Python.

The long form: SPIRAL_SWEEP_KILLS=5000 (20 by default).
"""

import csv
import itertools
import json
import math
import os
import random
import shlex
import shutil
import signal
import subprocess
import time
import unittest

import numpy as np

from support import SPIRAL, SpiralTest, read_log

KILLS = int(os.environ.get("SPIRAL_SWEEP_KILLS", "20"))
SMALL = ["--points-per-class", "20", "--hidden", "10", "--iterations", "60", "--no-figures"]
# About a tenth diverges: the learning rates reach to where the parameters overflow.
RANDOM = [*SMALL, "--random", "200", "--learning-rate", "loguniform:1e-2:1e9", "--reg", "loguniform:1e-6:1e-3"]


class Sweep(SpiralTest):
    def rows(self, name):
        with open(self.folder / name / "results.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def table(self, name):
        """results.csv without its last column, the seconds."""
        header, *lines = (self.folder / name / "results.csv").read_text(encoding="utf-8").splitlines()
        self.assertTrue(header.endswith(",seconds"))
        return [line.rpartition(",")[0] for line in (header, *lines)]

    def kept(self, name):
        """What is the same of two sweeps: the curves, the models, and the names of the logs."""
        folder = self.folder / name
        files = {str(path.relative_to(folder)): path.read_bytes() if path.suffix == ".npz" else None
                 for path in sorted((folder / "runs").rglob("*")) if path.is_file() and not path.name.startswith(".")}
        return (folder / "curves.csv").read_bytes(), files

    def summary(self, name):
        return json.loads((self.folder / name / "summary.json").read_text(encoding="utf-8"))

    def row_count(self, name):
        path = self.folder / name / "results.csv"
        return path.read_bytes().count(b"\n") if path.exists() else 0


class SameTable(Sweep):
    def test_two_hundred_random_settings_are_the_same_for_any_jobs_and_in_shards(self):
        for jobs in (1, 2, 8):
            self.spiral("sweep", *RANDOM, "--jobs", jobs, "--out", f"jobs-{jobs}")
        table = self.table("jobs-1")
        self.assertEqual(len(table), 201)
        statuses = [row["status"] for row in self.rows("jobs-1")]
        self.assertGreater(statuses.count("diverged"), 10)
        self.assertGreater(statuses.count("ok"), 100)
        for shard in (1, 2, 3, 4):
            self.spiral("sweep", *RANDOM, "--shard", f"{shard}/4", "--out", "shards", "--quiet")
        self.spiral("sweep", "--merge", "shards", "--no-figures", "--quiet")
        for name in ("jobs-2", "jobs-8", "shards"):
            self.assertEqual(self.table(name), table, name)
            self.assertEqual(self.kept(name), self.kept("jobs-1"), name)
        ranked = [self.summary(name)["best"]["run"] for name in ("jobs-1", "jobs-8", "shards")]
        self.assertEqual(len(set(ranked)), 1)

    def kill_and_resume(self, options, name, kills):
        """Starts the sweep over and over, each time killed when some rows more are there."""
        seed = random.randrange(2**32)
        choose = random.Random(seed)
        killed = 0
        while killed < kills:
            process = subprocess.Popen([SPIRAL, "sweep", *options, "--out", name, "--resume", "--quiet"], cwd=self.folder)
            goal = self.row_count(name) + choose.randrange(0, 9)
            while process.poll() is None and self.row_count(name) < goal:
                time.sleep(0.0003)  # the core is the sweep's
            process.kill()
            if process.wait() == 0:
                break
            self.assertEqual(process.returncode, -signal.SIGKILL, f"seed {seed}")
            killed += 1
        self.spiral("sweep", *options, "--out", name, "--resume", "--quiet")
        return killed

    def test_a_sweep_that_is_killed_over_and_over_ends_with_the_same_table(self):
        self.spiral("sweep", *RANDOM, "--out", "whole", "--quiet")
        table, kept, killed = self.table("whole"), self.kept("whole"), 0
        for sweep in itertools.count(1):
            killed += self.kill_and_resume(RANDOM, "killed", KILLS - killed)
            self.assertEqual(self.table("killed"), table)
            self.assertEqual(self.kept("killed"), kept)
            if killed == KILLS:
                break
            shutil.rmtree(self.folder / "killed")
        print(f"kills survived: {killed}, by {sweep} sweeps")

    def test_pruning_and_refining_are_the_same_for_any_jobs_and_after_kills(self):
        options = [*SMALL, "--random", "27", "--learning-rate", "loguniform:1e-2:1e8", "--seeds", "2", "--prune",
                   "--refine", "2", "--keep", "best:3"]
        self.spiral("sweep", *options, "--jobs", 1, "--out", "whole", "--quiet")
        self.spiral("sweep", *options, "--jobs", 8, "--out", "jobs-8", "--quiet")
        self.kill_and_resume(options, "killed", 10)
        for name in ("jobs-8", "killed"):
            self.assertEqual(self.table(name), self.table("whole"), name)
            self.assertEqual(self.kept(name), self.kept("whole"), name)
        self.assertEqual(len(self.rows("whole")), 27 * 2 * 3)
        self.assertEqual(len(list((self.folder / "whole" / "runs").iterdir())), 3 * 2)

    def test_what_is_interrupted_says_how_to_go_on(self):
        options = ["--points-per-class", "100", "--iterations", "20000", "--learning-rate", "0.1,0.2,0.3", "--jobs", "1",
                   "--no-figures", "--keep", "none"]
        process = subprocess.Popen([SPIRAL, "sweep", *options, "--out", "long"], cwd=self.folder, stderr=subprocess.PIPE,
                                   text=True)
        while process.poll() is None and self.row_count("long") < 2:
            time.sleep(0.0003)  # the core is the sweep's
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
        self.assertIn(process.returncode, (130, -signal.SIGINT), errors)
        self.assertIn("--resume", errors)
        self.assertTrue((self.folder / "long" / "results.csv").read_bytes().endswith(b"\n"))


class Again(Sweep):
    def test_the_command_of_the_best_run_has_its_row_to_the_last_digit(self):
        for number, options in enumerate((
                ["--learning-rate", "log:0.01:3:4", "--hidden", "8;12,6", "--seeds", "2", "--validation", "0.2"],
                ["--random", "6", "--optimizer", "choice:adam,momentum", "--lr", "loguniform:1e-3:0.1", "--batch-size", "8",
                 "--dropout", "choice:0,0.2"],
                ["--data", "iris.csv", "--standardize=false,true", "--model", "linear", "--lr", "0.01,0.1", "--seed", "7"])):
            np.savetxt(self.folder / "iris.csv", np.random.RandomState(3).randn(40, 3).round(3) @ np.eye(3), delimiter=",",
                       fmt="%g")
            text = (self.folder / "iris.csv").read_text(encoding="utf-8").splitlines()
            (self.folder / "iris.csv").write_text("".join(f"{line},{i % 3}\n" for i, line in enumerate(text)),
                                                  encoding="utf-8")
            name = f"sweep-{number}"
            self.spiral("sweep", *options, "--iterations", "50", "--out", name, "--quiet", "--no-figures")
            best = self.summary(name)["best"]
            row = self.rows(name)[best["run"]]
            words = shlex.split(best["command"])
            self.assertEqual(words[:2], ["spiral", "train"])
            self.spiral(*words[1:], "--quiet", "--no-figures", "--out", "again")
            again = json.loads((self.folder / "again" / "summary.json").read_text(encoding="utf-8"))
            for column in ("loss", "data_loss", "accuracy", "iterations"):
                self.assertEqual(float(row[column]), float(again[column]), (name, column))
            if row["validation_loss"]:
                self.assertEqual(float(row["validation_loss"]), again["validation_loss"])
            kept = self.folder / name / "runs" / f"{best['run']:04d}"
            self.assertEqual((kept / "model.npz").read_bytes(), (self.folder / "again" / "model.npz").read_bytes())
            logs = [read_log(folder / "loss.csv") for folder in (kept, self.folder / "again")]
            for log in logs:
                for record in log.values():
                    del record["seconds"]
            self.assertEqual(*logs)

    def test_every_row_is_that_of_its_own_training(self):
        self.spiral("sweep", *SMALL, "--reg", "0,0.01", "--noise", "0.1,0.3", "--seeds", "2", "--out", "grid", "--quiet")
        rows = self.rows("grid")
        self.assertEqual([(row["reg"], row["noise"], row["seed"]) for row in rows],
                         [(reg, noise, seed) for reg in ("0", "0.01") for noise in ("0.1", "0.3") for seed in "01"])
        for row in rows:
            self.spiral("train", *SMALL, "--reg", row["reg"], "--noise", row["noise"], "--seed", row["seed"], "--quiet",
                        "--out", "one")
            one = json.loads((self.folder / "one" / "summary.json").read_text(encoding="utf-8"))
            self.assertEqual((float(row["loss"]), float(row["accuracy"])), (one["loss"], one["accuracy"]))


    def test_with_a_file_of_data_every_seed_has_its_own_weights(self):
        np.savetxt(self.folder / "x.csv", np.c_[np.random.RandomState(1).randn(60, 3), np.arange(60) % 3], delimiter=",")
        np.savetxt(self.folder / "v.csv", np.c_[np.random.RandomState(2).randn(30, 3), np.arange(30) % 3], delimiter=",")
        for validation in ("v.csv", "0.25"):
            options = ["--data", "x.csv", "--validation", validation, "--iterations", 20, "--hidden", 5, "--no-figures", "--quiet"]
            self.spiral("sweep", *options, "--seeds", 3, "--seed", 4, "--out", f"seeds-{validation}")
            for row in self.rows(f"seeds-{validation}"):
                self.spiral("train", *options, "--seed", row["seed"], "--out", "one")
                one = json.loads((self.folder / "one" / "summary.json").read_text(encoding="utf-8"))
                self.assertEqual((float(row["loss"]), float(row["validation_loss"])), (one["loss"], one["validation_loss"]))

    def test_a_run_without_a_finite_loss_is_a_row_like_others(self):
        self.spiral("sweep", "--points-per-class", 20, "--hidden", 5, "--iterations", 20, "--init-scale", "1,1e200,1e308",
                    "--keep", "all", "--out", "wild")
        self.assertEqual([row["status"] for row in self.rows("wild")], ["ok", "diverged", "diverged"])
        self.spiral("plot", "--sweep", "wild")
        table = self.table("wild")
        lines = (self.folder / "wild" / "results.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (self.folder / "wild" / "results.csv").write_text("".join(lines[:-1]), encoding="utf-8")
        self.spiral("sweep", "--points-per-class", 20, "--hidden", 5, "--iterations", 20, "--init-scale", "1,1e200,1e308",
                    "--keep", "all", "--out", "wild", "--resume")
        self.assertEqual(self.table("wild"), table)


class Values(Sweep):
    def test_ranges_are_numpys(self):
        self.spiral("sweep", "--points-per-class", 20, "--hidden", 5, "--iterations", 1, "--no-figures", "--learning-rate",
                    "log:1e-3:10:7", "--reg", "lin:0:0.9:4", "--batch-size", "log:4:64:5", "--out", "ranges", "--quiet")
        rows = self.rows("ranges")
        self.assertEqual(len(rows), 7 * 4 * 5)
        rates = sorted({float(row["learning_rate"]) for row in rows})
        np.testing.assert_allclose(rates, np.geomspace(1e-3, 10, 7), rtol=5e-6)
        self.assertEqual(sorted({float(row["reg"]) for row in rows}), [0, 0.3, 0.6, 0.9])
        self.assertEqual(sorted({int(row["batch_size"]) for row in rows}), [4, 8, 16, 32, 64])

    def test_random_values_are_those_of_numpys_stream(self):
        self.spiral("sweep", *SMALL, "--random", 50, "--seed", 9, "--learning-rate", "loguniform:1e-3:10", "--reg",
                    "uniform:0:0.5", "--init", "choice:he,xavier,gaussian", "--out", "drawn", "--quiet", "--keep", "none")
        stream = np.random.RandomState(9 + 4)
        for row in self.rows("drawn"):
            rate, reg, init = stream.random_sample(3)
            self.assertAlmostEqual(math.log(float(row["learning_rate"])), math.log(1e-3) + rate * math.log(1e4), 5)
            self.assertAlmostEqual(float(row["reg"]), 0.5 * reg, 5)
            self.assertEqual(row["init"], ["he", "xavier", "gaussian"][int(3 * init)])

    def test_refined_rounds_are_drawn_near_the_best(self):
        self.spiral("sweep", *SMALL, "--random", 20, "--learning-rate", "loguniform:1e-3:10", "--refine", 2, "--out", "refined",
                    "--quiet")
        rows = self.rows("refined")
        self.assertEqual(len(rows), 60)
        for number in (1, 2):
            before = rows[:20 * number]
            best = min(before, key=lambda row: (-float(row["accuracy"]), float(row["data_loss"])))
            width = math.log(1e4) / 4**number
            for row in rows[20 * number:20 * (number + 1)]:
                away = abs(math.log(float(row["learning_rate"]) / float(best["learning_rate"])))
                self.assertLessEqual(away, width / 2 + 1e-5)

    def test_a_best_value_at_the_border_is_told_with_the_next_range(self):
        printed = self.spiral("sweep", *SMALL, "--learning-rate", "log:1e-4:1e-2:3", "--by", "loss", "--out", "border")
        self.assertIn("--learning-rate 0.01 is at the upper end of its range: try --learning-rate log:0.001:0.1:3", printed)
        self.assertEqual(self.summary("border")["borders"],
                         [{"option": "learning-rate", "end": "upper", "try": "log:0.001:0.1:3"}])


class Halving(Sweep):
    def test_what_is_pruned_is_what_successive_halving_says(self):
        """Against plain Python, from the logs of full trainings."""
        options = ["--points-per-class", "20", "--hidden", "10", "--iterations", "90", "--no-figures", "--log-every", "1",
                   "--keep", "all", "--random", "30", "--learning-rate", "loguniform:1e-3:30"]
        self.spiral("sweep", *options, "--out", "full", "--quiet", "--by", "loss")
        self.spiral("sweep", *options, "--out", "pruned", "--quiet", "--prune", "--by", "loss")
        logs = [read_log(self.folder / "full" / "runs" / f"{run:04d}" / "loss.csv") for run in range(30)]
        alive, ended = list(range(30)), {}
        for iterations in (3, 10, 30):  # 90 / 27, 90 / 9, 90 / 3
            alive.sort(key=lambda run: logs[run][iterations]["data_loss"])
            ended.update((run, iterations) for run in alive[len(alive) // 3:])
            alive = alive[:len(alive) // 3]
        rows = self.rows("pruned")
        for run, row in enumerate(rows):
            expected = ("pruned", ended[run]) if run in ended else ("ok", 90)
            self.assertEqual((row["status"], int(row["iterations"])), expected, run)
            last = logs[run].get(expected[1])
            if last is not None:
                self.assertEqual(float(row["loss"]), last["loss"])


    def test_few_iterations_have_fewer_rungs_and_resume_alike(self):
        options = [*SMALL[:4], "--iterations", "9", "--no-figures", "--random", "27", "--learning-rate", "loguniform:1e-3:10",
                   "--prune", "--quiet"]
        self.spiral("sweep", *options, "--out", "whole")
        rows = self.rows("whole")
        self.assertEqual(sorted({int(row["iterations"]) for row in rows}), [1, 3, 9])
        header, *lines = (self.folder / "whole" / "results.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (self.folder / "cut").mkdir()
        for name in ("sweep.json", "curves.csv"):
            (self.folder / "cut" / name).write_bytes((self.folder / "whole" / name).read_bytes())
        some = [line for line in lines if ",pruned,1," in line]
        (self.folder / "cut" / "results.csv").write_text(header + "".join(some), encoding="utf-8")
        self.spiral("sweep", *options, "--out", "cut", "--resume")
        self.assertEqual(self.table("cut"), self.table("whole"))


class Summary(Sweep):
    def test_numbers_are_json_however_they_were_typed(self):
        self.spiral("sweep", *SMALL[:2], *SMALL[4:], "--learning-rate", ".1,.3", "--hidden", "4;8", "--out", "dots", "--quiet")
        values = self.summary("dots")["best"]["values"]
        self.assertIn(values["learning_rate"], (0.1, 0.3))
        self.assertIn(values["hidden"], (4, 8))

    def test_a_shard_is_drawn_by_itself(self):
        self.spiral("sweep", *SMALL[:-1], "--learning-rate", "0.1,0.3,1", "--shard", "2/2", "--out", "part", "--quiet")
        self.spiral("plot", "--sweep", "part/shard-2")
        self.assertEqual(self.summary("part/shard-2")["settings"], 1)

    def test_two_processes_do_not_write_into_one_folder(self):
        options = ["--points-per-class", "100", "--iterations", "20000", "--learning-rate", "0.1,0.2,0.3", "--jobs", "1",
                   "--no-figures", "--keep", "none", "--out", "long"]
        first = subprocess.Popen([SPIRAL, "sweep", *options], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        while first.poll() is None and self.row_count("long") < 2:
            time.sleep(0.0003)  # the core is the sweep's
        self.spiral("sweep", *options, "--resume", code=4)
        self.assertIn("long/.lock: is being written by another run", self.messages)
        first.kill()
        first.communicate(timeout=60)

    def test_mean_and_deviation_are_numpys(self):
        self.spiral("sweep", *SMALL, "--learning-rate", "0.3,1", "--seeds", 5, "--validation", "0.3", "--out", "seeds", "--quiet")
        rows, best = self.rows("seeds"), self.summary("seeds")["best"]
        groups = [rows[:5], rows[5:]]
        means = [np.mean([float(row["validation_accuracy"]) for row in group]) for group in groups]
        group = groups[int(np.argmax(means))]
        self.assertEqual(best["values"]["learning_rate"], float(group[0]["learning_rate"]))
        for key, column in (("accuracy", "validation_accuracy"), ("data_loss", "validation_loss")):
            values = [float(row[column]) for row in group]
            self.assertAlmostEqual(best[key], np.mean(values), 13)
            self.assertAlmostEqual(best[f"{key}_deviation"], np.std(values, ddof=1), 13)

    def test_figures_are_drawn_and_drawn_again(self):
        self.spiral("sweep", "--points-per-class", 20, "--hidden", "5;10", "--iterations", 30, "--learning-rate", "0.1,1,1e9",
                    "--seeds", 2, "--out", "drawn")
        names = ["boundaries.png", "by-hidden.png", "by-learning-rate.png", "curves.png", "heat-map.png"]
        drawn = {name: (self.folder / "drawn" / name).read_bytes() for name in names}
        self.assertEqual(sorted(path.name for path in (self.folder / "drawn").glob("*.png")), names)
        for name in names:
            (self.folder / "drawn" / name).unlink()
        self.spiral("plot", "--sweep", "drawn")
        self.assertEqual({name: (self.folder / "drawn" / name).read_bytes() for name in names}, drawn)

    def test_when_all_diverge_the_table_is_there_and_the_code_is_6(self):
        self.spiral("sweep", *SMALL, "--learning-rate", "1e200,1e250", "--out", "wild", code=6)
        self.assertEqual([row["status"] for row in self.rows("wild")], ["diverged", "diverged"])
        self.assertIsNone(self.summary("wild")["best"])


if __name__ == "__main__":
    unittest.main()
