"""A training or a sweep as a process, whose progress is the rows of its log."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
from support import SPIRAL, SpiralTest  # noqa: E402

SECONDS = float(os.environ.get("SPIRAL_ENDURANCE_SECONDS", "0"))  # 0: as short as it goes


def begin(addresses=None):
    """In the process to be, before the program: signals as a shell has them, and a process group of its own, which SIGTSTP stops
    whatever the terminal. addresses: bytes of them."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if addresses is not None:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]  # which may not be raised
        resource.setrlimit(resource.RLIMIT_AS, (addresses if hard == resource.RLIM_INFINITY else min(addresses, hard), hard))


class Rows:
    """The lines of a file that grows, may be replaced, and is not there at first."""

    def __init__(self, path):
        self.path = path
        self.inode = self.size = self.count = 0

    def read(self):
        try:
            with open(self.path, "rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self.inode or status.st_size < self.size:
                    self.inode, self.size, self.count = status.st_ino, 0, 0
                file.seek(self.size)
                more = file.read()
        except FileNotFoundError:
            return 0
        self.size += len(more)
        self.count += more.count(b"\n")
        return self.count


class Process:
    def __init__(self, arguments, folder, log, addresses=None):
        self.rows = Rows(folder / log)
        self.messages = open(folder.parent / "messages", "w+", encoding="utf-8")
        self.process = subprocess.Popen([SPIRAL, *map(str, arguments)], cwd=folder, stdout=subprocess.DEVNULL, stderr=self.messages,
                                        preexec_fn=lambda: begin(addresses))
        self.pid = self.process.pid

    def has_ended(self):
        """Looks again a moment later."""
        try:
            self.process.wait(0.002)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_for_rows(self, count):
        """Waits until the log has so many rows, or the process is at its end. Is it still there?"""
        while self.rows.read() < count:
            if self.has_ended():
                return False
        return not self.has_ended()

    def send(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, number):
        """Sends the signal, waits until the process has stopped, and lets it go on."""
        self.send(number)
        if self.process.poll() is None:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self.send(signal.SIGCONT)

    def end(self):
        """The exit code and what was printed on standard error."""
        try:
            code = self.process.wait(200)  # whatever hangs
        finally:
            self.kill()
        self.messages.seek(0)
        with self.messages:
            return code, self.messages.read()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
