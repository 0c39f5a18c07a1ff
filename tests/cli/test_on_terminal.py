"""What the program draws when standard error is a terminal: the bar, the line of a sweep, the live boundary."""

import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import SPIRAL, SpiralTest, skip_without_terminals  # noqa: E402


class OnTerminal(SpiralTest):
    @classmethod
    def setUpClass(cls):
        skip_without_terminals()

    def on_terminal(self, *arguments, code=0, columns=200, rows=40, term="xterm-256color"):
        """Runs the program; gives back what it sent to the terminal that is its standard error."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "TERM"}
        environment |= {"LC_ALL": "C.UTF-8"} if term is None else {"LC_ALL": "C.UTF-8", "TERM": term}
        process = subprocess.Popen([SPIRAL, *arguments], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=slave,
                                   env=environment)
        os.close(slave)
        sent = b""
        while True:
            try:
                piece = os.read(master, 1 << 16)
            except OSError:  # the terminal's other end is closed
                break
            if not piece:
                break
            sent += piece
        os.close(master)
        text = sent.decode("utf-8")
        self.assertEqual(process.wait(timeout=200), code, text[-2000:])
        return text

    def test_training_draws_a_bar_and_takes_it_away(self):
        sent = self.on_terminal("train", "--iterations", "30000", "--print-every", "30000", "--no-figures")
        bars = re.findall(r"\r(#*\.*) +(\d+) %  [^\x1b]* left\x1b\[K", sent)
        self.assertTrue(bars)
        for bar, share in bars:
            self.assertEqual(len(bar), 30)
            self.assertAlmostEqual(bar.count("#") / 30, int(share) / 100, delta=0.04)
        self.assertTrue(sent.endswith("\r\x1b[K"))

    def test_on_a_narrow_terminal_no_line_wraps(self):
        """A line that reaches the last column wraps, and from then on every update starts a line of its own."""
        training = ("train", "--iterations", "12000", "--print-every", "12000", "--no-figures")
        sweep = ("sweep", "--iterations", "80", "--seeds", "20", "--no-figures", "--keep", "none", "--lr", "0.1", "--force")
        for columns in (48, 46, 30, 19, 12, 5, 1):
            for command in (training, sweep):
                with self.subTest(columns=columns, command=command[0]):
                    sent = self.on_terminal(*command, "--out", command[0], columns=columns)
                    lines = re.findall(r"\r([^\r\x1b]+)\x1b\[K", sent)
                    self.assertLess(max(map(len, lines), default=0), columns, lines)
                    if columns >= 30 and command is training:  # there is room for the share and the time
                        self.assertTrue(lines)
                        for line in lines:
                            self.assertRegex(line, r"^(#*\.* )? *\d+ %  \S.* left$")

    def test_quiet_draws_nothing(self):
        self.assertEqual(self.on_terminal("train", "--iterations", "2000", "--no-figures", "--quiet"), "")

    def test_on_a_terminal_that_cannot_redraw_nothing_is_drawn(self):
        """Emacs' shell, a CI's log: they show control sequences as text."""
        for term in ("dumb", "", None):
            with self.subTest(term=term):
                self.assertNotRegex(self.sweep("--lr", "0.1", "--force", term=term), "[\r\x1b](?!\n)")
                sent = self.on_terminal("train", "--iterations", "30000", "--print-every", "30000", "--no-figures", term=term)
                self.assertNotRegex(sent, "[\r\x1b](?!\n)")
                sent = self.on_terminal("train", "--live", "--out", "live", term=term, code=2)
                self.assertRegex(sent, r"\Aspiral: error: --live redraws its picture, expected TERM to name a terminal that can, ")
                self.assertFalse((self.folder / "live").exists())

    def sweep(self, *arguments, **terminal):
        return self.on_terminal("sweep", "--iterations", "80", "--seeds", "40", "--no-figures", "--keep", "none", *arguments,
                                **terminal)

    def test_a_sweep_draws_a_line_and_takes_it_away(self):
        for by, word in (("accuracy", "accuracy"), ("loss", "data loss")):
            with self.subTest(by):
                sent = self.sweep("--lr", "0.1,1e300", "--by", by, "--out", by)
                self.assertTrue(sent.startswith("\r0 of 80 runs, "))
                self.assertRegex(sent, r"\r\d+ of 80 runs, \d+ s left, \d+ running, \d+ diverged, "
                                       rf"best {word} [0-9.]+ \(--learning-rate 0\.1\)\x1b\[K")
                self.assertTrue(sent.endswith("\r\x1b[K"))

    def test_a_sweep_counts_the_runs_that_failed(self):
        sent = self.on_terminal("sweep", "--points-per-class", "4", "--hidden", "3;1000000000000", "--iterations", "2",
                                "--no-figures", "--keep", "none")
        self.assertRegex(sent, r"\r2 of 2 runs, \S+ s left, \d running, 0 diverged, 1 failed, best accuracy ")

    def test_a_sweep_draws_a_line_of_what_is_validated(self):
        for by, word in (("accuracy", "accuracy"), ("loss", "data loss")):
            with self.subTest(by):
                sent = self.sweep("--lr", "0.1,0.2", "--validation", "0.3", "--by", by, "--out", by)
                self.assertRegex(sent, rf"best {word} [0-9.]+ \(--learning-rate 0\.[12]\)")

    def test_live_draws_and_never_hides_the_cursor(self):
        """A stop (Ctrl-Z), SIGQUIT or SIGKILL would leave it hidden."""
        sent = self.on_terminal("train", "--iterations", "20", "--live", "--no-figures", "--log-every", "1",
                                "--print-every", "20")
        self.assertNotIn("\x1b[?", sent)
        self.assertIn("iteration 0 of 20, loss ", sent)
        self.assertIn("after 20 iterations, loss ", sent)

    def live(self, columns, rows=12):
        return self.on_terminal("train", "--iterations", "2000", "--live", "--no-figures", "--print-every", "2000", "--out", "live",
                                columns=columns, rows=rows)

    def test_the_title_of_live_keeps_the_accuracy_the_longest(self):
        for columns, first, last in ((80, r"iteration 0 of 2000, loss 1\.09\d\d, accuracy 0\.\d+", r"after 2000 iterations, loss 0\.\d{4}, accuracy 0\.\d+"),
                                     (40, r"loss 1\.09\d\d, accuracy 0\.\d+", r"loss 0\.\d{4}, accuracy 0\.\d+"),
                                     (20, r"accuracy 0\.\d+", r"accuracy 0\.\d+")):
            with self.subTest(columns=columns):
                titles = re.findall(r"\x1b\[2K([a-z][^\x1b]*)\r\n", self.live(columns))
                self.assertRegex(titles[0], rf"^{first}$")
                self.assertRegex(titles[-1], rf"^{last}$")

    def test_live_draws_nothing_where_no_picture_has_room(self):
        for columns, rows in ((19, 12), (40, 4)):
            with self.subTest(columns=columns, rows=rows):
                self.assertEqual(self.live(columns, rows), "")

    def test_live_says_once_what_it_can_not_draw(self):
        (self.folder / "x.csv").write_text("1e305,1,a\n-1e305,2,b\n3,1e305,a\n4,-1e305,b\n")
        sent = self.on_terminal("train", "--data", "x.csv", "--standardize", "--model", "linear", "--iterations", "4",
                                "--log-every", "1", "--print-every", "4", "--live", "--no-figures")
        said = "the picture of --live was not drawn: observation 0 has the value 1e+305; values up to 1e+290 can be drawn"
        self.assertEqual(sent.count(said), 1)

    def test_live_draws_no_folds(self):
        sent = self.on_terminal("train", "--live", "--folds", "3", code=2)
        self.assertIn("--folds draws nothing, and --live is given: leave one out", sent)


if __name__ == "__main__":
    unittest.main()
