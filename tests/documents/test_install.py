"""cmake --install puts everything where it belongs, and the README's C example is built against what it installed."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

BUILD = os.environ.get("SPIRAL_BUILD", str(ROOT / "build"))
COMPILE = os.environ.get("SPIRAL_COMPILE", "cc").split()


class Install(SpiralTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        self.run_command("cmake", "--install", BUILD, "--prefix", self.prefix)

    def run_command(self, *command, **environment):
        done = subprocess.run([str(part) for part in command], cwd=self.folder, env=dict(os.environ, **environment),
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def only(self, pattern):
        found = list(self.prefix.glob(pattern))
        self.assertEqual(len(found), 1, f"{pattern}: {found}")
        return found[0]

    def test_the_program_its_man_page_and_its_documents(self):
        version = re.search(r"project\(spiral VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
        self.assertIn(version, self.run_command(self.prefix / "bin" / "spiral", "--version"))
        self.assertIn(".Dt SPIRAL 1", self.only("share/man/man1/spiral.1").read_text())
        for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"):
            self.only(f"share/doc/spiral/{name}")
        self.assertIn(f"## [{version}]", self.only("share/doc/spiral/CHANGELOG.md").read_text(encoding="utf-8"))

    def test_the_readme_s_c_example_against_the_installed_library(self):
        example = re.search(r"^```c\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S).group(1)
        (self.folder / "example.c").write_text(example)
        pc = self.only("**/spiral.pc")
        flags = self.run_command("pkg-config", "--cflags", "--libs", "spiral", PKG_CONFIG_PATH=str(pc.parent))
        errors = ["-Werror"] if os.environ.get("CI") == "true" else []
        command = " ".join([*COMPILE, "-std=c11", "-Wall", "-Wextra", *errors, "example.c", flags.strip(), "-o example"])
        self.run_command("sh", "-c", command)
        self.assertRegex(self.run_command("./example"), r"^loss 0\.\d{6}, accuracy 0\.\d\d\n$")


if __name__ == "__main__":
    unittest.main()
