"""Names, paths and bytes that would control a terminal, break JSON, or be markup: in files and in arguments, for every command.

What is allowed to reach a terminal is judged by Unicode's own tables (unicodedata), and JSON is read by Python's reader.
"""

import bz2
import gzip
import json
import lzma
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
import unittest
from html import unescape

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest, comparable, skip_without_terminals  # noqa: E402

# C0, DEL, C1, marks of direction, line ends of all kinds.
CONTROLS = [chr(code) for code in [*range(1, 0x20), *range(0x7f, 0xa0), 0x61c, 0x200e, 0x200f, *range(0x2028, 0x202f),
                                   *range(0x2066, 0x206a)]]
# The same as bytes of a path, and bytes that are not UTF-8: alone, cut off, too long a form, a surrogate.
PATHS = [os.fsencode("a\033]0;pwned\007"), os.fsencode("n\nl\rt\tb\bd\x7f"), "\x9b2J\u202egnp\u2066".encode(),
         b"\xff\x9b31m", b"\xc3", b"\xc0\x9b", b"\xed\xa0\x80", b"q'\033\"\\$`", b"\\udcff"]
JOINERS = "\u200c\u200d"
# Of paths that other programs get: what a shell or an option parser would read something else from.
WORDS = [b"e\033x", b"e\\x1bx", b"-oprecious", b"-Z", b"--", b"-fvictim", b"a b", b"q'\"$`;&|", "-\u202egnp".encode(), b"-\xff", b"~", b"*"]
# A beginning of each kind of file for which a command is suggested, and the program that it names.
CSV = b"x,y,k\n" + b"".join(b"%d,%d,%c\n" % (i, i * i % 7, b"ab"[i % 2]) for i in range(20))
KINDS = {"gz": (gzip.compress(CSV), "zcat"), "bz2": (bz2.compress(CSV), "bzcat"), "xz": (lzma.compress(CSV), "xzcat"),
         "zst": (b"\x28\xb5\x2f\xfd\x24\x00", "zstdcat"), "zip": (b"PK\x03\x04abcdef", "unzip"),
         "utf16": (CSV.decode().encode("utf-16"), "iconv"), "json": (b'[{"x": 1, "k": "a"}]', "python3"),
         "arff": (b"@relation x\n@attribute x numeric\n@data\n1,a\n", "grep"),
         "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "python3"),
         "xlsx": (b"PK\x03\x04......[Content_Types].xml", "python3"),
         "ods": (b"PK\x03\x04......mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "python3"),
         "counts": (b"150,4,setosa,virginica\n4.3,1.3,0.5,0.25,0\n4.3,1.3,0.5,0.25,1\n", "tail")}
# Each program of a suggestion says which file it was given, by its number; the last argument must be no option.
STAND_INS = """
of_input() { stat -L -c %i /dev/stdin; }
of_argument() { case "${!#}" in -*) echo "an option: ${!#}" ;; *) stat -c %i "${!#}" ;; esac; }
for program in zcat bzcat xzcat zstdcat; do eval "$program() { of_input; }"; done
for program in unzip iconv grep python3 tail; do eval "$program() { of_argument \\"\\$@\\"; }"; done
spiral() { cat; printf '%s\\0' "$@"; }
"""


def controls_of(text):
    return [character for character in text if character != "\n" and character not in JOINERS
            and unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")]


class HostileNames(SpiralTest):
    def run_all(self, *arguments, codes=(0,)):
        """Runs the program, and gives back what it prints on both streams: text that controls nothing but tabs."""
        done = subprocess.run([SPIRAL, *arguments], cwd=self.folder, capture_output=True, check=False, timeout=200)
        self.assertIn(done.returncode, codes, done.stderr[-2000:])
        printed = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        for text in printed:
            self.assertEqual(controls_of(text.replace("\t", "")), [], text[-2000:])
        return printed

    def path(self, name):
        return os.path.join(os.fsencode(self.folder), name)

    def write_data(self, path="x.csv"):
        """Hostile names of features and classes, as CSV."""
        def field(text):
            return '"' + text.replace('"', '""') + '"'
        names = ["f" + "".join(CONTROLS[i::3]) for i in range(3)]
        classes = ["\x9b2JX" + "".join(CONTROLS[:9]), "\u202egnp\033[31m", "c\r\nnew line\x07"]
        lines = [",".join(map(field, [*names, "class"]))]
        for row in range(12):
            lines.append(",".join([str(row % 3 + row / 100), str(row % 5), "7", field(classes[row % 3])]))
        (self.folder / path).write_bytes(("\n".join(lines) + "\n").encode())

    def test_names_in_files_are_spelled_in_all_that_is_printed(self):
        self.write_data()
        self.run_all("train", "--data", "x.csv", "--hidden", "4", "--iterations", "30", "--out", "o", "--standardize")
        for path in ("o/summary.json", "o/loss.csv"):
            text = (self.folder / path).read_text(encoding="utf-8").replace("\t", "")
            self.assertEqual(controls_of(text), [], path)
        self.run_all("train", "--data", "x.csv", "--hidden", "4", "--iterations", "3", "--out", "j", "--no-figures", "-q",
                     "--summary", "json")
        self.run_all("check", "--data", "x.csv", codes=(1,))
        for layout in ("text", "markdown", "latex", "html"):
            self.run_all("explain", "--data", "x.csv", "--model", "linear", "--rows", "3", "--format", layout)
        _, errors = self.run_all("predict", "-m", "o/model.npz", "--data", "x.csv", "-o", "p.csv")
        self.assertIn("\\u009b", errors)
        text, _ = self.run_all("plot", "-m", "o/model.npz", "--data", "x.csv", "--terminal", "--colours", "none")
        self.assertIn("\\u009b2JX", text)
        self.run_all("gradcheck", "--data", "x.csv", "--hidden", "2")

    def cells(self, names, *arguments):
        """The texts in the cells of what explain writes as Markdown, by GitHub's own program; no names there are markup."""
        (self.folder / "m.csv").write_text("\n".join([",".join(['"' + name.replace('"', '""') + '"' for name in names] + ["class"]),
                                                      *(",".join([str(row + i) for i in range(len(names))] + ["ab"[row]])
                                                        for row in range(2))]) + "\n", "utf-8")
        out, _ = self.run_all("explain", "--data", "m.csv", "--header", "yes", "--format", "markdown", *arguments)
        html = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"], input=out,
                              encoding="utf-8", stdout=subprocess.PIPE, check=True).stdout
        tags = set(re.findall(r"<([a-z]+[0-9]?)", html))
        self.assertLessEqual(tags, {"h1", "h2", "p", "pre", "code", "table", "thead", "tbody", "tr", "th", "td", "details",
                                    "summary"})
        return {text.strip() for text in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", unescape(re.sub("<!--.*?-->", "", html)), re.S)}

    @unittest.skipUnless(shutil.which("cmark-gfm"), "there is no cmark-gfm")
    def test_names_are_no_markdown(self):
        names = ["https://e.example", "www.e.example", "WWW.e.org", "a@e.example", "mailto:a@e.org", "ftp://e.example", "<b>bold", "a|b", "*x*",
                 "_x_", "**y**", "~~z~~", "`code`", "[l](//e)", "![i](//e)", "&lt;&#64;", "\\", "a\\|b", "<!-- c", "$x$", "# h", "- item",
                 "1. one", "> quote", ":-:", "$`x`$", "@user", "<script>"]
        for i in range(0, len(names), 7):
            found = self.cells(names[i:i + 7], "--model", "linear", "--rows", "2")
            self.assertLessEqual(set(names[i:i + 7]), found)

    def test_fields_in_messages_are_spelled(self):
        for text in [*CONTROLS, "\u2028" * 90, "\xe4" * 300]:
            field = '"' + text + 'x"'
            (self.folder / "y.csv").write_bytes(f"1,{field},a\n1,2,b\n".encode())
            self.run_all("train", "--data", "y.csv", "--header", "no", "--out", "p", codes=(3,))
        for piece in (b"\xff2", b"\xc3", b"\xed\xa0\x80"):
            (self.folder / "y.csv").write_bytes(b"1," + piece + b",a\n1,2,b\n")
            _, errors = self.run_all("train", "--data", "y.csv", "--header", "no", "--out", "p", codes=(3,))
            self.assertIn("".join(f"\\x{byte:02x}" for byte in piece if byte > 0x7f)[:4], errors)

    def test_arguments_are_spelled_in_messages(self):
        for path in PATHS:
            for arguments in (["train", "--data", path], ["train", b"--" + path], ["train", b"-" + path], [path],
                              ["train", "--lr", path], ["train", "--model", path], ["train", b"--summary=" + path],
                              ["sweep", "--lr", b"1," + path], ["sweep", "--shard", path], ["sweep", "--keep", path],
                              ["plot", "--log", path, "-o", "x.png"], ["plot", "--size", path],
                              ["predict", "-m", path, "--data", "x"],
                              ["train", "--resume", path], ["plot", "--sweep", path], ["sweep", "--merge", path],
                              ["train", b"--help=" + path], ["check", "--data", path]):
                _, message = self.run_all(*arguments, codes=(2, 3))
                self.assertEqual(message.count("\n"), 1, message)

    @unittest.skipUnless(shutil.which("bash"), "there is no bash")
    def test_scripts_print_no_control_characters(self):
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        for path in PATHS:
            for arguments in (["animate", path], ["animate", b"-" + path], ["animate", ".", "-o", path], ["animate", ".", path],
                              ["animate", ".", "-o", path + b"/x.gif"], ["demo", path], ["sweep-parallel", path],
                              ["sweep-parallel", "--hosts", path, "--", "--out", "o"],
                              ["sweep.sbatch", b"--array=" + path, "--", "--out", "o"]):
                done = subprocess.run([ROOT / "scripts" / arguments[0], *arguments[1:]], cwd=self.folder, env=environment,
                                      capture_output=True, check=False, timeout=100)
                self.assertIn(done.returncode, (1, 2), arguments)
                self.assertEqual(controls_of(done.stderr.decode("utf-8")), [], arguments)
                self.assertTrue(done.stderr.startswith(b"scripts/"), done.stderr)

    def test_json_is_utf8_and_gives_the_bytes_back(self):
        for path in PATHS:
            name = path + b".csv"
            shutil.copy(ROOT / "data" / "iris.csv", self.path(name))
            out, _ = self.run_all("train", "--data", name, "--standardize", "--iterations", "2", "--hidden", "2", "--no-figures",
                                  "--out", b"o" + path, "-q", "--summary", "json")
            with open(self.path(b"o" + path + b"/summary.json"), encoding="utf-8") as file:
                saved = file.read()
            for text in (out, saved):
                self.assertEqual(controls_of(text.replace("\t", "")), [])
                summary = json.loads(text)
                self.assertEqual(os.fsencode(summary["data"]["source"]), name)
                self.assertEqual(os.fsencode(summary["settings"]["data"]), name)

    def suggestion(self, *arguments):
        _, message = self.run_all(*arguments, codes=(3,))
        self.assertEqual(message.count("; try "), 1, message)
        return message.rstrip("\n").split("; try ")[1]

    def bash(self, script):
        return subprocess.run(["bash", "-c", script], cwd=self.folder, env={**os.environ, "SPIRAL": SPIRAL, "LC_ALL": "C.UTF-8"},
                              check=True, capture_output=True, timeout=100, stdin=subprocess.DEVNULL).stdout

    @unittest.skipUnless(shutil.which("bash"), "there is no bash")
    def test_a_suggested_command_reads_the_file_that_was_refused(self):
        for ending, (start, program) in KINDS.items():
            for word in WORDS:
                name = word + b"." + ending.encode()
                with open(self.path(name), "wb") as file:
                    file.write(start)
                number = os.stat(self.path(name)).st_ino
                for command in (["train", b"--data=" + name, "--out", b"a b", "-q"], ["check", "--standardize", b"--data=" + name]):
                    text = self.suggestion(*command)
                    self.assertTrue(text.startswith(program + " "), text)
                    found, *words = self.bash(STAND_INS + text).split(b"\n", 1)
                    self.assertEqual(found, b"%d" % number, text)
                    expected = [b"--data=-" if argument == b"--data=" + name else os.fsencode(argument) for argument in command]
                    self.assertEqual(words, [b"\0".join(expected) + b"\0"], text)
                text = self.suggestion("sweep", b"--data=" + name, "--lr", "1,2")
                self.bash(STAND_INS + text)
                self.assertEqual((self.folder / "table.csv").read_text(encoding="utf-8"), f"{number}\n", text)
                (self.folder / "table.csv").unlink()

    @unittest.skipUnless(shutil.which("bash"), "there is no bash")
    def test_a_suggested_command_does_what_was_asked(self):
        (self.folder / "x.csv").write_bytes(CSV)
        train = ["--model", "linear", "--iterations", "9", "--no-figures", "-q", "--out"]
        self.run_all("train", "--data", "x.csv", *train, "m")
        self.run_all("predict", "-m", "m/model.npz", "--data", "x.csv", "-o", "p.csv", "--probabilities")
        expected = (self.folder / "p.csv").read_bytes()
        for word in (b"e\033x", b"-c"):
            for ending in ("gz", "utf16"):
                name = word + b"." + ending.encode()
                with open(self.path(name), "wb") as file:
                    file.write(KINDS[ending][0])
                real = 'spiral() { "$SPIRAL" "$@"; }; '
                self.bash(real + self.suggestion("train", b"--data=" + name, *train, "n"))
                self.assertEqual(comparable(self.folder / "m/loss.csv"), comparable(self.folder / "n/loss.csv"))
                self.bash(real + self.suggestion("predict", "--model=m/model.npz", b"--data=" + name, "-p", "-o", "q.csv"))
                self.assertEqual((self.folder / "q.csv").read_bytes(), expected)
                self.bash(real + self.suggestion("plot", "-m", "m/model.npz", b"--data=" + name, "-o", "a b.png"))
                self.assertTrue((self.folder / "a b.png").exists())
                for left in ("n/loss.csv", "q.csv", "a b.png"):
                    (self.folder / left).unlink()

    @unittest.skipUnless(shutil.which("bash"), "there is no bash")
    def test_a_path_like_an_option_is_read_again(self):
        name = b"-o\033.csv"
        shutil.copy(ROOT / "data" / "iris.csv", self.path(name))
        real = 'spiral() { "$SPIRAL" "$@"; }; '
        data = [b"--data=" + name, "--standardize", "--hidden", "2", "--iterations", "2"]
        out, _ = self.run_all("train", *data, "--no-figures", "-q", "--summary", "json", "--out=-q")
        self.bash(f"{real}{json.loads(out)['command']} --no-figures -q --out again")
        self.assertEqual(comparable(self.folder / "-q/loss.csv"), comparable(self.folder / "again/loss.csv"))
        printed, _ = self.run_all("sweep", *data, "--lr", "1,0.1", "--no-figures", "--out=-s")
        line = next(line for line in printed.splitlines() if line.startswith("reproduce with: "))
        self.bash(f"{real}{line.removeprefix('reproduce with: ')} --no-figures -q --out best")
        self.assertTrue((self.folder / "best/model.npz").exists())
        lines = self.interrupt(b"-r", lambda process: process.stdout.readline() != b"", "train", "--print-every", "1",
                               "--iterations", "100000000")
        self.assertTrue(lines[1].endswith("run the same command with --resume=-r/checkpoint.npz"), lines)
        _, message = self.run_all("train", "--points-per-class", "5", "--hidden", "2", "--out=-r", codes=(4,))
        self.assertIn(" continue it with --resume=-r/checkpoint.npz, or ", message)
        _, message = self.run_all("train", "--", name, codes=(2,))
        self.assertIn("did you mean --data=$'-o\\033.csv'?", message)
        _, message = self.run_all("train", "--data", "-o x", codes=(2,))
        self.assertIn("write --data='-o x')", message)

    def test_a_sweep_of_such_a_path_is_read_again(self):
        for path in PATHS:
            name = path + b".csv"
            shutil.copy(ROOT / "data" / "iris.csv", self.path(name))
            sweep = ["sweep", "--data", name, "--standardize", "--lr", "1,0.1", "--iterations", "2", "--hidden", "2",
                     "--out", b"s" + path]
            printed, _ = self.run_all(*sweep, "--no-figures")
            with open(self.path(b"s" + path + b"/sweep.json"), encoding="utf-8") as file:
                definition = json.load(file)
            self.assertEqual(os.fsencode(definition["options"]["data"]), name)
            self.assertEqual([os.fsencode(key) for key in definition["inputs_crc32"]], [name])
            self.run_all(*sweep, "--no-figures", "--resume")
            self.run_all("plot", "--sweep", b"s" + path)
            self.assertTrue(os.path.exists(self.path(b"s" + path + b"/boundaries.png")))
            again = next(line[len("reproduce with: "):] for line in printed.splitlines()
                         if line.startswith("reproduce with: "))
            if shutil.which("bash") is not None:  # it trains the same run: with the same data, and so to the same log
                command = f'spiral() {{ "$SPIRAL" "$@"; }}; {again} --no-figures -q --out again'
                subprocess.run(["bash", "-c", command], cwd=self.folder, env={**os.environ, "SPIRAL": SPIRAL}, check=True,
                               timeout=100)
                summary = json.loads((self.folder / "again" / "summary.json").read_text(encoding="utf-8"))
                self.assertEqual(os.fsencode(summary["data"]["source"]), name)

    def on_terminal(self, *arguments):
        """What the program sends to the terminal that is its standard output, which ends lines by CR LF."""
        skip_without_terminals()
        master, slave = pty.openpty()
        with subprocess.Popen([SPIRAL, *arguments], cwd=self.folder, stdout=slave, stderr=subprocess.DEVNULL) as process:
            os.close(slave)
            sent = b""
            try:
                while piece := os.read(master, 1 << 16):
                    sent += piece
            except OSError:  # the terminal's other end is closed
                pass
            os.close(master)
        self.assertEqual(process.returncode, 0)
        return sent.decode("utf-8").replace("\r\n", "\n")

    def test_data_on_a_terminal_is_spelled_and_in_a_pipe_as_it_is(self):
        name = "\xe4\u4e2d" * 20
        rows = 3000  # longer than any buffer
        lines = [f"{row % 2},{row % 3},{'ab'[row % 2]}\n" for row in range(rows)]
        for kind in (name, "a\033[2J\x9b\u202eb"):
            (self.folder / "y.csv").write_text("x,y,class\n" + "".join(lines).replace(",a\n", f",{kind}\n"), "utf-8")
            self.run_all("train", "--data", "y.csv", "--model", "linear", "--iterations", "500", "--out", "o", "--no-figures", "-q")
            predict = ["predict", "-q", "-m", "o/model.npz", "--data", "y.csv", "-o", "-"]
            sent = self.on_terminal(*predict)
            self.assertEqual(controls_of(sent), [])
            piped = subprocess.run([SPIRAL, *predict], cwd=self.folder, capture_output=True, check=True, timeout=100).stdout
            expected = ["class", *[kind if row % 2 == 0 else "b" for row in range(rows)], ""]
            self.assertEqual(piped.decode("utf-8").split("\n"), expected)
            self.assertEqual(sent, piped.decode("utf-8").replace(kind, name if kind == name else "a\\x1b[2J\\u009b\\u202eb"))

    def interrupt(self, out, begun, *arguments):
        """Starts the program, interrupts it when begun(process) is true, and gives back its messages but warnings."""
        with subprocess.Popen([SPIRAL, *arguments, "--points-per-class", "5", "--hidden", "2", b"--out=" + out], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            self.addCleanup(process.kill)
            while process.poll() is None and not begun(process):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            errors = process.communicate(timeout=100)[1].decode("utf-8")
        self.assertEqual(process.returncode, -signal.SIGINT, errors)
        self.assertEqual(controls_of(errors), [])
        return [line for line in errors.split("\n")[:-1] if not line.startswith("spiral: warning: ")]

    def has_a_row(self, path):
        try:
            with open(path, "rb") as file:
                return len(file.readlines()) > 1
        except FileNotFoundError:
            return False

    def test_an_interrupt_names_the_folder_spelled(self):
        for path in PATHS:
            lines = self.interrupt(b"t" + path, lambda process: process.stdout.readline() != b"", "train", "--print-every", "1",
                                   "--iterations", "100000000")
            self.assertEqual(len(lines), 2, lines)
            results = self.path(b"s" + path + b"/results.csv")
            lines = self.interrupt(b"s" + path, lambda process, file=results: self.has_a_row(file), "sweep", "--no-figures",
                                   "--iterations", "10,100000000")
            self.assertEqual(len(lines), 2, lines)


if __name__ == "__main__":
    unittest.main()
