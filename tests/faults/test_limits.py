"""What the system refuses: memory, file size, descriptors, processor time; streams that are closed or full; signals.

SPIRAL_SANITIZED is set by the build: a sanitizer takes terabytes of addresses, so that limits of memory can't be tested in it.
"""

import fcntl
import itertools
import json
import os
import pty
import pathlib
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))
from support import SPIRAL, SpiralTest, skip_without_terminals  # noqa: E402

SANITIZED = "SPIRAL_SANITIZED" in os.environ
LONG = ["train", "--iterations", "100000000", "--print-every", "1", "--log-every", "1", "--no-figures"]


class Limits(SpiralTest):
    def shell(self, script, *arguments, **environment):
        done = subprocess.run(["sh", "-c", script, SPIRAL, *arguments], cwd=self.folder, capture_output=True, text=True,
                              check=False, timeout=100, env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def files(self):
        return sorted(os.listdir(self.folder))

    @unittest.skipIf(SANITIZED, "a sanitizer needs the addresses")
    def test_memory_and_addresses_end_with_a_message_and_never_hang(self):
        small = "gradcheck --model linear"
        large = "train --hidden 200,200 --points-per-class 500 --iterations 1 --threads 2 --no-figures -q"  # both threads call BLAS
        for limit, sizes in (("-d", range(20000, 320000, 20000)), ("-v", range(80000, 520000, 20000))):
            for size, threads, command in itertools.product(sizes, ("1", "2"), (small, large)):
                with self.subTest(limit=limit, size=size, threads=threads, command=command):
                    code, _, errors = self.shell(f'ulimit {limit} {size}; exec timeout -s KILL 20 "$0" {command}',
                                                 OPENBLAS_NUM_THREADS=threads)
                    self.assertIn(code, (0, 5), errors)
                    self.assertRegex(errors, r"\A\Z" if code == 0 else r"\Aspiral: error: .*\n\Z")

    @unittest.skipIf(SANITIZED, "a sanitizer needs the addresses")
    def test_data_that_memory_can_not_hold(self):
        code, _, errors = self.shell('ulimit -v 600000; exec "$0" train --points-per-class 30000000 -q', OPENBLAS_NUM_THREADS="1")
        self.assertEqual(code, 5, errors)
        self.assertEqual(self.files(), [])
        # The values are asked for before the features' names, though these take more.
        code, _, errors = self.shell('ulimit -v 500000; exec "$0" train --dimensions 20000000 --points-per-class 5 -q',
                                     OPENBLAS_NUM_THREADS="1")
        self.assertEqual((code, errors), (5, "spiral: error: no memory for 15 points\n"))
        self.assertEqual(self.files(), [])

    @unittest.skipIf(SANITIZED, "a sanitizer needs the addresses")
    def test_a_setting_of_a_sweep_that_memory_can_not_hold(self):
        code, _, errors = self.shell('ulimit -v 1500000; exec "$0" sweep --hidden "5;15000,15000;10" --iterations 3 --no-figures',
                                     OPENBLAS_NUM_THREADS="1")
        self.assertEqual(code, 0, errors)
        rows = (self.folder / "spiral-sweep/results.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual(len(rows), 4, errors)
        self.assertRegex(rows[2], r'^1,"15000,15000",0,failed,0,,,,,,no memory for a network of 225105003 parameters,0$')
        for row in (rows[1], rows[3]):
            self.assertRegex(row, r"^[02],\d+,0,ok,3,")

    def test_file_size(self):
        (self.folder / "x.csv").write_text("old\n", encoding="utf-8")
        code, _, errors = self.shell('ulimit -f 1; exec "$0" generate -o x.csv')
        self.assertEqual((code, errors), (4, "spiral: error: x.csv: could not be written: File too large\n"))
        self.assertEqual(self.files(), ["x.csv"])
        self.assertEqual((self.folder / "x.csv").read_text(encoding="utf-8"), "old\n")

    def test_file_size_of_a_log(self):
        code, _, errors = self.shell('ulimit -f 8; exec "$0" train --model linear --iterations 3000 --log-every 1 -q')
        self.assertEqual((code, errors), (4, "spiral: error: spiral-out/loss.csv: could not be written: File too large\n"))
        log = (self.folder / "spiral-out/loss.csv").read_text(encoding="utf-8")
        self.assertTrue(log.endswith("\n"))
        self.assertEqual({line.count(",") for line in log.splitlines()}, {log.splitlines()[0].count(",")})

    def test_descriptors(self):
        """0, 1, 2 and one for the libraries: not enough for a folder's fsync, which is not missed, nor for two outputs."""
        code, _, errors = self.shell('ulimit -n 4; exec "$0" generate -o X.npy,y.npy')
        self.assertEqual((code, errors), (4, "spiral: error: y.npy: could not be written: Too many open files\n"))
        self.assertEqual(self.files(), [])

    def test_processor_time(self):
        code, _, errors = self.shell('ulimit -S -t 1; "$0" "$@" -q; echo $? > code', *LONG)
        self.assertEqual((self.folder / "code").read_text(encoding="utf-8"), f"{128 + signal.SIGXCPU}\n", errors)
        self.assertEqual(json.loads((self.folder / "spiral-out/summary.json").read_text(encoding="utf-8"))["stopped"],
                         "interrupted")
        self.assertIn("checkpoint.npz", os.listdir(self.folder / "spiral-out"))

    def on_a_small_disk(self, script):
        """Runs a shell script where files have room for 64 kB: in a full tmpfs, or where none may be mounted below that size by
        ulimit. Gives back what it printed, and what the system calls the fault."""
        mounted = "mkdir t && mount -t tmpfs -o size=64k none t && cd t"
        probe = subprocess.run(["unshare", "-m", "sh", "-c", mounted], cwd=self.folder, capture_output=True, check=False)
        if probe.returncode == 0:
            command = ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size=64k none t && cd t && {script}"]
            fault = "No space left on device"
        else:
            command, fault = ["sh", "-c", f"ulimit -f 64 && mkdir -p t && cd t && {script}"], "File too large"
        done = subprocess.run([*command, SPIRAL], cwd=self.folder, capture_output=True, text=True, check=False, timeout=200)
        return done.stdout, done.stderr, fault

    def test_a_full_disk_in_a_sweep(self):
        output, errors, fault = self.on_a_small_disk(
            '"$0" sweep --points-per-class 20 --hidden 10 --iterations 20 --learning-rate log:1e-3:1:300 --seeds 4 --no-figures '
            "-q --keep none; echo $?; wc -l < spiral-sweep/results.csv; tail -c 1 spiral-sweep/results.csv | od -An -c")
        code, lines, last = output.split()
        self.assertEqual(code, "4", errors)
        self.assertIn(f"could not be written: {fault}\n", errors)
        self.assertEqual(errors.count("\n"), 1, errors)
        self.assertGreater(int(lines), 1)
        self.assertEqual(last, "\\n")

    def test_a_full_disk(self):
        output, errors, fault = self.on_a_small_disk(
            'echo old > x.csv; "$0" generate --points-per-class 3000 -o x.csv; echo $?; cat x.csv; ls -A')
        self.assertEqual(output, "4\nold\nx.csv\n", errors)
        self.assertEqual(errors, f"spiral: error: x.csv: could not be written: {fault}\n")

    @unittest.skipIf(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), "root may write everywhere")
    def test_a_folder_without_the_right_to_write_is_found_before_training(self):
        os.mkdir(self.folder / "out", 0o555)
        os.chmod(self.folder, 0o755)
        drop = "setpriv --reuid=65534 --clear-groups " if os.geteuid() == 0 else ""
        code, _, errors = self.shell(f'{drop}timeout -s KILL 20 "$0" "$@" --out out', *LONG)
        if "setpriv" in errors or code == 126:
            self.skipTest("the program can't be run by another user: " + errors)
        self.assertEqual(code, 4, errors)
        self.assertEqual(errors, "spiral: error: out: files can't be made in this folder: Permission denied\n")

    def test_a_hundred_thousand_options(self):
        code, _, errors = self.shell('exec "$0" train $(yes -- -q | head -n 100000)')
        self.assertEqual((code, errors.count("\n")), (2, 1), errors)
        code, _, errors = self.shell('exec "$0" train --hidden $(yes 3 | head -n 60000 | tr "\\n" ,)3')
        self.assertEqual((code, errors.count("\n")), (2, 1), errors)

    def test_every_standard_stream_closed_and_all(self):
        for closed, expected in (("<&-", 0), (">&-", 4), ("2>&-", 0), ("<&- >&- 2>&-", 4)):  # it prints the loss on stdout
            with self.subTest(closed):
                code, _, _ = self.shell(f'exec "$0" train --model linear --iterations 20 --no-figures {closed}')
                self.assertEqual(code, expected)
                log = (self.folder / "spiral-out/loss.csv").read_text(encoding="utf-8")
                self.assertEqual(log.count("\n"), 21)
                self.assertRegex(log, r"\Aiteration,loss,.*\n([0-9.e,+-]*\n)*\Z")

    def test_a_reader_that_leaves(self):
        script = '{ "$0" generate --points-per-class 100000 -o -; echo $? > code; } | head -n 1'
        code, output, errors = self.shell(script)
        self.assertEqual((code, output.count("\n"), errors), (0, 1, ""))
        self.assertEqual((self.folder / "code").read_text(encoding="utf-8"), f"{128 + signal.SIGPIPE}\n")

    def test_a_terminal_that_has_hung_up(self):
        skip_without_terminals()
        for arguments in (["--help"], ["generate", "-o", "-"], ["train", "--iterations", "3", "--no-figures"]):
            with self.subTest(arguments):
                ours, theirs = pty.openpty()
                os.close(ours)
                done = subprocess.run([SPIRAL, *arguments], cwd=self.folder, stdout=theirs, stderr=subprocess.PIPE, text=True,
                                      check=False, timeout=100)
                os.close(theirs)
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertIn("spiral: error: standard output: could not be written: Input/output error\n", done.stderr)


class Signals(SpiralTest):
    def start(self, *arguments, **options):
        process = subprocess.Popen([SPIRAL, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_stopped_and_continued(self):
        training = ["train", "--iterations", "3000", "--print-every", "1", "--no-figures"]
        process = self.start(*training, "--out", "stopped", preexec_fn=os.setpgrp)  # a job of its own, as a shell's are
        process.stdout.readline()
        process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status), status)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=100)
        self.assertEqual(process.returncode, 0)
        self.start(*training, "--out", "whole").communicate(timeout=100)
        self.assertEqual(*((self.folder / name / "model.npz").read_bytes() for name in ("stopped", "whole")))

    def test_two_runs_into_one_folder(self):
        first = self.start(*LONG)
        first.stdout.readline()
        second = self.start(*LONG, "--seed", "2")
        _, errors = second.communicate(timeout=100)
        self.assertEqual((second.returncode, errors), (4, "spiral: error: spiral-out/.lock: is being written by another run, "
                                                          "expected a folder for each\n"))
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=100)
        self.assertEqual(first.returncode, -signal.SIGINT)
        lines = (self.folder / "spiral-out/loss.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], ["iteration", *map(str, range(len(lines) - 1))])

    def wait_for_a_part(self, process):
        """Until a file is being written: a temporary file has bytes."""
        while not any(path.stat().st_size > 0 for path in self.folder.glob(".*.tmp")):
            self.assertIsNone(process.poll(), "it ended before it wrote")
            time.sleep(0.005)

    ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU)

    def start_without_core(self, *arguments):
        return self.start(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))

    def test_a_signal_leaves_no_part_of_generated_data(self):
        for number, output in itertools.product(self.ENDING, ("X.npy,y.npy", "x.csv")):
            with self.subTest(number=number, output=output):
                process = self.start_without_core("generate", "--points-per-class", "10000000", "-o", output)
                self.wait_for_a_part(process)
                process.send_signal(number)
                process.communicate(timeout=100)
                self.assertEqual((process.returncode, sorted(os.listdir(self.folder))), (-number, []))

    def test_a_signal_leaves_no_part_of_predictions(self):
        self.spiral("train", "--model", "linear", "--iterations", "1", "--no-figures", "-q", "--out", "o")
        np.lib.format.open_memmap(self.folder / "X.npy", "w+", float, (10_000_000, 2))  # zeros, of which the disk has none
        before = sorted(os.listdir(self.folder))
        for number in self.ENDING:
            with self.subTest(number=number):
                process = self.start_without_core("predict", "-m", "o/model.npz", "--data", "X.npy", "-o", "p.csv")
                self.wait_for_a_part(process)
                process.send_signal(number)
                process.communicate(timeout=100)
                self.assertEqual((process.returncode, sorted(os.listdir(self.folder))), (-number, before))

    def test_a_mapped_file_that_is_cut_leaves_no_part_of_predictions(self):
        self.spiral("train", "--model", "linear", "--iterations", "1", "--no-figures", "-q", "--out", "o")
        np.lib.format.open_memmap(self.folder / "X.npy", "w+", float, (10_000_000, 2))
        before = sorted(os.listdir(self.folder))
        process = self.start("predict", "-m", "o/model.npz", "--data", "X.npy", "-o", "p.csv")
        self.wait_for_a_part(process)
        os.truncate(self.folder / "X.npy", 4096)
        process.communicate(timeout=100)
        self.assertEqual((process.returncode, sorted(os.listdir(self.folder))), (3, before))

    def start_into_full_pipe(self, *arguments):
        """The process waits as soon as it has more to print than it keeps; what lets it go on is given back."""
        there, here = os.pipe()
        self.addCleanup(os.close, there)
        os.set_blocking(here, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(here, b"x" * 4096)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(here, b"x")
        os.set_blocking(here, True)
        process = subprocess.Popen([SPIRAL, *arguments], cwd=self.folder, stdout=here, stderr=subprocess.PIPE, text=True)
        os.close(here)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, threading.Thread(target=lambda: [None for _ in iter(lambda: os.read(there, 65536), b"")])

    def wait_for(self, name):
        while not (self.folder / name).exists():
            time.sleep(0.01)

    def check_second_run(self, first, rest, code=0):
        """Another training, sweep or cross-validation into out is refused while the first is there, and changes nothing."""
        short = ["--model", "linear", "--iterations", "3", "--points-per-class", "5", "--quiet", "--out", "out"]
        before = {path: path.read_bytes() for path in (self.folder / "out").rglob("*") if path.is_file() and ".tmp" not in path.name}
        for command in (["train", *short], ["train", *short, "--log-format", "jsonl"], ["train", *short, "--folds", "2"],
                        ["sweep", *short, "--learning-rate", "1,2"]):
            with self.subTest(command):
                self.spiral(*command, code=4)
                self.assertRegex(self.messages, r"\Aspiral: error: out/(\.lock: is being written by another run, expected a folder for each"
                                                r"|loss\.csv: belongs to a training, and a folder is for one run: .*)\n\Z")
        for path, content in before.items():
            self.assertEqual(path.read_bytes(), content, path)
        rest.start()
        said = re.sub(r"\A30 rows, 2 features [^\n]*\n", "", first.stderr.read())  # what was taken of the table
        self.assertEqual((first.wait(timeout=100), said), (code, ""))
        rest.join()
        self.assertFalse((self.folder / "out" / ".lock").exists())

    def test_the_folder_is_locked_until_its_last_file(self):
        """The summary is saved, its text (with the classes' long names) can't be printed yet, and the figures are still to come."""
        (self.folder / "x.csv").write_text("".join(f"{i / 4},{i * i % 7},{'abc'[i % 3] * 5000}\n" for i in range(30)), encoding="utf-8")
        first, rest = self.start_into_full_pipe("train", "--data", "x.csv", "--model", "linear", "--iterations", "5", "--standardize",
                                                "--summary", "json", "--out", "out")
        self.wait_for("out/summary.json")
        self.assertFalse((self.folder / "out/loss.png").exists())
        self.check_second_run(first, rest)
        self.assertTrue((self.folder / "out/loss.png").exists())

    def test_the_folder_is_locked_by_a_cross_validation(self):
        first, rest = self.start_into_full_pipe("train", "--folds", "2", "--model", "linear", "--iterations", "5", "--out", "out")
        self.wait_for("out")
        while not any(self.is_there(name) for name in (".lock", ".folds.csv")):
            time.sleep(0.01)
        self.check_second_run(first, rest)

    def is_there(self, beginning):
        return any(name.startswith(beginning) for name in os.listdir(self.folder / "out"))

    def test_a_lock_that_a_kill_left_behind(self):
        """It is no lock, and a file of that name with something in it is not the program's to remove."""
        (self.folder / "spiral-out").mkdir()
        lock = self.folder / "spiral-out/.lock"
        lock.touch()
        self.spiral("train", "--model", "linear", "--iterations", "3", "--no-figures")
        self.assertFalse(lock.exists())
        lock.write_text("another program's", encoding="utf-8")
        self.spiral("train", "--model", "linear", "--iterations", "3", "--no-figures")
        self.assertEqual(lock.read_text(encoding="utf-8"), "another program's")

    @unittest.skipIf(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), "root may write everywhere")
    def test_a_lock_of_another_user(self):
        """It can't be written, but read, and that is enough for a lock: two runs still exclude each other."""
        out = self.folder / "spiral-out"
        out.mkdir()
        lock = out / ".lock"
        lock.touch()
        lock.chmod(0o444)
        out.chmod(0o777)
        self.folder.chmod(0o755)
        drop = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        train = [*drop, SPIRAL, "train", "--model", "linear", "--iterations", "3", "--no-figures", "-q"]
        with open(lock, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            done = subprocess.run(train, cwd=self.folder, capture_output=True, text=True, check=False, timeout=100)
            if "setpriv" in done.stderr or done.returncode == 126:
                self.skipTest("the program can't be run by another user: " + done.stderr)
            self.assertEqual((done.returncode, done.stderr), (4, "spiral: error: spiral-out/.lock: is being written by another run, "
                                                                 "expected a folder for each\n"))
        done = subprocess.run(train, cwd=self.folder, capture_output=True, text=True, check=False, timeout=100)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse(lock.exists())

    def test_a_signal_leaves_no_temporary_file(self):
        sweep = ["sweep", "--points-per-class", "4", "--hidden", "3", "--iterations", "2", "--learning-rate", "lin:0.1:1:4", "--no-figures"]
        for i in range(40):
            out = self.folder / str(i)
            process = self.start(*sweep, "--out", str(i))
            while i % 2 == 0 and process.poll() is None and not out.exists():
                pass
            time.sleep(i / 4000)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=100)
            left = [str(path) for path in out.rglob("*") if path.name == ".lock" or ".tmp" in path.name]
            self.assertEqual(left, [], i)

    def test_a_wait_for_a_pipe_ends_with_a_signal(self):
        """The user has named a pipe that nobody has at its other end."""
        os.mkfifo(self.folder / "pipe.csv")
        self.spiral("train", "--model", "linear", "--iterations", "3", "--no-figures", "--out", "trained")
        (self.folder / "x.csv").write_text("0.1,0.2,0\n0.3,0.4,1\n0.5,0.1,2\n", encoding="utf-8")
        for command in (["train", "--data", "pipe.csv"], ["train", "--validation", "pipe.csv"], ["generate", "-o", "pipe.csv"],
                        ["explain", "-o", "pipe.csv", "--format", "text"], ["plot", "--log", "pipe.csv", "-o", "x.png"],
                        ["predict", "-m", "trained/model.npz", "--data", "x.csv", "-o", "pipe.csv"]):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(command=command, number=number):
                    process = self.start(*command)
                    self.wait_until_asleep(process)
                    process.send_signal(number)
                    self.assertEqual(process.communicate(timeout=60), ("", ""))
                    self.assertEqual(process.returncode, -number)

    @staticmethod
    def wait_until_asleep(process):
        stat = pathlib.Path(f"/proc/{process.pid}/stat")
        while stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "S":
            time.sleep(0.01)

    def test_a_bus_error_that_is_no_files_is_one(self):
        process = self.start(*LONG)
        process.stdout.readline()
        process.send_signal(signal.SIGBUS)
        process.communicate(timeout=100)
        self.assertEqual(process.returncode, -signal.SIGBUS)

    def test_a_closed_pipe_where_its_signal_is_blocked(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([SPIRAL, "generate", "-o", "-"], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=100,
                              preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE]))
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (128 + signal.SIGPIPE, b""))

    def test_a_mapped_file_that_is_cut_and_nobody_to_tell(self):
        np.save(self.folder / "cut.npy", np.random.default_rng(1).normal(size=(100000, 2)))
        np.save(self.folder / "y.npy", np.arange(100000) % 3)
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.Popen([SPIRAL, *LONG, "--data", "cut.npy,y.npy", "--model", "linear"], cwd=self.folder,
                                       stdout=subprocess.PIPE, stderr=full, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        os.truncate(self.folder / "cut.npy", 4096)
        process.communicate(timeout=100)
        self.assertEqual(process.returncode, 3)

    def test_a_mapped_file_that_is_cut(self):
        np.save(self.folder / "X.npy", np.random.default_rng(1).normal(size=(100000, 2)))
        np.save(self.folder / "y.npy", np.arange(100000) % 3)
        for threads in ("1", "3"):
            with self.subTest(threads=threads):
                (self.folder / "cut.npy").write_bytes((self.folder / "X.npy").read_bytes())
                process = self.start(*LONG, "--data", "cut.npy,y.npy", "--threads", threads, "--model", "linear")
                process.stdout.readline()
                os.truncate(self.folder / "cut.npy", 4096)
                _, errors = process.communicate(timeout=100)
                self.assertEqual(process.returncode, 3, errors)
                self.assertRegex(errors.splitlines()[-1], r"\Aspiral: error: /.*/cut\.npy: was cut")
                log = (self.folder / "spiral-out/loss.csv").read_text(encoding="utf-8")
                self.assertTrue(log == "" or log.endswith("\n"))


if __name__ == "__main__":
    unittest.main()
