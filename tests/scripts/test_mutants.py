"""scripts/mutants: which mutants it makes of C, and what becomes of them in a small project."""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve()
MUTANTS = HERE.parents[1] / "mutants"
sys.path[:0] = [str(HERE.parents[1] / "reference"), str(MUTANTS)]
from mutations import mutate, mutations_of, shares, tokenise  # noqa: E402
from support import SpiralTest  # noqa: E402


def of(body, head="int f(int a, int b)"):
    """{(kind, the function's line after the change)} of a function with this line."""
    return {(m.kind, m.after) for m in mutations_of(f"{head}\n{{\n    {body}\n}}\n")}


class Mutations(unittest.TestCase):
    def test_tokens_are_none_of_comments_texts_and_directives(self):
        tokens = tokenise('#define A < \\\n  > 1\n/* a < b */ x // y\n"a < \\" b" \'<\' <<= 1.5e-3 a->b')
        self.assertEqual([t.text for t in tokens], ["x", '"a < \\" b"', "'<'", "<<=", "1.5e-3", "a", "->", "b"])

    def test_relations_and_logic(self):
        self.assertEqual(of("return a < b && !a;"),
                         {("relation", "return a <= b && !a;"), ("logic", "return a < b || !a;"), ("logic", "return a < b && a;")})
        self.assertEqual(of("return a == b;"), {("relation", "return a != b;")})

    def test_arithmetic_and_none_of_pointers(self):
        self.assertEqual(of("return a * b - a;"), {("arithmetic", "return a / b - a;"), ("arithmetic", "return a * b + a;")})
        self.assertEqual(of("return -a;"), {("arithmetic", "return a;")})
        self.assertEqual(of("const double *x = (double *)&a;"), set())

    def test_constants_but_sizes_of_arrays(self):
        self.assertEqual(of("return 0;"), {("constant", "return 1;")})
        self.assertEqual(of("return 0x0fu;"), {("constant", "return 0x10u;")})
        self.assertEqual(of("return 1e-9;"), {("constant", "return 2e-09;")})
        self.assertEqual(of("char text[20];"), set())
        self.assertEqual(of("a = b[0];"), {("constant", "a = b[1];")})

    def test_calls(self):
        self.assertEqual(of("g(a, b);"), {("call", ";"), ("arguments", "g(b, a);")})
        self.assertEqual(of("(void)g(a);"), {("call", ";")})
        self.assertEqual(of("a = g(b);"), set())
        self.assertEqual(of("thing_free(a);"), set())

    def test_checks_and_jumps(self):
        self.assertEqual(of("if (a) return b;"), {("check", "if ((a) && 0) return b;")})
        self.assertEqual(of("if (a) { g(); return b; }"), {("check", "if ((a) && 0) { g(); return b; }"),
                                                          ("call", "if (a) { ; return b; }")})
        self.assertEqual(of("if (a) b = a;"), set())
        self.assertEqual(of("while (a) break;"), {("jump", "while (a) ;")})

    def test_a_status_is_success(self):
        self.assertEqual(of("return g(a);", "SpiralStatus f(int a)"), {("status", "return ((g(a)), SPIRAL_OK);")})
        self.assertEqual(of("return SPIRAL_OK;", "SpiralStatus f(int a)"), set())

    def test_what_is_outside_of_functions_stays(self):
        self.assertEqual(mutations_of("static const int table[] = {1, 2};\nstruct s {\n    int x[3];\n};\n"), [])

    def test_the_block_is_the_innermost_that_runs(self):
        text = "void f(int a)\n{\n    switch (a) {\n    case 1:\n        g(a);\n    }\n    if (a) {\n        h(a);\n    }\n}\n"
        blocks = [(m.before, text[:m.block].count("\n") + 1) for m in mutations_of(text) if m.kind == "call"]
        self.assertEqual(blocks, [("g(a);", 2), ("h(a);", 7)])

    def test_a_change_is_made_where_it_is(self):
        text = "int f(int a)\n{\n    return a < 2;\n}\n"
        mutation, = (m for m in mutations_of(text) if m.kind == "relation")
        self.assertEqual(mutate(text, mutation), text.replace("<", "<="))

    def test_shares_are_in_proportion(self):
        self.assertEqual(shares({"a": 50, "b": 30, "c": 20}, 10), {"a": 5, "b": 3, "c": 2})
        self.assertEqual(sum(shares({"a": 1, "b": 1, "c": 1}, 200).values()), 200)


SOURCE = """int fee(int weight)
{
    if (weight > 10)
        return 7;
    return 2;
}

int same(int a)
{
    return a + 0;
}

int untested(int a)
{
    return a * 3;
}
"""
CHECK = """int fee(int weight);
int same(int a);

int main(void)
{
    return fee(20) == 7 && fee(1) == 2 && same(4) == 4 ? 0 : 1;
}
"""
LISTS = {
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.18)
project(toy LANGUAGES C)
enable_testing()
add_subdirectory(src)
add_subdirectory(tests)
""",
    "src/CMakeLists.txt": "add_library(toy STATIC base/toy.c)\n",
    "tests/CMakeLists.txt": """add_executable(check check.c)
target_link_libraries(check PRIVATE toy)
add_test(NAME check COMMAND check WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME always_red COMMAND false WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
""",
    "src/base/toy.c": SOURCE,
    "tests/check.c": CHECK,
}


class Toy(SpiralTest):
    def test_survivors_fail_unless_they_are_in_the_page(self):
        for name, text in LISTS.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)
        build = self.folder / "work" / "build"
        subprocess.run(["cmake", "-G", "Unix Makefiles", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                        "-S", self.folder, "-B", build], check=True, capture_output=True)
        subprocess.run(["cmake", "--build", build], check=True, capture_output=True)

        code, lines = self.run_mutants()
        self.assertEqual(code, 1)
        self.assertIn("red without a mutant, and not used: always_red", lines)
        self.assertEqual(lines[-1], "8 mutants, 4 found, 4 survived (4 of them not in tests/MUTANTS.md)")
        survived = [line for line in lines if line.startswith("SURVIVED")]
        self.assertEqual(sum("not reached by any test" in line for line in survived), 2)
        rows = [line for line in lines if line.startswith("| ")]
        self.assertIn("| `base/toy.c` | `fee` | `` if (weight > 10) `` | `` if (weight >= 10) `` | REASON |", rows)

        page = self.folder / "tests" / "MUTANTS.md"
        page.write_text("\n".join(rows) + "\n")
        code, lines = self.run_mutants()
        self.assertEqual((code, lines[-1]), (0, "8 mutants, 4 found, 4 survived (each in tests/MUTANTS.md)"))

        page.write_text(page.read_text().replace("weight > 10", "weight > 9"))
        code, lines = self.run_mutants()
        self.assertEqual((code, lines[-1]), (1, "8 mutants, 4 found, 4 survived (2 of them not in tests/MUTANTS.md)"))
        self.assertEqual(sum("no mutant of the source is this one" in line for line in lines), 2)

    def run_mutants(self, *options):
        done = subprocess.run([sys.executable, "-B", MUTANTS / "run.py", "--jobs", "1", "--count", "100", *options, self.folder,
                               self.folder / "work" / "build", self.folder / "work"], check=False, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()


if __name__ == "__main__":
    unittest.main()
