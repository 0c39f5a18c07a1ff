"""Files of text that are damaged, strange or hostile: the exit code, the message with file and line, and no output.

What is asked of each: spiral train --data FILE. Nothing may be left in the folder but the file.
"""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))
from page import promised  # noqa: E402
from support import SPIRAL, SpiralTest, limit_memory  # noqa: E402

SETTINGS = ["--iterations", "2", "-q", "--no-figures"]
ROWS = "1,2,a\n3,4,b\n5,6,a\n"

# name: (the file's bytes, further options); what comes of it stands in FAULTS.md
REFUSED = {
    "empty": (b"", []),
    "header only": (b"a,b,label\n", []),
    "ragged row": (b"1,2,a\n3,b\n", []),
    "a field too many": (b"1,2,a\n3,4,b,5\n", []),
    "lone CR": (b"1,2,a\r3,4,b\r", []),
    "semicolons": (b"1,5;2,5;a\n3,5;4,5;b\n", []),
    "decimal commas in a column": (b"1.5;2,5;a\n3.5;4,5;b\n", ["--delimiter", ";", "--header", "no"]),
    "nan": (ROWS.encode() + b"nan,1,a\n", []),
    "inf": (ROWS.encode() + b"1,-inf,a\n", []),
    "1e999": (ROWS.encode() + b"1e999,1,a\n", []),
    "an empty field": (ROWS.encode() + b"1,,a\n", []),
    "missing labels": (ROWS.encode() + b"5,6,NA\n7,8,?\n", []),
    "values missing in every row": (b"a,b,k\n1,?,x\n2,NA,y\n", ["--missing", "drop"]),
    "1.0abc": (ROWS.encode() + b"1.0abc,1,a\n", []),
    "hexadecimal": (ROWS.encode() + b"0x10,1,a\n", []),
    "an underscore": (ROWS.encode() + b"1_000,1,a\n", []),
    "NUL": (ROWS.encode() + b"1,\0,a\n", []),
    "UTF-16, little end first": (ROWS.encode("utf-16-le").join([b"\xff\xfe", b""]), []),
    "UTF-16, big end first": (ROWS.encode("utf-16-be").join([b"\xfe\xff", b""]), []),
    "UTF-16 without a mark": (ROWS.encode("utf-16-le"), []),
    "an unclosed quote": (ROWS.encode() + b'1,2,"a\n3,4,b\n', []),
    "text after a quote": (ROWS.encode() + b'1,2,"a"b\n', []),
    "a quote within a field": (ROWS.encode() + b'1,2,a"b\n', []),
    "an empty line": (b"1,2,a\n\n3,4,b\n", []),
    "one class": (b"1,2,a\n3,4,a\n", []),
    "an ambiguous header": (b"a,1.5,label\n1,2.5,a\n3,4.5,b\n", []),
    "counts before the table": (b"150,4,setosa,virginica\n4.3,1.3,0.5,0.25,0\n4.3,1.3,0.5,0.25,1\n", []),
    "thousands with commas": (b'u,v,k\n"1,000.5",0,a\n"2,007.5",1,b\n', []),
    "a percent sign": (b"u,v,k\n1,40%,a\n2,50%,b\n", []),
    "Fortran exponents": (b"1.03D+00,1,a\n1.04D+00,2,b\n", []),
    "no features": (b"a\nb\na\n", ["--header", "no"]),
    "a label column that is not there": (ROWS.encode(), ["--label", "kind"]),
    "a .npy array": (b"\x93NUMPY\x01\0", []),
    "a zip archive": (b"PK\x03\x04abc", []),
    "gzip": (b"\x1f\x8b\x08\0", []),
    "an Excel workbook": (b"PK\x03\x04......[Content_Types].xml", []),
    "a git-lfs pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", []),
    "svmlight": (b"-1 1:0.5 2:1\n+1 2:3\n", []),
    "ARFF": (b"% Iris\n@relation iris\n@attribute x numeric\n@data\n1,a\n", []),
    "a web page": (b"<!DOCTYPE html>\n<html>\n", []),
    "a pickle": (b"\x80\x04\x95\0", []),
}

