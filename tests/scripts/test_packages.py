"""scripts/lib/packages.sh installs what is missing, and nothing else: run with stand-ins for apt-get, dpkg-query, id, sudo."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

NEEDED_TO_BUILD = ["gcc", "cmake", "make", "pkg-config", "libopenblas-dev", "libstb-dev", "libzip-dev", "zlib1g-dev",
                   "libcjson-dev", "fonts-dejavu-core"]
TOOLS = ["bash", "sh", "cat", "sed", "tr", "grep", "env", "paste"]


class Packages(SpiralTest):
    def setUp(self):
        super().setUp()
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            self.bin.joinpath(tool).symlink_to(shutil.which(tool))
        self.calls = self.folder / "calls"
        self.calls.touch()

    def stand_in(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def system(self, installed, user=0, apt='echo "apt-get $*" >>calls'):
        """A Debian system with these packages."""
        listing = "".join(f"installed {line},\n" if " " in line else f"installed {line}, \n" for line in installed)
        self.folder.joinpath("listing").write_text(listing + "config-files libzip-dev, \n")
        self.stand_in("dpkg-query", "cat listing")
        self.stand_in("id", f"echo {user}")
        self.stand_in("apt-get", apt)

    def install(self, *jobs, code=0):
        script = f'set -euo pipefail; . "{ROOT}/scripts/lib/packages.sh"; spiral_packages_install "$@"'
        done = subprocess.run(["bash", "-c", script, "bash", *jobs], cwd=self.folder, env={"PATH": str(self.bin)},
                              capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.messages = done.stdout + done.stderr
        return self.calls.read_text().splitlines()

    def test_nothing_missing_needs_no_root_and_calls_nothing(self):
        self.system(NEEDED_TO_BUILD, user=1000)
        self.assertEqual(self.install("build"), [])
        self.assertEqual(self.messages, "")

    def test_a_package_that_another_provides_is_not_missing(self):
        self.system([name for name in NEEDED_TO_BUILD if name != "pkg-config"] + ["pkgconf, pkg-config (= 1.8.1)"])
        self.assertEqual(self.install("build"), [])

    def test_only_what_is_missing_is_installed_and_the_lists_are_not_fetched(self):
        self.system([name for name in NEEDED_TO_BUILD if name not in ("libzip-dev", "cmake")])
        calls = self.install("build")
        self.assertEqual(len(calls), 1)
        self.assertTrue(calls[0].endswith("install -y --no-install-recommends cmake libzip-dev"), calls)

    def test_a_package_with_a_longer_name_is_another_one(self):
        self.system(["gcc-12", "gcc-12-base, libgcc-12-base"] + NEEDED_TO_BUILD[1:])
        self.assertTrue(self.install("build")[0].endswith(" gcc"))

    def test_when_the_first_try_fails_the_lists_are_fetched_and_it_is_tried_again(self):
        self.system(NEEDED_TO_BUILD[:-1], apt='echo "apt-get $*" >>calls\ncase $* in *update) touch fetched ;; esac\n'
                                             '[ -e fetched ]')
        self.stand_in("touch", ": >fetched")
        calls = self.install("build")
        self.assertEqual([call.split("=300 ")[1].split()[0] for call in calls], ["install", "update", "install"])

    def test_a_failure_of_apt_is_one_of_the_script(self):
        self.system(NEEDED_TO_BUILD[:-1], apt="exit 100")
        self.install("build", code=1)
        self.assertIn("fonts-dejavu-core", self.messages)

    def test_without_root_and_sudo_the_command_is_named(self):
        self.system(NEEDED_TO_BUILD[1:], user=1000)
        self.assertEqual(self.install("build", code=1), [])
        self.assertIn("apt-get install gcc", self.messages)

    def test_without_root_sudo_is_used(self):
        self.system(NEEDED_TO_BUILD[1:], user=1000)
        self.stand_in("sudo", 'echo "sudo $*" >>calls')
        calls = self.install("build")
        self.assertEqual(len(calls), 1)
        self.assertTrue(calls[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get"), calls)

    def test_the_tests_need_more(self):
        self.system(NEEDED_TO_BUILD)
        calls = self.install("build", "test")
        for name in ("libcmocka-dev", "python3-numpy", "pngcheck", "clang"):
            self.assertIn(name, calls[0].split())

    def test_the_bench_needs_its_peers(self):
        self.system(NEEDED_TO_BUILD)
        calls = self.install("build", "bench")
        for name in ("numpy", "torch", "sklearn", "pandas", "matplotlib"):
            self.assertIn(f"python3-{name}", calls[0].split())

    def test_the_schedulers_are_installed_for_the_whole_test(self):
        self.system(NEEDED_TO_BUILD)
        for name in ("slurm-wlm", "munge", "parallel"):
            self.assertIn(name, self.install("cluster")[-1].split())
        self.assertIn('[ "$form" = quick ] || packages+=(mpi cluster)\n', (ROOT / "scripts" / "test").read_text())

    def test_without_apt_the_packages_are_named(self):
        self.install("build", "test", code=1)
        for name in (*NEEDED_TO_BUILD, "libcmocka-dev"):
            self.assertIn(name, self.messages)

    def test_without_apt_what_is_there_will_do(self):
        for tool in ("cmake", "make", "pkg-config", "cc"):
            self.stand_in(tool, "exit 0")
        self.assertEqual(self.install("build"), [])

    def test_the_readme_names_the_packages(self):
        lists = re.search(r"The packages: `([^`]*)`; for\s+the tests also `([^`]*)`", (ROOT / "README.md").read_text(encoding="utf-8"))
        for job, names in zip(("build", "test"), lists.groups()):
            script = f'. "{ROOT}/scripts/lib/packages.sh"; spiral_packages_of {job}'
            needed = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()
            self.assertEqual(set(names.split()), set(needed) - {"python3"})  # python3-numpy needs it

    def test_the_scripts_explain_themselves_and_refuse_what_they_do_not_know(self):
        for script in ("animate", "bench", "demo", "sweep-parallel", "test"):
            path = ROOT / "scripts" / script
            done = subprocess.run([path, "--help"], capture_output=True, text=True, check=True, cwd=self.folder)
            self.assertIn(f"usage: scripts/{script}", done.stdout)
            done = subprocess.run([path, "--no-such-option"], capture_output=True, text=True, check=False, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("--no-such-option", done.stderr)
        self.assertTrue(os.access(ROOT / ".ci" / "run", os.X_OK))


if __name__ == "__main__":
    unittest.main()
