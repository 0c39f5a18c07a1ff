"""What `spiral --version` says: CMakeLists.txt's version, and the commit when it was built in a checkout."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

BUILD = pathlib.Path(os.environ.get("SPIRAL_BUILD", str(ROOT / "build")))


class Program(SpiralTest):
    def test_the_version_is_that_of_cmakelists_and_the_commit_that_of_the_build(self):
        version = re.search(r"project\(spiral VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
        commit = re.fullmatch(r'#define SPIRAL_COMMIT "(.*)"\n', (BUILD / "generated" / "base" / "commit.h").read_text()).group(1)
        done = subprocess.run([SPIRAL, "--version"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.splitlines()[0], f"spiral {version}" + (f", commit {commit}" if commit else ""))


@unittest.skipUnless(shutil.which("git"), "git is not installed")
class Commit(SpiralTest):
    """commit.cmake in checkouts of its own."""

    def setUp(self):
        super().setUp()
        self.source, self.header = self.folder / "a source", self.folder / "built" / "commit.h"
        self.source.mkdir()

    def git(self, *arguments, folder=None):
        own = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main", "-c", "core.hooksPath=/dev/null"]
        return subprocess.run(["git", *own, *arguments], cwd=folder or self.source, capture_output=True, text=True,
                              check=True).stdout.strip()

    def commit(self, folder=None):
        ((folder or self.source) / "file").write_text("1\n")
        self.git("init", "-q", folder=folder)
        self.git("add", "file", folder=folder)
        self.git("commit", "-q", "-m", "first", folder=folder)

    def header_says(self):
        subprocess.run(["cmake", "-D", f"SOURCE={self.source}", "-D", f"HEADER={self.header}", "-P",
                        ROOT / "src" / "base" / "commit.cmake"], check=True, env=dict(os.environ, GIT_DIR="/nowhere"))
        return re.fullmatch(r'#define SPIRAL_COMMIT "(.*)"\n', self.header.read_text()).group(1)

    def test_a_tarball_has_no_commit_also_inside_another_checkout(self):
        self.assertEqual(self.header_says(), "")
        self.commit(self.folder)
        self.assertEqual(self.header_says(), "")

    def test_a_checkout_has_the_words_of_git_describe(self):
        self.commit()
        self.assertEqual(self.header_says(), self.git("rev-parse", "--short=7", "HEAD"))
        self.git("tag", "v1.2.3")
        self.assertEqual(self.header_says(), "v1.2.3")
        (self.source / "file").write_text("2\n")
        self.assertEqual(self.header_says(), "v1.2.3-dirty")
        self.git("commit", "-q", "-a", "-m", "second")
        self.assertRegex(self.header_says(), r"^v1\.2\.3-1-g[0-9a-f]{7}$")

    def test_the_header_is_written_only_when_the_commit_is_another(self):
        self.commit()
        self.header_says()
        os.utime(self.header, ns=(1, 1))
        self.header_says()
        self.assertEqual(self.header.stat().st_mtime_ns, 1)
        (self.source / "file").write_text("2\n")
        self.header_says()
        self.assertNotEqual(self.header.stat().st_mtime_ns, 1)


if __name__ == "__main__":
    unittest.main()
