"""The tools as the bench sees them: spiral and its peers behind the same calls, and processes measured from outside."""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_NUM_THREADS")


def environment(threads, core=""):
    """The environment with this number of threads for everyone, and OpenBLAS's kernels for that core; 0 and "": whatever
    each chooses by itself."""
    result = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    if threads:
        result.update({name: str(threads) for name in VARIABLES[:2]})
    if core:
        result["OPENBLAS_CORETYPE"] = core
    return result


class ToolError(Exception):
    """A tool did not do what it was asked for."""


def level_of(program):
    """What `spiral --version` says: SSE2, AVX2, AVX-512, NEON."""
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"^kernels: (.*)$", text, re.MULTILINE).group(1)


def levels(programs):
    """{level: program}, the lowest first. A program whose level the processor lacks runs a lower one, and so is left out."""
    found = {}
    for program in programs:
        found.setdefault(level_of(program), program)
    return found


class Spiral:
    """`spiral train`, a process a run. Its times are those in the log: the seconds column is the monotonic clock at the
    moment in which a row's loss and gradient are known, so the difference of two rows is so many whole iterations,
    without start, end and warm-up."""

    def __init__(self, program, folder, threads, products="auto", name="spiral"):
        self.program, self.folder, self.threads, self.products = program, folder, threads, products
        self.name = name if products == "auto" else f"{name}, {products}"

    def load(self, case):
        self.options = ["--data", f"{case.X},{case.y}", "--learning-rate", str(case.learning_rate),
                        "--reg", str(case.reg)]
        self.options += ["--model", "mlp", "--hidden", str(case.hidden)] if case.hidden else ["--model", "linear"]

    def command(self, iterations, log_every):
        return [str(self.program), "train", *self.options, "--threads", str(self.threads),
                "--products", self.products, "--iterations", str(iterations), "--log-every", str(log_every),
                "--no-figures", "--quiet", "--out", str(self.folder)]

    def train(self, warm, runs=5):
        """As Peer.train in worker.py."""
        run(self.command(runs * warm + 1, warm), self.threads)
        with open(self.folder / "loss.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if [int(row["iteration"]) for row in rows] != [warm * i for i in range(runs + 1)]:
            raise ToolError(f"spiral's log has the rows {[row['iteration'] for row in rows]}")
        ticks = [float(row["seconds"]) for row in rows[1:]]
        return {"loss": float(rows[-1]["loss"]), "seconds": (ticks[-1] - ticks[0]) / ((runs - 1) * warm),
                "fastest": min(end - start for start, end in zip(ticks, ticks[1:])) / warm}

    def close(self):
        pass


class Worker:
    """A peer in worker.py."""

    def __init__(self, name, module, threads, core=""):
        self.name, self.threads = name, threads
        self.process = subprocess.Popen([sys.executable, "-B", str(HERE / "worker.py"), module, str(threads)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                                        env=environment(threads, core))

    def ask(self, do, **arguments):
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise ToolError(f"{self.name} has ended with code {self.process.wait()}")
        return json.loads(line)

    def load(self, case):
        self.ask("load", X=str(case.X), y=str(case.y), hidden=case.hidden, learning_rate=case.learning_rate,
                 reg=case.reg)

    def train(self, warm, runs=5):
        return self.ask("train", warm=warm, runs=runs)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def run(command, threads=0, **keywords):
    """Runs a command, whose output is shown when it fails. The seconds that it took."""
    started = time.perf_counter()
    done = subprocess.run(list(map(str, command)), env=environment(threads), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **keywords)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        raise ToolError(f"{' '.join(map(str, command))}: code {done.returncode}\n"
                        f"{done.stdout.decode('utf-8', 'replace')[-4000:]}")
    return seconds


def peak_memory(command, threads=0):
    """Runs a command and watches it: {"VmHWM": bytes, "RssAnon": bytes}, the peak of all its memory and of what is its
    own (not mapped from files)."""
    peaks = {"VmHWM": 0, "RssAnon": 0}
    with subprocess.Popen(list(map(str, command)), env=environment(threads), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as process:
        # VmHWM only grows, so that what the last look before the end misses is 2 ms of growth.
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as file:
                    text = file.read()
            except (FileNotFoundError, ProcessLookupError):
                break
            if text.startswith("Name:\tspiral"):  # and not Python's fork of itself
                for line in text.splitlines():
                    name, _, value = line.partition(":")
                    if name in peaks:
                        peaks[name] = max(peaks[name], int(value.split()[0]) * 1024)
            time.sleep(0.002)
    if process.returncode != 0 or peaks["VmHWM"] == 0:
        raise ToolError(f"{' '.join(map(str, command))}: code {process.returncode}, and its memory was seen: {peaks}")
    return peaks
