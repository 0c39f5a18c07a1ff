"""Outputs follow no symbolic link out of the output folder, whoever laid it there: what it leads to stays as it was. What leads into
/dev or /proc is written through, and nothing is ever put in its place."""

import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))
from support import SPIRAL, SpiralTest  # noqa: E402

TRAIN = ["train", "--model", "linear", "--iterations", "20", "--points-per-class", "20", "--quiet"]
SWEEP = ["sweep", "--model", "linear", "--iterations", "20", "--points-per-class", "20", "--quiet", "--learning-rate", "0.1,0.3",
         "--jobs", "1"]
PRECIOUS = b"not to be touched\n"


# A /dev of its own for what runs as root, which could replace the machine's.
OWN_DEV = """mount -t tmpfs -o mode=755 tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mkdir -m 1777 /dev/shm &&
ln -s /proc/self/fd/0 /dev/stdin && ln -s /proc/self/fd/1 /dev/stdout && ln -s /proc/self/fd/2 /dev/stderr &&
ln -s /proc/self/fd /dev/fd || exit 99
"""


class Streams(SpiralTest):
    """`$0 explain` onto what is no regular file, or looks as if it were one."""

    def setUp(self):
        super().setUp()
        self.expected = self.spiral("explain").encode()

    def shell(self, script, user=False):
        """Runs the script with bash in a /dev of its own; as somebody else when user."""
        command = ["bash", "-o", "pipefail", "-ec", script, SPIRAL]
        if os.geteuid() == 0:
            as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if user else []
            command = ["unshare", "-m", "bash", "-c", OWN_DEV + 'exec "$@"', "bash", *as_user, *command]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False, timeout=200)
        if done.returncode == 99 or b"unshare" in done.stderr:
            self.skipTest("root needs a mount namespace for a /dev of its own, and there is none to be had")
        self.assertEqual((done.returncode, done.stderr), (0, b""), script)
        return done.stdout

    def check(self, script, user=False):
        (self.folder / "file").write_bytes(b"")
        self.assertEqual(self.shell(script + "\n[ -L /dev/stdout ]\n[ -c /dev/null ]", user), b"")
        self.assertEqual((self.folder / "file").read_bytes(), self.expected)
        self.assertEqual([name for name in os.listdir(self.folder) if ".tmp" in name], [])

    def test_standard_output_by_its_names(self):
        (self.folder / "link").symlink_to("/dev/stdout")
        (self.folder / "second").symlink_to("link")
        (self.folder / "devices").symlink_to("/dev")
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link", "./second", "devices/stdout", "devices/../dev/fd/1"):
            with self.subTest(name):
                self.check(f'"$0" explain -o {name} > file')

    def test_a_descriptor_that_the_caller_opened(self):
        self.check('"$0" explain -o /dev/fd/7 7> file')
        self.check('"$0" explain -o /dev/stderr 2> file')
        self.check('"$0" explain -o >(cat > file; : > done) ; while ! [ -e done ]; do sleep 0.02; done')

    def test_a_user_who_may_not_open_the_file_anew(self):
        """The shell of another user opened it, as sudo's does."""
        os.chmod(self.folder, 0o755)
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            with self.subTest(name):
                (self.folder / "file").write_bytes(b"")
                with open(self.folder / "file", "wb") as file:
                    os.chmod(self.folder / "file", 0o400 if os.geteuid() == 0 else 0)
                    command = [SPIRAL, "explain", "-o", name]
                    if os.geteuid() == 0:
                        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
                    done = subprocess.run(command, cwd="/", stdout=file, stderr=subprocess.PIPE, check=False, timeout=200)
                os.chmod(self.folder / "file", 0o600)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual((self.folder / "file").read_bytes(), self.expected)

    def test_what_is_appended_to_is_kept(self):
        self.shell('echo before > file; "$0" explain -o /dev/stdout >> file; echo after >> file')
        self.assertEqual((self.folder / "file").read_bytes(), b"before\n" + self.expected + b"after\n")
        self.shell('{ echo before; "$0" explain -o /dev/fd/1; echo after; } > file')
        self.assertEqual((self.folder / "file").read_bytes(), b"before\n" + self.expected + b"after\n")

    def test_nothing_is_made_in_dev(self):
        self.shell("""ln -s /dev/none link
for path in /dev/none link; do
    code=0; "$0" explain -o $path 2> message || code=$?
    [ $code -eq 4 ]
    grep -q "$path: could not be written: No such file" message
    [ ! -e /dev/none ]
    [ -L link ]
done""")
        self.shell("""ln -s /dev/null nowhere
for path in /dev/null nowhere; do
    "$0" explain -o $path
    [ -c /dev/null ]
    [ -L nowhere ]
done""")

    def test_files_in_shared_memory_are_files(self):
        self.shell('"$0" explain -o /dev/shm/spiral-test-$$ ; mv /dev/shm/spiral-test-$$ file')
        self.assertEqual((self.folder / "file").read_bytes(), self.expected)

    def test_data_into_a_pipe_is_csv(self):
        expected = self.spiral("generate", "-o", "-").encode()
        self.assertEqual(self.shell('"$0" generate -o /dev/fd/1 | cat'), expected)
        self.assertEqual(self.shell('"$0" generate -o >(cat > file; : > done) ; while ! [ -e done ]; do sleep 0.02; done; cat file'),
                         expected)

    def test_the_programs_own_files_are_no_outputs(self):
        for name in ("/dev/fd/3", "/dev/fd/4", "/dev/fd/99"):
            self.spiral("explain", "-o", name, code=4)
            self.assertEqual(self.messages, f"spiral: error: {name}: could not be written: Bad file descriptor\n")


