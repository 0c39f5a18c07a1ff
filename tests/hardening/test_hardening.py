"""A Release build is hardened: the program and the library are read by readelf."""

import os
import re
import subprocess
import unittest

READELF = os.environ.get("SPIRAL_READELF", "readelf")


def readelf(option, path):
    return subprocess.run([READELF, "-W", option, path], check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


class Program(unittest.TestCase):
    PATH = os.environ["SPIRAL"]

    def segment(self, name):
        """The last fields of a line of --program-headers: its flags and alignment."""
        found = re.findall(rf"^ +{name} +(?:0x[0-9a-f]+ +){{5}}([RWE ]{{3}})", readelf("--program-headers", self.PATH), re.M)
        self.assertEqual(len(found), 1, f"{name}: {found}")
        return found[0].replace(" ", "")

    def undefined(self):
        """The names of what comes from shared libraries."""
        return set(re.findall(r" UND (\w+)@", readelf("--dyn-syms", self.PATH)))

    def test_it_is_position_independent(self):
        self.assertRegex(readelf("--file-header", self.PATH), r"(?m)^ +Type: +DYN ")
        self.assertRegex(readelf("--dynamic", self.PATH), r"(?m)\(FLAGS_1\) +Flags:.*\bPIE\b")

    def test_its_tables_of_addresses_are_read_only_once_it_runs(self):
        self.assertEqual(self.segment("GNU_RELRO"), "R")
        self.assertRegex(readelf("--dynamic", self.PATH), r"(?m)\(FLAGS\) +.*\bBIND_NOW\b")

    def test_nothing_can_be_both_written_and_executed(self):
        self.assertEqual(self.segment("GNU_STACK"), "RW")
        loads = re.findall(r"^ +LOAD +(?:0x[0-9a-f]+ +){5}([RWE ]{3})", readelf("--program-headers", self.PATH), re.M)
        self.assertGreater(len(loads), 1)
        for flags in loads:
            self.assertFalse("W" in flags and "E" in flags, loads)

    def test_stacks_are_protected_and_calls_checked(self):
        undefined = self.undefined()
        self.assertIn("__stack_chk_fail", undefined)
        checked = {name for name in undefined if re.fullmatch(r"__\w+_chk", name)}
        self.assertIn("__snprintf_chk", checked)
        self.assertIn("__vsnprintf_chk", checked)

    def test_it_exports_no_function_of_its_own(self):
        symbols = readelf("--dyn-syms", self.PATH)
        self.assertIn(" UND ", symbols)
        self.assertEqual(re.findall(r"\d+ (spiral_\w+)", symbols), [])


class Library(unittest.TestCase):
    PATH = os.environ["SPIRAL_LIBRARY"]

    def test_its_functions_are_hidden(self):
        """So that a shared library that takes it in doesn't hand it on."""
        symbols = readelf("--symbols", self.PATH)
        self.assertRegex(symbols, r" FUNC +GLOBAL HIDDEN +\d+ spiral_network_load\n")
        self.assertRegex(symbols, r" NOTYPE +GLOBAL HIDDEN +\d+ spiral_font_bytes\n")
        self.assertEqual(re.findall(r" (?:FUNC|OBJECT|NOTYPE|IFUNC) +GLOBAL DEFAULT +\d+ (\w+)", symbols), [])

    def test_every_object_asks_for_a_stack_that_is_not_executable(self):
        objects = re.split(r"(?m)^File: ", readelf("--section-headers", self.PATH))[1:]
        self.assertGreater(len(objects), 50)
        for text in objects:
            with self.subTest(text.splitlines()[0]):
                self.assertRegex(text, r"\.note\.GNU-stack +PROGBITS +(?:[0-9a-f]+ +){4} +0 +0 +1\n")


if __name__ == "__main__":
    unittest.main()
