"""An option whose member is of another type than it stores does not compile, with gcc and with clang."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The macro and the members that it may be given; every other pair has to be refused.
MEMBERS = {"flag": "bool flag", "real": "double real", "size": "size_t size", "seed": "uint32_t seed", "text": "const char *text",
           "choice": "SpiralInit choice", "sizes": "OptionSizes sizes", "pair": "size_t pair[2]", "character": "char character",
           "single": "float single", "number": "long number", "changing": "char *changing", "three": "size_t three[3]"}
FITS = {"FLAG": {"flag"}, "REAL": {"real"}, "SIZE": {"size"}, "SEED": {"seed", "choice"}, "TEXT": {"text"},
        "CHOICE": {"choice", "seed"},  # to C an enum is an unsigned
        "SIZES": {"sizes"}, "CHARACTER": {"character"}}
SOURCE = """#include "cli/options/options.h"
#include "spiral/spiral.h"
typedef struct T {{ {members} size_t next; }} T;
static const char *const names[] = {{"a", "b", NULL}};
const Option *all(void);
const Option *all(void)
{{
    static const Option options[] = {{{{"name", {use}, "what it is"}}}};
    (void)names;
    return options;
}}
"""


def use(macro, member):
    if macro == "CHOICE":
        return f"CHOICE(T, {member}, names)"
    return f"{macro}(T, {member})" + ("" if macro == "FLAG" else ', "X"')


class OptionTypes(unittest.TestCase):
    def compiles(self, compiler, option):
        source = SOURCE.format(members=" ".join(f"{member};" for member in MEMBERS.values()), use=option)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "table.c"
            path.write_text(source, encoding="utf-8")
            done = subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror" if option in self.right else "-w",
                                   f"-I{ROOT}/src", f"-I{ROOT}/include", "-fsyntax-only", str(path)],
                                  capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stderr

    right = [use(macro, member) for macro in FITS for member in FITS[macro]] + ['PIXELS(T, pair[0], pair[1]), "WxH"']
    wrong = [use(macro, member) for macro in FITS for member in MEMBERS if member not in FITS[macro]] + \
        ['PIXELS(T, size, real), "WxH"', 'PIXELS(T, size, next), "WxH"', 'PIXELS(T, real, size), "WxH"']

    def check(self, compiler):
        if shutil.which(compiler) is None:
            self.skipTest(f"{compiler} is not installed")
        for option in self.right:
            compiled, printed = self.compiles(compiler, option)
            self.assertTrue(compiled, f"{option}\n{printed}")
        for option in self.wrong:
            self.assertFalse(self.compiles(compiler, option)[0], option)

    def test_gcc(self):
        self.check("gcc")

    def test_clang(self):
        self.check("clang")


if __name__ == "__main__":
    unittest.main()