class Links(SpiralTest):
    def setUp(self):
        super().setUp()
        self.elsewhere = self.folder / "elsewhere"
        self.elsewhere.mkdir()
        (self.elsewhere / "precious").write_bytes(PRECIOUS)
        self.out = self.folder / "out"

    def lay(self, name, target):
        """A link out of the output folder."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
        return path

    def check_elsewhere(self, *names):
        self.assertEqual(sorted(os.listdir(self.elsewhere)), sorted(["precious", *names]))
        self.assertEqual((self.elsewhere / "precious").read_bytes(), PRECIOUS)

    def test_a_file_that_is_a_link_is_replaced_not_followed(self):
        names = ("model.npz", "summary.json", "boundary.png", "loss.png")
        for name in names:
            self.lay(name, "../elsewhere/precious")
        dangling = self.lay("checkpoint.npz", "../elsewhere/new")
        self.spiral(*TRAIN, "--checkpoint-every", "10", "--out", "out")
        for name in names:
            self.assertFalse((self.out / name).is_symlink(), name)
            self.assertGreater((self.out / name).stat().st_size, len(PRECIOUS), name)
        self.assertFalse(dangling.is_symlink())
        self.check_elsewhere()

    def test_a_log_that_is_a_link_is_refused(self):
        for target in ("../elsewhere/precious", "../elsewhere/new"):
            with self.subTest(target):
                path = self.lay("loss.csv", target)
                self.spiral(*TRAIN, "--out", "out", code=4)
                self.assertRegex(self.messages, r"\Aspiral: error: out/loss\.csv: is a symbolic link, expected a regular file\n\Z")
                self.assertEqual(os.listdir(self.out), ["loss.csv"])
                self.check_elsewhere()
                path.unlink()

    def test_a_pipe_behind_a_link_is_refused(self):
        """A pipe at the path itself is written into, so is what the system links to."""
        os.mkfifo(self.folder / "pipe")
        self.lay("model.npz", "../pipe")
        self.spiral(*TRAIN, "--out", "out", code=4)
        self.assertIn("spiral: error: out/model.npz: is a symbolic link to a pipe or a device, expected a regular file", self.messages)
        self.assertEqual(os.listdir(self.out), ["model.npz"])
        expected = self.spiral("explain", "-o", "-")
        self.assertEqual(self.spiral("explain", "-o", "/dev/stdout"), expected)
        self.assertEqual(self.spiral("explain", "-o", "/proc/self/fd/1"), expected)
        with subprocess.Popen([SPIRAL, "explain", "-o", "pipe"], cwd=self.folder) as process:
            self.assertEqual((self.folder / "pipe").read_text(encoding="utf-8"), expected)
        self.assertEqual(process.returncode, 0)

    def test_a_folder_within_the_output_folder_that_is_a_link_is_refused(self):
        for name, command in (("frames", [*TRAIN, "--frames-every", "10"]), ("runs", SWEEP), ("runs/0001", SWEEP)):
            with self.subTest(name):
                self.lay(name, self.elsewhere)
                self.spiral(*command, "--out", "out", code=4)
                self.assertIn(f"spiral: error: out/{name}: is a symbolic link, expected a folder\n", self.messages)
                self.check_elsewhere()
                shutil.rmtree(self.out)

    def test_a_sweep_removes_nothing_behind_a_link(self):
        """A run that is not kept loses its files, but not through a link in the place of its folder or of all runs."""
        self.spiral(*SWEEP, "--keep", "best:1", "--out", "out")
        (kept,) = os.listdir(self.out / "runs")
        shutil.copy(self.out / "runs" / kept / "model.npz", self.elsewhere)
        self.lay("runs/0001" if kept == "0000" else "runs/0000", self.elsewhere)
        self.spiral(*SWEEP, "--keep", "best:1", "--out", "out", "--resume")
        self.check_elsewhere("model.npz")

        shutil.rmtree(self.out)
        self.spiral(*SWEEP, "--keep", "none", "--out", "out")
        (self.elsewhere / "0000").mkdir()
        (self.elsewhere / "model.npz").rename(self.elsewhere / "0000" / "model.npz")
        self.lay("runs", self.elsewhere)
        self.spiral(*SWEEP, "--keep", "none", "--out", "out", "--resume")
        self.check_elsewhere("0000")
        self.assertEqual(os.listdir(self.elsewhere / "0000"), ["model.npz"])

    def test_the_output_folder_itself_may_be_a_link(self):
        """It is the caller who named it."""
        (self.folder / "linked").symlink_to("elsewhere")
        self.spiral(*TRAIN, "--no-figures", "--out", "linked")
        self.check_elsewhere("loss.csv", "model.npz", "summary.json")


if __name__ == "__main__":
    unittest.main()