# name: (the file's bytes, further options, rows, features, classes) as the first line of check says them
ACCEPTED = {
    "a byte order mark": (b"\xef\xbb\xbf" + ROWS.encode(), [], 3, 2, 2),
    "CRLF": (ROWS.replace("\n", "\r\n").encode(), [], 3, 2, 2),
    "no final newline": (ROWS.rstrip().encode(), [], 3, 2, 2),
    "denormals": (b"5e-324,1,a\n2e-310,2,b\n1e-400,3,a\n", [], 3, 2, 2),
    "labels -1 and 1.5": (b"1,2,-1\n3,4,1.5\n5,6,-1\n", [], 3, 2, 2),
    "labels of 2^31 and 2^63": (b"1,2,2147483648\n3,4,9223372036854775808\n5,6,2147483648\n", [], 3, 2, 2),
    "quoted": (b'"1","2","a, ""b"""\n3,4,c\n5,6,"line\nbreak"\n', [], 3, 2, 3),
}


class Csv(SpiralTest):
    def train(self, content, options, kilobytes=None):
        """content None: of the file that is there. kilobytes: of addresses, no more."""
        if content is not None:
            (self.folder / "x.csv").write_bytes(content)
        command = [SPIRAL, "train", "--data", "x.csv", *SETTINGS, *options]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=100,
                              preexec_fn=lambda: limit_memory(kilobytes), env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))
        return done.returncode, done.stderr

    def test_refused(self):
        for name, (content, options) in REFUSED.items():
            with self.subTest(name):
                code, errors = self.train(content, options)
                errors = errors.replace(" ".join(["", *SETTINGS]), "")  # of a command that is suggested
                expected, message = promised("test_csv.py", name)
                self.assertEqual((code, errors), (expected, f"spiral: error: {message}\n"))
                self.assertEqual(os.listdir(self.folder), ["x.csv"])

    def test_accepted(self):
        for name, (content, options, rows, features, classes) in ACCEPTED.items():
            with self.subTest(name):
                (self.folder / "x.csv").write_bytes(content)
                done = subprocess.run([SPIRAL, "check", "--data", "x.csv", *options], cwd=self.folder, capture_output=True,
                                      text=True, check=False, timeout=100)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                self.assertTrue(done.stdout.startswith(f"{rows} observations, {features} features, {classes} classes"),
                                done.stdout)

    def test_a_million_columns(self):
        count = 10**6
        line = "0.5," * count
        code, errors = self.train(f"{line}a\n{line}b\n".encode(), ["--model", "linear"], kilobytes=600_000)
        self.assertEqual(code, 0, errors)

    def test_a_line_of_a_gigabyte_costs_bounded_memory(self):
        with open(self.folder / "x.csv", "wb") as file:
            file.truncate(10**9)  # NUL bytes that take no room on the disk
        code, errors = self.train(None, [], kilobytes=300_000)
        self.assertEqual(code, 3, errors)
        self.assertRegex(errors, r"\Aspiral: error: x\.csv:1: longer than \d+ bytes")

    def test_a_locale_with_decimal_commas_changes_no_byte(self):
        made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", "./de_DE.UTF-8"], cwd=self.folder, capture_output=True,
                              text=True, check=False)
        comma = subprocess.run(["locale", "decimal_point"], env=self.in_locale("de_DE.UTF-8"), capture_output=True, text=True,
                               check=False).stdout.strip()
        if comma != ",":
            self.skipTest(f"no locale with a decimal comma could be made (package locales): {made.stderr.strip()}")
        outputs = []
        for name in ("C", "de_DE.UTF-8"):
            self.spiral_in(name, "generate", "-o", "x.csv", "--points-per-class", "5")
            self.spiral_in(name, "train", "--data", "x.csv", "--iterations", "3", "-q", "--no-figures", "--lr", "0.5")
            outputs.append([(self.folder / "x.csv").read_bytes(), (self.folder / "spiral-out/model.npz").read_bytes()])
        self.assertEqual(outputs[0], outputs[1])

    def in_locale(self, locale):
        return dict(os.environ, LC_ALL=locale, LOCPATH=str(self.folder))

    def spiral_in(self, locale, *arguments):
        subprocess.run([SPIRAL, *arguments], cwd=self.folder, check=True, timeout=100, env=self.in_locale(locale))


if __name__ == "__main__":
    unittest.main()
