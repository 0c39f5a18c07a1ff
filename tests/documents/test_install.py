"""cmake --install puts everything where it belongs, no link of the pages is dead there, and programs in C and C++ are built against it
by pkg-config, find_package and add_subdirectory."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

BUILD = os.environ.get("SPIRAL_BUILD", str(ROOT / "build"))
VERSION = re.search(r"project\(spiral VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")).group(1)
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
        self.assertIn(VERSION, self.run_command(self.prefix / "bin" / "spiral", "--version"))
        self.assertIn(".Dt SPIRAL 1", self.only("share/man/man1/spiral.1").read_text())
        self.assertIn(".Dt SPIRAL-TRAIN 1", self.only("share/man/man1/spiral-train.1").read_text())
        self.assertEqual(len(list(self.prefix.glob("share/man/man1/*"))), 11)
        for name in ("bash-completion/completions/spiral", "zsh/site-functions/_spiral", "fish/vendor_completions.d/spiral.fish"):
            self.assertIn("--out" if "fish" not in name else "-l out", self.only(f"share/{name}").read_text())
        for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", *(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))):
            self.only(f"share/doc/spiral/{name}")
        self.assertIn(f"## [{VERSION}]", self.only("share/doc/spiral/CHANGELOG.md").read_text(encoding="utf-8"))

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

    # ---- the Debian package

    def test_the_debian_package(self):
        for tool in ("dpkg-shlibdeps", "lintian"):
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is not installed")
        self.run_command("cpack", "--config", f"{BUILD}/CPackConfig.cmake", "-G", "DEB", "-B", self.folder / "packed")
        package, = (self.folder / "packed").glob("*.deb")
        found = subprocess.run(["lintian", "--fail-on", "error", package], capture_output=True, text=True, check=False)
        self.assertEqual(found.returncode, 0, found.stdout)
        self.run_command("dpkg-deb", "-x", package, "root")
        root = self.folder / "root" / "usr"
        self.assertIn(VERSION, self.run_command(root / "bin" / "spiral", "--version"))
        documents = root / "share" / "doc" / "spiral"
        self.assertIn("Bitstream Vera", (documents / "copyright").read_text(encoding="utf-8"))  # of the embedded font
        self.assertTrue((documents / "changelog.gz").is_file())
        self.assertEqual(list((root / "share" / "man" / "man1").glob("*.1")), [])  # compressed, as Debian asks

    # ---- programs that use the library

    CONSUMER = """#include <spiral/spiral.h>
#include <stdio.h>

int main(void)
{
    double v = 0.0;
    SpiralRng rng;
    spiral_rng_seed(&rng, 0);
    for (int i = 0; i < 3; i++)
        v = spiral_rng_uniform(&rng);
    SpiralNetwork *network = NULL;
    SpiralStatus status = spiral_network_load("no.npz", &network, NULL);
    printf("%.8f %d %s\\n", v, (int)status, spiral_version());
    return 0;
}
"""

    def check_consumer(self, program):
        """numpy.random.RandomState(0).random_sample(3)[2], the status INPUT, the version."""
        self.assertEqual(self.run_command(program), f"0.60276338 3 {VERSION}\n")

    def build_by_cmake(self, language, find, *options):
        source = self.folder / "consumer"
        source.mkdir()
        ending = {"C": "c", "CXX": "cpp"}[language]
        (source / f"main.{ending}").write_text(self.CONSUMER)
        (source / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.18)\nproject(consumer LANGUAGES {language})\n"
                                               f"set(CMAKE_CXX_STANDARD 17)\n{find}\nadd_executable(consumer main.{ending})\n"
                                               "target_link_libraries(consumer PRIVATE spiral::spiral)\n")
        self.run_command("cmake", "-S", source, "-B", self.folder / "made", *options)
        self.run_command("cmake", "--build", self.folder / "made", "--parallel", "2")
        self.check_consumer(self.folder / "made" / "consumer")

    def test_a_program_in_cxx_by_pkg_config(self):
        (self.folder / "main.cpp").write_text(self.CONSUMER)
        pc = self.only("**/spiral.pc")
        flags = self.run_command("pkg-config", "--cflags", "--libs", "spiral", PKG_CONFIG_PATH=str(pc.parent))
        self.run_command("sh", "-c", f"c++ -std=c++17 -Wall -Wextra -pedantic -Werror main.cpp {flags.strip()} -o consumer")
        self.check_consumer("./consumer")

    def test_a_program_in_c_by_find_package(self):
        self.build_by_cmake("C", f"find_package(spiral {VERSION} REQUIRED)", f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def test_a_program_in_cxx_by_find_package(self):
        self.build_by_cmake("CXX", f"find_package(spiral {VERSION} REQUIRED)", f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def test_a_program_in_c_by_add_subdirectory(self):
        self.build_by_cmake("C", f"add_subdirectory({ROOT} spiral)", "-DCMAKE_BUILD_TYPE=Debug", "-DSPIRAL_LEVEL=base")
        self.assertEqual(list((self.folder / "made").glob("**/CTestTestfile.cmake")), [])


if __name__ == "__main__":
    unittest.main()
