"""cmake --install puts everything where it belongs, no link of the pages is dead there, and their C examples are built against it."""

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
        self.assertIn(".Dt SPIRAL-TRAIN 1", self.only("share/man/man1/spiral-train.1").read_text())
        self.assertEqual(len(list(self.prefix.glob("share/man/man1/*"))), 11)
        for name in ("bash-completion/completions/spiral", "zsh/site-functions/_spiral", "fish/vendor_completions.d/spiral.fish"):
            self.assertIn("--out" if "fish" not in name else "-l out", self.only(f"share/{name}").read_text())
        for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", *(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))):
            self.only(f"share/doc/spiral/{name}")
        self.assertIn(f"## [{version}]", self.only("share/doc/spiral/CHANGELOG.md").read_text(encoding="utf-8"))

    def test_the_installed_animate_explains_itself_as_its_man_page_does(self):
        script = self.prefix / "bin" / "spiral-animate"
        text = self.run_command(script, "--help")
        self.assertIn("usage: spiral-animate DIR", text)
        page = self.only("share/man/man1/spiral-animate.1").read_text()
        self.assertEqual(re.findall(r"^\.It .*Fl -(\w+)", page, re.M), re.findall(r"^  .*?--(\w+)", text, re.M))
        done = subprocess.run([script, "missing"], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, "spiral-animate: there is no folder 'missing'\n"))

    def test_no_link_of_an_installed_page_is_dead(self):
        pages = list(self.prefix.glob("share/doc/spiral/**/*.md"))
        self.assertGreater(len(pages), 10)
        for page in pages:
            text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
            for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
                self.assertTrue((page.parent / link).exists(), f"{page.relative_to(self.prefix)}: {link}")

    def test_the_readme_s_c_example(self):
        self.assertRegex(self.run_example("README.md"), r"^loss 0\.\d{6}, accuracy 0\.\d\d\n$")

    def test_the_library_page_s_c_example(self):
        os.symlink(ROOT / "data", self.folder / "data")
        self.assertRegex(self.run_example("docs/library.md"), r"^(\d+00|0): validation loss \d\.\d{4}\n(\d+: validation loss .*\n)+$")
        self.assertTrue((self.folder / "model.npz").exists())

    def run_example(self, page):
        """What the C example of a page prints, built against the installed library."""
        (example,) = re.findall(r"^```c\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
        (self.folder / "example.c").write_text(example)
        pc = self.only("**/spiral.pc")
        flags = self.run_command("pkg-config", "--cflags", "--libs", "spiral", PKG_CONFIG_PATH=str(pc.parent))
        errors = ["-Werror"] if os.environ.get("CI") == "true" else []
        command = " ".join([*COMPILE, "-std=c11", "-Wall", "-Wextra", *errors, "example.c", flags.strip(), "-o example"])
        self.run_command("sh", "-c", command)
        return self.run_command("./example")


if __name__ == "__main__":
    unittest.main()
