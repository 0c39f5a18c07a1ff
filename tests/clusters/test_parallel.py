"""scripts/sweep-parallel, with GNU parallel on this machine: its shards merged are the sweep of one process."""

import os
import shutil
import signal
import subprocess
import unittest

from cluster import LIMIT, LONG, ROOT, SMALL, SPIRAL, ClusterTest, rows_of, unavailable, wait_until
from support import SIGNAL_BEFORE_A_COMMAND # cluster has put its folder on the path

# Stands for ssh: another folder, nothing of this environment.
SSH = """#!/bin/sh
echo "$1" >>{folder}/hosts-seen
shift
[ "$1" != -- ] || shift
cd / && exec env -i HOME="$HOME" PATH=/usr/local/bin:/usr/bin:/bin SHELL=/bin/sh sh -c "$*"
"""


class Parallel(ClusterTest):
    def parallel(self, *arguments, **keywords):
        return self.script("sweep-parallel", *arguments, **keywords)

    def test_the_shards_of_local_slots_are_merged_to_the_bytes_of_one_process(self):
        self.parallel("--shards", 4, "--slots", 2, "--", "--out", "sweep", "--jobs", 1, *SMALL)
        self.assert_as_one_process(self.folder / "sweep", SMALL, 12)
        status = [line for line in rows_of(self.folder / "sweep" / "results.csv") if "diverged" in line]
        self.assertTrue(0 < len(status) < 12, status)

    def test_a_shard_that_failed_is_run_by_the_same_command_again_and_it_alone(self):
        command = ["--shards=3", "--", "--out=sweep", "--jobs", 1, *SMALL]
        program = self.failing_once(2)
        self.parallel(*command, code=4, SPIRAL=program)
        self.assertIn("shard 2 failed with code 4", self.messages)
        self.assertIn("no room", self.messages)
        self.assertEqual([call.split()[-1] for call in self.calls()], ["1/3", "2/3", "3/3"])
        self.assertFalse((self.folder / "sweep" / "results.csv").exists())
        self.parallel(*command, SPIRAL=program)
        calls = self.calls()
        self.assertEqual(len(calls), 2)
        self.assertIn("sweep --merge=sweep", calls)
        self.assertTrue(calls[1].endswith("--shard 2/3"), calls)
        self.assert_as_one_process(self.folder / "sweep", SMALL, 12)

    def test_the_hosts_of_a_file_share_the_shards(self):
        ssh = self.executable("ssh", SSH.format(folder=self.folder))
        (self.folder / "hosts").write_text("alpha\n# none\n\nbeta\n")
        self.parallel("--hosts", "hosts", "--", "--out", "a sweep", "--jobs", 1, *SMALL, PARALLEL_SSH=ssh)
        self.assertEqual(set((self.folder / "hosts-seen").read_text().split()), {"alpha", "beta"})
        shards = sorted(path.name for path in (self.folder / "a sweep").glob("shard-*"))
        self.assertEqual(shards, ["shard-1", "shard-2"])
        self.assert_as_one_process(self.folder / "a sweep", SMALL, 12)

    def test_what_was_interrupted_goes_on(self):
        command = [str(ROOT / "scripts" / "sweep-parallel"), "--shards", "2", "--slots", "2", "--", "--out", "sweep",
                   "--jobs", "1", *LONG]
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            job = subprocess.Popen(command, cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
            self.addCleanup(job.stderr.close)
            self.addCleanup(job.kill)
            before = self.rows()
            wait_until("a row more", lambda: self.rows() > before)
            os.killpg(job.pid, number)
            messages = job.communicate(timeout=LIMIT)[1]
            self.assertEqual(job.returncode, code, messages)
            self.assertIn("the same command again goes on", messages)
            self.assertFalse((self.folder / "sweep" / "results.csv").exists())
        done = self.rows()
        self.parallel(*command[1:])
        self.assertLessEqual(done, self.rows()) # not run again: their seconds are the same
        self.assert_as_one_process(self.folder / "sweep", LONG, 40)

    def test_a_signal_before_any_command_of_the_script_interrupts_it(self):
        commands, first, script = self.folder / "commands", self.folder / "first", ROOT / "scripts" / "sweep-parallel"
        first.write_text(SIGNAL_BEFORE_A_COMMAND, encoding="utf-8")
        codes = []
        while "wait $!" not in (commands.read_text().splitlines() if codes else []):
            commands.unlink(missing_ok=True)
            environment = self.environment(BASH_ENV=first, SIGNAL_TO=script, SIGNAL_BEFORE=len(codes) + 1)
            job = subprocess.run([script, "--", "--out", "sweep", *LONG], cwd=self.folder, env=environment,
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=LIMIT)
            codes.append(job.returncode)
            if job.returncode != -signal.SIGTERM: # before its traps it ends as any does
                self.assertEqual(job.returncode, 143, job.stderr)
                self.assertIn("the same command again goes on", job.stderr)
        self.assertEqual(codes.count(-signal.SIGTERM), 2, codes)
        self.assertGreater(codes.count(143), 3)

    def rows(self):
        """The runs done in the shards, with the seconds that they took."""
        return {line for shard in (1, 2) for line in rows_of(self.folder / "sweep" / f"shard-{shard}" / "results.csv")}

    def test_the_folder_of_another_sweep_is_refused_and_stays(self):
        self.parallel("--shards", 2, "--", "--out", "sweep", *SMALL)
        before = (self.folder / "sweep" / "results.csv").read_bytes()
        self.parallel("--shards", 2, "--", "--out", "sweep", *SMALL[:-1], 50, code=3)
        self.assertIn("shard 1 failed with code 3", self.messages)
        self.parallel("--shards", 3, "--", "--out", "sweep", *SMALL, code=3)
        self.assertIn("holds a sweep of 2 shards", self.messages)
        self.assertEqual((self.folder / "sweep" / "results.csv").read_bytes(), before)
        self.parallel("--shards", 2, "--", "--out", "sweep", *SMALL)

    def test_wrong_calls_are_refused(self):
        (self.folder / "empty").write_text("# none\n")
        for arguments, message in (([], "no --"), (["--out", "sweep"], "'--out'"), (["--"], "--out DIR is missing"),
                                   (["--", "--out"], "--out DIR is missing"), (["--shards", "0", "--"], "'0'"),
                                   (["--shards", "--"], "--shards takes a value"), (["--slots=x", "--"], "'x'"),
                                   (["--hosts", "none", "--", "--out", "s"], "'none'"), (["-x", "--"], "'-x'"),
                                   (["--hosts", "empty", "--", "--out", "s"], "names no host"),
                                   (["--", "--out", "s", "--shard", "1/2"], "--shard is"),
                                   (["--", "--out", "s", "--resume"], "--resume is")):
            self.assertEqual(self.parallel(*arguments, code=2), "")
            self.assertIn(message, self.messages)
        self.assertFalse((self.folder / "s").exists())

    def test_without_gnu_parallel_it_says_so(self):
        tools = self.folder / "bin"
        tools.mkdir()
        for tool in ("bash", "env", "realpath", "dirname", "cat"):
            (tools / tool).symlink_to(shutil.which(tool))
        self.parallel("--", "--out", "s", code=5, PATH=tools)
        self.assertIn("GNU parallel is not installed", self.messages)


if __name__ == "__main__":
    if not os.access(SPIRAL, os.X_OK):
        unavailable(f"there is no {SPIRAL}")
    if not shutil.which("parallel"):
        unavailable("GNU parallel is not installed (parallel)")
    unittest.main()
