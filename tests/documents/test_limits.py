"""The man page's LIMITS are the constants of spiral/limits.h, all of them, with their values."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def value(text):
    """What a constant is set to: 65536 or 1 << 16."""
    number, _, shift = text.partition(" << ")
    return int(number) << int(shift or 0)


def constants():
    text = (ROOT / "include" / "spiral" / "limits.h").read_text(encoding="utf-8")
    return {name: value(number) for name, number in re.findall(r"^#define (SPIRAL_\w+) \(?(\d+(?: << \d+)?)\b", text, re.M)}


def man_page():
    text = (ROOT / "src" / "cli" / "reference" / "spiral.1.in").read_text(encoding="utf-8")
    section = re.search(r"^\.Sh LIMITS$.*?(?=^\.Sh )", text, re.M | re.S).group(0)
    return [(name, int(number)) for number, name in re.findall(r"^\.It (\d+)\n(?:[^.].*\n)+\.Pq Dv (\w+)$", section, re.M)]


class Limits(unittest.TestCase):
    def test_the_man_page_lists_every_limit_with_its_value(self):
        self.assertGreater(len(constants()), 20)
        self.assertEqual(dict(man_page()), constants())
        self.assertEqual(len(man_page()), len(constants()))

    def test_nothing_in_the_header_is_missed(self):
        text = (ROOT / "include" / "spiral" / "limits.h").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"SPIRAL_\w+_(?:LIMIT|PIXELS)\b", text)), set(constants()))

    def test_no_limit_is_defined_elsewhere(self):
        names = "|".join(constants())
        for path in [*ROOT.glob("include/**/*.h"), *ROOT.glob("src/**/*.[ch]")]:
            if path.name != "limits.h":
                text = path.read_text(encoding="utf-8")
                self.assertNotRegex(text, rf"#define ({names})\b|\b({names}) = ", path)


if __name__ == "__main__":
    unittest.main()
