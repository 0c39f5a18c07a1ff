"""scripts/release: the version, the changelog and the tag are set once; run again it makes the same bytes; what it refuses. With
stand-ins for what builds."""

import datetime
import os
import pathlib
import subprocess
import sys
import tarfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

STAND_INS = {
    "cmake": 'if [ "$1" = -S ]; then mkdir -p "$4"; fi',
    "cpack": 'echo "$SOURCE_DATE_EPOCH" >spiral_1.2.3_any.deb',
    "dpkg-query": "echo installed; for p in $NEEDED; do echo \"installed $p,\"; done",
}
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\nThe next version, 1.2.3.\n\n### Added\n- Something.\n\n## [1.0.0]\n\n- All.\n"
NAMES = ("spiral-1.2.3.tar.gz", "spiral_1.2.3_any.deb", "SHA256SUMS")


class Release(SpiralTest):
    def setUp(self):
        super().setUp()
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name, body in STAND_INS.items():
            (self.bin / name).write_text(f"#!/bin/sh\n{body}\n")
            (self.bin / name).chmod(0o755)
        needed = subprocess.run(["bash", "-c", '. "$1" && spiral_packages_of build && spiral_packages_of package', "-",
                                 ROOT / "scripts/lib/packages.sh"], capture_output=True, text=True, check=True).stdout
        self.environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "NEEDED": needed,
                            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.invalid",
                            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.invalid"}
        self.checkout = self.folder / "checkout"
        for name in ("scripts/release", "scripts/lib/root.sh", "scripts/lib/packages.sh"):
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((ROOT / name).read_bytes())
            path.chmod(0o755)
        (self.checkout / "CMakeLists.txt").write_text("project(spiral VERSION 1.0.0 LANGUAGES C)\n")
        (self.checkout / "CHANGELOG.md").write_text(CHANGELOG)
        (self.checkout / ".gitignore").write_text("/build*/\n")
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.checkout, env=self.environment, capture_output=True, text=True,
                              check=True).stdout

    def release(self, *arguments, code=0):
        done = subprocess.run(["scripts/release", *arguments], cwd=self.checkout, env=self.environment, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr.splitlines()[0]

    def files(self):
        return {name: (self.checkout / "build-release" / name).read_bytes() for name in NAMES}

    def test_a_release_and_the_same_again(self):
        self.release("1.2.3")
        first = self.files()
        self.assertEqual((self.checkout / "CMakeLists.txt").read_text(), "project(spiral VERSION 1.2.3 LANGUAGES C)\n")
        today = datetime.datetime.now(datetime.timezone.utc).date()
        self.assertIn((self.checkout / "CHANGELOG.md").read_text(),
                      [CHANGELOG.replace("[Unreleased]\n\nThe next version, 1.2.3.", f"[1.2.3] - {day}") for day in (today, today - datetime.timedelta(1))])
        self.assertEqual(self.git("describe", "HEAD"), "v1.2.3\n")
        self.assertEqual(self.git("status", "--porcelain"), "")
        with tarfile.open(self.checkout / "build-release" / NAMES[0]) as source:
            self.assertIn("spiral-1.2.3/CMakeLists.txt", source.getnames())
            self.assertEqual({member.mode & 0o022 for member in source.getmembers()}, {0})
        self.assertEqual(subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=self.checkout / "build-release",
                                        check=False).returncode, 0)
        self.release("1.2.3")
        self.assertEqual(self.files(), first)
        self.assertEqual(self.git("rev-list", "--count", "HEAD"), "2\n")

    def test_refusals(self):
        for version in ("1.2", "v1.2.3", "01.2.3", ""):
            self.assertIn("one version like 0.2.0 is expected", self.release(version, code=2))
        (self.checkout / "CMakeLists.txt").write_text("changed\n")
        self.assertIn("changes that are not committed", self.release("1.2.3", code=1))
        self.git("checkout", "--quiet", ".")
        self.assertIn("has [1.0.0] already", self.release("1.0.0", code=1))
        self.git("tag", "v1.2.3")
        self.git("commit", "--quiet", "--allow-empty", "--message", "more")
        self.assertIn("v1.2.3 is another commit", self.release("1.2.3", code=1))
        self.assertEqual((self.checkout / "CHANGELOG.md").read_text(), CHANGELOG)

    def test_nothing_to_release(self):
        self.release("1.2.3")
        self.assertIn("there is nothing to release", self.release("1.2.4", code=1))
        self.assertEqual(self.git("tag"), "v1.2.3\n")


if __name__ == "__main__":
    unittest.main()
