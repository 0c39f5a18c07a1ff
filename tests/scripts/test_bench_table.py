"""The arithmetic of scripts/bench: medians, ratios, units, counted operations, tables, its pieces of docs/speed.md."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "bench.d"))
import table  # noqa: E402
import tools  # noqa: E402


class Numbers(unittest.TestCase):
    def test_three_digits_and_never_an_exponent(self):
        for value, text in ((0, "0"), (1, "1.00"), (9.994, "9.99"), (9.996, "10.0"), (31.24, "31.2"), (99.94, "99.9"),
                            (99.96, "100"), (1234.4, "1234"), (0.04567, "0.0457")):
            self.assertEqual(table.three_digits(value), text)

    def test_a_time_is_its_median_and_range_in_one_unit(self):
        self.assertEqual(table.time_text([33e-6, 30.9e-6, 31.2e-6]), "31.2 µs (30.9–33.0)")
        self.assertEqual(table.time_text([1e-3, 3e-3]), "2.00 ms (1.00–3.00)")
        self.assertEqual(table.time_text([0.9e-3, 1.5]), "750 ms (0.900–1500)")
        self.assertEqual(table.time_text([2.5]), "2.50 s")
        self.assertEqual(table.time_text([85e-9]), "85.0 ns")

    def test_the_ratio_is_that_of_the_medians(self):
        self.assertEqual(table.ratio([1.0, 2.0, 100.0], [6.0, 5.0, 0.1]), 2.5)
        self.assertEqual(table.against_text([30e-6], [201e-6]), "**6.7×** 201 µs")
        self.assertEqual(table.ratio_text([1e-3], [0.2]), "200×")
        self.assertEqual(table.ratio_text([2.0], [1.0]), "0.5×")

    def test_sizes_and_counts(self):
        self.assertEqual(table.size_text(15_700_000), "15.7 MB")
        self.assertEqual(table.size_text(4_700_000_000), "4700 MB")
        self.assertEqual(table.number_text(30000000), "30,000,000")

    def test_what_part_of_the_peak_is_reached(self):
        self.assertEqual(table.peak_text(780000, [10e-6, 20e-6, 13e-6], 100e9), "60%")

    def test_a_time_for_each_of_many(self):
        self.assertEqual(table.each_text([3e-3, 1e-3, 2e-3], 30000 * 100), "0.667 ns")
        self.assertEqual(table.each_text([3e-3], 0), "")

    def test_operations_are_those_of_the_products(self):
        # (2,3)(3,5), (2,5)(5,4) forward; (5,2)(2,4), (2,4)(4,5), (3,2)(2,5) backward: 2 m k n each.
        products = [(2, 3, 5), (2, 5, 4), (5, 2, 4), (2, 4, 5), (3, 2, 5)]
        self.assertEqual(table.training_flops(2, 3, 5, 4), sum(2 * m * k * n for m, k, n in products))
        self.assertEqual(table.training_flops(2, 3, 0, 4), 2 * (2 * 3 * 4) * 2)


class SameNumbers(unittest.TestCase):
    def test_within_the_tolerance_is_the_same(self):
        table.check_same("loss", {"spiral": 1.0, "NumPy": 1.0 + 9e-10, "PyTorch": 1.0 - 9e-10}, 1e-9)

    def test_who_differs_is_named(self):
        with self.assertRaisesRegex(table.SameNumbersError, r"loss: PyTorch has 1\.1, spiral has 1\.0"):
            table.check_same("loss", {"spiral": 1.0, "NumPy": 1.0, "PyTorch": 1.1}, 1e-9)

    def test_what_is_not_a_number_is_never_the_same(self):
        for values in ({"a": 1.0, "b": float("nan")}, {"a": float("nan"), "b": 1.0}, {"a": 1.0, "b": float("inf")}):
            with self.assertRaises(table.SameNumbersError):
                table.check_same("loss", values, 1e-9)


class Markdown(unittest.TestCase):
    def test_columns_line_up(self):
        self.assertEqual(table.markdown(["size", "µs"], [["300×2", 31], ["9", 1234567]]),
                         "| size  | µs      |\n"
                         "|-------|---------|\n"
                         "| 300×2 | 31      |\n"
                         "| 9     | 1234567 |")

    def test_only_what_stands_between_the_markers_is_replaced(self):
        text = f"before\n\n{table.BEGIN}\nold\n{table.END}\n\nafter\n"
        once = table.replace_between(text, "new\n")
        self.assertEqual(once, f"before\n\n{table.BEGIN}\n\nnew\n\n{table.END}\n\nafter\n")
        self.assertEqual(table.replace_between(once, "new"), once)

    def test_a_text_without_both_markers_is_refused(self):
        for text in ("", table.BEGIN, table.END, table.END + table.BEGIN, table.BEGIN * 2 + table.END,
                     table.BEGIN + table.BEGIN_COPIES + table.END):
            with self.assertRaises(ValueError):
                table.replace_between(text, "new")

    def test_each_of_two_pairs_of_markers_has_its_own_text(self):
        text = f"{table.BEGIN}\na\n{table.END}\n{table.BEGIN_COPIES}\nb\n{table.END}\n"
        once = table.replace_between(table.replace_between(text, "1"), "2", table.BEGIN_COPIES)
        self.assertEqual(once, f"{table.BEGIN}\n\n1\n\n{table.END}\n{table.BEGIN_COPIES}\n\n2\n\n{table.END}\n")

    def test_docs_speed_has_both_pairs(self):
        text = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
        for begin in (table.BEGIN, table.BEGIN_COPIES):
            self.assertIn("new table", table.replace_between(text, "new table", begin))


class Levels(unittest.TestCase):
    def test_a_cell_has_the_time_numpys_multiple_and_the_multiple_of_the_best(self):
        self.assertEqual(table.level_text(20e-6, 100e-6, 10e-6), "20.0 µs, **5.0×**, 2.00")

    def test_who_is_not_faster_than_numpy_is_named(self):
        wrong = table.slower("notes", {"SSE2": 2e-3, "AVX2": 1e-3, "AVX-512": 5e-4, "NEON": float("nan")}, 1e-3)
        self.assertEqual(wrong[:2], ["notes: SSE2 takes 2.00 ms, NumPy 1.00 ms", "notes: AVX2 takes 1.00 ms, NumPy 1.00 ms"])
        self.assertEqual(len(wrong), 3)

    def test_a_program_whose_level_the_processor_lacks_is_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            programs = []
            for name, level in (("base", "SSE2"), ("avx2", "AVX2"), ("avx512", "AVX2")):
                program = pathlib.Path(folder) / name
                program.write_text(f"#!/bin/sh\nprintf 'spiral 1\\nkernels: {level}\\nMPI: none\\n'\n", encoding="utf-8")
                program.chmod(0o755)
                programs.append(program)
            self.assertEqual(tools.levels(programs), {"SSE2": programs[0], "AVX2": programs[1]})


if __name__ == "__main__":
    unittest.main()
