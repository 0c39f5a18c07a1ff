"""scripts/sweep.sbatch, with a Slurm of this machine alone: its shards merged are the sweep of one process, also when
tasks fail, are requeued or out of time."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from cluster import LIMIT, LONG, SMALL, SPIRAL, ClusterTest, rows_of, unavailable, wait_until

HERE = pathlib.Path(__file__).resolve().parent
OVER = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE")


def ask(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                          timeout=LIMIT).stdout


def job(number):
    """The fields of a job, a task (ARRAY_TASK) or of an array's first task as Slurm shows them."""
    line = ask("scontrol", "--oneliner", "show", "job", number).splitlines()[0]
    return dict(field.split("=", 1) for field in line.split() if "=" in field)


class Slurm(ClusterTest):
    def submit(self, tasks, *options, **variables):
        """The numbers of the array and of the merge."""
        text = self.script("sweep.sbatch", f"--array=1-{tasks}", "--cpus-per-task=1", "--", *options, **variables)
        return re.findall(r"job (\d+)", text)

    def sbatch(self, *arguments):
        """By hand."""
        return ask("sbatch", "--parsable", f"--chdir={self.folder}", *arguments).strip()

    def end(self, number):
        """Waits for a job's end and gives back its fields."""
        return wait_until(f"the end of job {number}", lambda: self.ended(number))

    def ended(self, number):
        fields = job(number)
        return fields if fields["JobState"] in OVER else None

    def printed(self):
        return "".join(f"{path.name}:\n{path.read_text()}" for path in sorted(self.folder.glob("spiral-sweep*.out")))

    def assert_done(self, number):
        fields = self.end(number)
        self.assertEqual((fields["JobState"], fields["ExitCode"]), ("COMPLETED", "0:0"),
                         self.printed() + ask("scontrol", "--oneliner", "show", "job"))

    def test_an_array_and_the_merge_that_depends_on_it_give_the_bytes_of_one_process(self):
        array, merge = self.submit(4, "--out", "sweep", *SMALL)
        self.assert_done(merge)
        tasks = [job(f"{array}_{task}") for task in range(1, 5)]
        self.assertEqual([task["JobState"] for task in tasks], ["COMPLETED"] * 4)
        self.assertLessEqual(max(task["EndTime"] for task in tasks), job(merge)["StartTime"])
        self.assert_as_one_process(self.folder / "sweep", SMALL, 12)

    def test_by_hand_in_a_folder_of_another_name(self):
        script = str(HERE.parents[1] / "scripts" / "sweep.sbatch")
        array = self.sbatch("--hold", "--array=1-2", script, "-o", "a sweep", *SMALL)
        merge = self.sbatch(f"--dependency=afterok:{array}", script, "--merge", "a sweep")
        self.assertEqual(job(merge)["Dependency"], f"afterok:{array}_*(unfulfilled)")
        ask("scontrol", "release", array)
        self.assert_done(merge)
        self.assert_as_one_process(self.folder / "a sweep", SMALL, 12)

    def test_a_failed_task_cancels_the_merge_and_the_same_command_again_runs_what_is_missing(self):
        program = self.failing_once(2)
        array, merge = self.submit(3, "--out", "sweep", *SMALL, SPIRAL=program)
        self.assertEqual(self.end(merge)["JobState"], "CANCELLED")
        for task, code in ((1, "0:0"), (2, "4:0"), (3, "0:0")):
            self.assertEqual(self.end(f"{array}_{task}")["ExitCode"], code)
        self.assertFalse((self.folder / "sweep" / "results.csv").exists())
        self.assertEqual(len(self.calls()), 3)
        done = self.rows(3)
        self.assert_done(self.submit(3, "--out", "sweep", *SMALL, SPIRAL=program)[1])
        self.assertEqual(len(self.calls()), 4)
        self.assertLess(done, self.rows(3))
        self.assert_as_one_process(self.folder / "sweep", SMALL, 12)

    def rows(self, shards):
        """The runs done in the shards, with the seconds that they took."""
        return {line for shard in range(1, shards + 1)
                for line in rows_of(self.folder / "sweep" / f"shard-{shard}" / "results.csv")}

    def waits(self, number):
        """For its time, and nothing of it runs any more."""
        fields = job(number)
        return (fields["JobState"], fields["Reason"]) == ("PENDING", "BeginTime")

    def test_tasks_out_of_time_and_requeued_ones_go_on(self):
        array, merge = self.submit(2, "--out", "sweep", *LONG)
        for task, stop in ((1, ["scancel", "--batch", "--signal=USR1"]), (2, ["scontrol", "requeue"])):
            results = self.folder / "sweep" / f"shard-{task}" / "results.csv"
            wait_until(f"a row of task {task}", lambda results=results: rows_of(results))
            ask(*stop, f"{array}_{task}")
        for task in (1, 2):
            # Slurm would wait two minutes; a node refuses what it has stopped within the same second.
            wait_until(f"task {task} is queued again", lambda task=task: self.waits(f"{array}_{task}"))
            ask("scontrol", "update", f"JobId={array}_{task}", "StartTime=now+2")
        done = self.rows(2)
        self.assertFalse((self.folder / "sweep" / "results.csv").exists())
        self.assert_done(merge)
        self.assertEqual([job(f"{array}_{task}")["Restarts"] for task in (1, 2)], ["1", "1"])
        self.assertLess(done, self.rows(2)) # not run again: their seconds are the same
        self.assert_as_one_process(self.folder / "sweep", LONG, 40)

    def test_a_task_that_got_through_no_run_in_its_time_fails(self):
        array, merge = self.submit(1, "--out", "sweep", "--learning-rate", "0.1,1", "--iterations", 1000000000)
        wait_until("the sweep has begun", (self.folder / "sweep" / "shard-1" / "sweep.json").exists)
        ask("scancel", "--batch", "--signal=USR1", f"{array}_1")
        self.assertEqual(self.end(f"{array}_1")["ExitCode"], "143:0")
        self.assertIn("--time has to be longer", self.printed())
        self.assertEqual(self.end(merge)["JobState"], "CANCELLED")

    def test_cancelled_tasks_end_at_once(self):
        array, _ = self.submit(1, "--out", "sweep", "--learning-rate", "0.1,1", "--iterations", 1000000000)
        wait_until("the sweep has begun", (self.folder / "sweep" / "shard-1" / "sweep.json").exists)
        ask("scancel", array)
        self.assertEqual(self.end(f"{array}_1")["JobState"], "CANCELLED")
        # Later signals of Slurm are KILL: what the program itself ended with shows that it saw the first one.
        wait_until("the code", lambda: job(f"{array}_1")["ExitCode"] == "143:0")

    def test_wrong_calls_are_refused(self):
        for arguments, message in (([], "no --"), (["--out", "s"], "no --"), (["--"], "--array=1-N"),
                                   (["--array=1-4", "--"], "--out DIR is missing"), (["--array=0-3", "--"], "0-3"),
                                   (["--array", "1-9:2", "--"], "1-9:2"), (["-a", "1,2", "--"], "1,2"),
                                   (["--array=1-4", "--", "--out"], "--out takes a folder")):
            self.assertEqual(self.script("sweep.sbatch", *arguments, code=2), "")
            self.assertIn(message, self.messages)
        self.assertEqual(ask("squeue", "--noheader", "--states=PENDING,RUNNING"), "")

    def test_an_array_that_leaves_shards_out_is_refused(self):
        array = self.sbatch("--array=2-3", HERE.parents[1] / "scripts" / "sweep.sbatch", "--out", "sweep", *SMALL)
        self.assertEqual(self.end(f"{array}_2")["ExitCode"], "2:0")
        self.assertEqual(self.end(f"{array}_3")["ExitCode"], "2:0")
        self.assertIn("expected all of 1-N", self.printed())
        self.assertFalse((self.folder / "sweep").exists())


def processes_of(folder):
    """The command lines of the processes that have to do with a folder."""
    lines = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:  # ended meanwhile
            pass
    return [line for line in lines if folder in line]


def run():
    """The tests, with a Slurm that is there as long as they are."""
    if not os.access(SPIRAL, os.X_OK):
        unavailable(f"there is no {SPIRAL}")
    folder = tempfile.mkdtemp(prefix="spiral-slurm-")
    slurm = subprocess.Popen([HERE / "slurm-loopback", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, start_new_session=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))  # and Slurm ends with its standard input
    started = slurm.stdout.readline() == "ready\n"
    passed = False
    try:
        if started:
            os.environ["SLURM_CONF"] = str(pathlib.Path(folder, "slurm.conf"))
            os.environ["SPIRAL"] = SPIRAL
            passed = unittest.main(exit=False).result.wasSuccessful()
    finally:
        messages = slurm.communicate()[1].strip()
        left = processes_of(folder)
        shutil.rmtree(folder)
    if left or slurm.returncode != (0 if started else 77):
        sys.exit(f"slurm-loopback ended with code {slurm.returncode} and left {left}\n{messages}")
    if not started:
        unavailable(messages)
    sys.exit(not passed)


if __name__ == "__main__":
    run()
