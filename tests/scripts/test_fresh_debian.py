"""scripts/test --on: what it refuses, and that nothing of the fresh Debian is left when it fails or is interrupted; with stand-ins
for what needs root."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

STAND_INS = {
    "apt-config": "",
    "apt-get": "echo Debian-Security http://one.test/; echo Debian mirror+file:/etc/two; echo Debian http://three.test/debian/",
    "unshare": 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"',
}


class FreshDebian(SpiralTest):
    def setUp(self):
        super().setUp()
        self.bin = self.folder / "bin"
        self.temporary = self.folder / "temporary"
        self.bin.mkdir()
        self.temporary.mkdir()
        self.calls = self.folder / "calls"
        for name, body in STAND_INS.items():
            self.stand_in(name, body)

    def stand_in(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def start(self, *arguments, script="lib/fresh-debian"):
        return subprocess.Popen([ROOT / "scripts" / script, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "TMPDIR": str(self.temporary)})

    def test_a_debian_that_can_t_be_made_fails_with_the_reason_and_leaves_nothing(self):
        self.stand_in("debootstrap", f'echo "$1 $2 $3 $#" >{self.calls}; mkdir "$3"; echo "E: no such suite"; exit 1')
        run = self.start("trixie")
        printed, messages = run.communicate(timeout=60)
        self.assertEqual((run.returncode, printed, messages), (1, "== trixie: debootstrap\n", "E: no such suite\n"))
        options, suite, folder, count = self.calls.read_text().split()
        self.assertEqual((options, suite, count), ("--variant=minbase", "trixie", "4"))
        self.assertTrue(folder.startswith(str(self.temporary)))
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_the_mirror_is_apt_s_first_of_debian_that_is_a_web_address(self):
        self.stand_in("debootstrap", f'echo "$4" >{self.calls}; exit 1')
        self.start("trixie").communicate(timeout=60)
        self.assertEqual(self.calls.read_text(), "http://three.test/debian/\n")

    def test_without_such_a_mirror_debootstrap_takes_its_own(self):
        self.stand_in("apt-get", "echo Ubuntu http://one.test/")
        self.stand_in("debootstrap", f"echo $# >{self.calls}; exit 1")
        self.start("trixie").communicate(timeout=60)
        self.assertEqual(self.calls.read_text(), "3\n")

    def test_an_interrupt_leaves_nothing(self):
        self.stand_in("debootstrap", f'mkdir -p "$3/usr"; : >{self.calls}; while kill -0 $PPID; do sleep 0.05; done 2>/dev/null')
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.calls.unlink(missing_ok=True)
                run = self.start("trixie")
                for _ in range(600):
                    if self.calls.exists():
                        break
                    time.sleep(0.05)
                self.assertEqual(len(list(self.temporary.iterdir())), 1)
                run.send_signal(number)
                _, messages = run.communicate(timeout=60)
                self.assertEqual((run.returncode, messages), (128 + number, ""))
                self.assertEqual(list(self.temporary.iterdir()), [])

    def test_what_is_refused(self):
        self.stand_in("id", "echo 1000")
        for code, arguments, message in ((2, ["--on"], "--on needs the name of a Debian"),
                                         (2, ["--on", "--quick"], "--on needs the name of a Debian"),
                                         (2, ["--without-sys"], "--without-sys goes with --on"),
                                         (1, ["--on", "trixie"], "--on needs root")):
            with self.subTest(arguments):
                run = self.start(*arguments, script="test")
                printed, messages = run.communicate(timeout=60)
                self.assertEqual((run.returncode, printed), (code, ""))
                self.assertIn(message, messages)


if __name__ == "__main__":
    unittest.main()
