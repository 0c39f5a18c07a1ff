"""Jobs of several ranks: the bytes of one process, and an end for all when there is one for any.

Open MPI, 4 or 5, is meant by the environment below. It is started with more ranks than there are cores, and hwloc is not to
write to stderr where there is no /sys.
"""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SHAPES, SPIRAL, SpiralTest, comparable  # noqa: E402

MPIEXEC = os.environ.get("SPIRAL_MPIEXEC", "mpiexec")
PLAIN = os.path.abspath(os.environ.get("SPIRAL_PLAIN", SPIRAL))  # a build without MPI, when there is one
ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1",  # Open MPI 4
                   PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe",  # Open MPI 5
                   OMPI_MCA_btl_vader_single_copy_mechanism="none", HWLOC_HIDE_ERRORS="2")
FOREVER = ["--iterations", "1000000000", "--points-per-class", "700"]


def files_of(folder):
    return {path.name: comparable(path) for path in sorted((folder / "o").iterdir())}


class Ranks(SpiralTest):
    def run_ranks(self, count, *arguments, code=0, folder=None, program=(SPIRAL,)):
        """Runs a job to its end and checks its exit code; gives back what it printed on stdout, and leaves the lines of
        the program itself on stderr in self.messages: mpiexec adds its own."""
        command = [MPIEXEC, "-n", str(count), *program, *map(str, arguments)]
        done = subprocess.run(command, cwd=folder or self.folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, timeout=200)
        self.assertEqual(done.returncode, code, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        self.messages = [line for line in done.stderr.splitlines() if re.match(r"spiral: |\d+ rows, ", line)]
        return done.stdout

    def start(self, count, *arguments, program=(SPIRAL,)):
        """A job under way, and the process of each rank, once the first rows of its log are written."""
        job = subprocess.Popen([MPIEXEC, "-n", str(count), *program, "train", "--out", "o", *arguments], cwd=self.folder,
                               env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
        self.addCleanup(self.end, job)
        log = self.folder / "o" / "loss.csv"
        started = time.time()  # the log of an earlier run is older
        for _ in range(1500):
            if log.exists() and log.stat().st_mtime > started - 1 and log.read_text().count("\n") > 2:
                break
            self.assertIsNone(job.poll(), "the job has ended by itself")
            time.sleep(0.02)
        processes = self.processes()
        self.assertEqual(sorted(processes), list(range(count)))
        return job, processes

    def processes(self):
        """{rank: process} of what runs in this test's folder."""
        found = {}
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                ours = os.readlink(entry / "cwd") == str(self.folder.resolve())
                environment = (entry / "environ").read_bytes().split(b"\0") if ours else []
            except OSError:  # another's process, or one that has ended
                continue
            for variable in environment:
                if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
                    found[int(variable.split(b"=")[1])] = int(entry.name)
        return found

    @staticmethod
    def end(job):
        if job.poll() is None:
            job.terminate()
        job.communicate()

    def check_log(self):
        """Whole lines; gives back the rows."""
        text = (self.folder / "o" / "loss.csv").read_text()
        self.assertTrue(text.endswith("\n"))
        rows = [line.split(",") for line in text.splitlines()]
        self.assertIn("seconds", rows[0])
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        return rows[1:]

    def check_same(self, *arguments, counts=(1, 2, 4)):
        one = self.run_one(*arguments)
        expected = files_of(self.folder)
        for count in counts:
            folder = self.folder / str(count)
            folder.mkdir()
            printed = self.run_ranks(count, "train", "--out", "o", *arguments, folder=folder, code=one.returncode)
            self.assertEqual((printed, self.messages), (one.stdout, one.stderr.splitlines()))
            found = files_of(folder)
            self.assertEqual(list(found), list(expected))
            for name in found:
                self.assertTrue(found[name] == expected[name], f"{count} ranks: {name} differs, {arguments}")
        return one

    def run_one(self, *arguments):
        """The same in one process, without mpiexec."""
        return subprocess.run([PLAIN, "train", "--out", "o", *map(str, arguments)], cwd=self.folder, capture_output=True,
                              text=True, check=False, env=ENVIRONMENT)

    def test_one_part_is_less_than_there_are_ranks(self):
        self.check_same("--classes", 2, "--points-per-class", 1, "--iterations", 12)

    def test_299_rows(self):
        self.check_same("--classes", 13, "--points-per-class", 23, "--iterations", 12)

    def test_4097_rows(self):
        self.check_same("--classes", 17, "--points-per-class", 241, "--iterations", 12, "--no-figures")

    def test_100001_rows_linear(self):
        self.check_same("--classes", 11, "--points-per-class", 9091, "--iterations", 12, "--no-figures", "--model", "linear")

    def test_100001_rows_with_threads(self):
        self.check_same("--classes", 11, "--points-per-class", 9091, "--iterations", 3, "--no-figures", "--hidden", "9,10",
                        "--threads", 3)

    def test_4097_rows_by_blas(self):
        self.check_same("--classes", 17, "--points-per-class", 241, "--iterations", 12, "--no-figures", "--products", "blas",
                        "--threads", 2)

    def test_every_shape(self):
        for shape in SHAPES.values():
            for products in ("auto", "blas"):
                self.check_same(*shape, "--iterations", 3, "--no-figures", "--products", products)
                self.empty()

    def empty(self):
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def test_a_file(self):
        self.check_same("--data", ROOT / "data" / "iris.csv", "--standardize", "--iterations", 30, counts=(3,))

    def test_batches_dropout_validation_and_checkpoints(self):
        self.check_same("--points-per-class", 700, "--batch-size", 1100, "--optimizer", "adam", "--lr", 0.01, "--dropout", 0.3,
                        "--validation", 0.2, "--patience", 3, "--iterations", 60, "--checkpoint-every", 20, "--no-figures",
                        counts=(3,))

    def test_a_job_that_diverges(self):
        self.assertEqual(self.check_same("--lr", "1e200", "--points-per-class", 700, counts=(4,)).returncode, 6)

    def test_errors_are_told_once(self):
        for code, found, arguments in (
                (2, "--no-such-option", ["train", "--no-such-option"]),
                (2, "--data -", ["train", "--data", "-"]),
                (2, "--folds trains in one process", ["train", "--folds", "2"]),
                (2, "generate is one process's work", ["generate", "-o", "x.csv"]),
                (3, "no.csv", ["train", "--data", "no.csv"]),
                (4, "/dev/null/folder", ["train", "--out", "/dev/null/folder"])):
            self.assertEqual(self.run_ranks(3, *arguments, code=code), "")
            self.assertEqual(len(self.messages), 1, self.messages)
            self.assertIn(found, self.messages[0])
            self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_warning_is_told_once(self):
        table = self.folder / "x.csv"
        table.write_text("id,u,class\n" + "".join(f"{i},{i * 7 % 11},c{i % 2}\n" for i in range(1, 41)))
        one = self.check_same("--data", table, "--iterations", 3, "--no-figures", counts=(3,))
        self.assertEqual(one.stderr.count("spiral: warning: "), 1)

    def test_an_error_of_one_rank_is_the_job_s(self):
        iris = str(ROOT / "data" / "iris.csv")
        data_of_its_own = ("sh", "-c", '[ "$OMPI_COMM_WORLD_RANK" -eq 0 ] || set -- train --data no.csv; exec "$0" "$@"', SPIRAL)
        self.assertEqual(self.run_ranks(2, "train", "--data", iris, program=data_of_its_own, code=3), "")
        errors = [line for line in self.messages if line.startswith("spiral: ")]
        self.assertEqual(len(errors), 1)
        self.assertIn("no.csv", errors[0])

    def test_help_is_printed_once(self):
        self.assertEqual(self.run_ranks(3, "train", "--help").count("Usage: spiral train"), 1)
        self.assertRegex(self.run_ranks(3, "--version"), r"^spiral .*\nOpenBLAS .*\nkernels: .*\nMPI: (?!none).*\n$")

    def test_a_rank_that_is_killed_ends_the_job_with_whole_files(self):
        self.spiral("train", "--iterations", 3, "--no-figures", "--out", "o")
        before = (self.folder / "o" / "model.npz").read_bytes()
        job, processes = self.start(3, *FOREVER)
        os.kill(processes[1], signal.SIGKILL)
        job.communicate(timeout=60)
        self.assertNotEqual(job.returncode, 0)
        self.assertGreater(len(self.check_log()), 1)
        self.assertEqual({path.name for path in (self.folder / "o").iterdir()} - {".lock"},
                         {"loss.csv", "model.npz"})  # the summary of the run before went as this one began
        self.assertEqual((self.folder / "o" / "model.npz").read_bytes(), before)

    def test_an_interrupt_of_one_rank_ends_the_job_in_one_iteration(self):
        job, processes = self.start(3, *FOREVER)
        os.kill(processes[1], signal.SIGINT)
        _, messages = job.communicate(timeout=60)
        self.assertEqual(job.returncode, 128 + signal.SIGINT)
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        self.assertEqual(summary["stopped"], "interrupted")
        last = int(self.check_log()[-1][0])
        self.assertTrue(last < summary["iterations"] <= last + 10)
        self.assertTrue((self.folder / "o" / "model.npz").exists())
        self.assertEqual(messages.count("spiral: interrupted after"), 1)

    def test_a_log_that_can_t_be_written_ends_the_job(self):
        """Rank 0 alone writes it, and the others hear of it."""
        job, processes = self.start(3, *FOREVER, "--log-every", "1", "--quiet",
                                    program=("sh", "-c", 'trap "" XFSZ; exec "$0" "$@"', SPIRAL))
        resource.prlimit(processes[0], resource.RLIMIT_FSIZE, (1000, 1000))
        _, messages = job.communicate(timeout=60)
        self.assertEqual(job.returncode, 4)
        self.assertEqual(messages.count("spiral: error: "), 1)
        self.assertIn("loss.csv: could not be written", messages)
        self.check_log()


if __name__ == "__main__":
    unittest.main()
