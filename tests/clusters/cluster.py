"""What the tests of the schedulers share: the sweep that they run, its comparison, what happens without a scheduler."""

import os
import pathlib
import shlex
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

LIMIT = 180  # seconds, after which what is waited for will not come any more

# The last of these rates diverge.
SMALL = ["--learning-rate", "log:1e-2:1e9:12", "--iterations", "60"]
# Long enough that it is interrupted in the middle, also where a sanitizer makes it slow.
LONG = ["--learning-rate", "log:1e-2:1:40", "--iterations", "200" if "SPIRAL_SANITIZED" in os.environ else "2000"]


def unavailable(reason):
    """Ends as a skipped test, or as a failed one where no test may be skipped."""
    required = os.environ.get("CI") == "true"
    print(f"{'FAILED: may not be skipped where CI=true' if required else 'skipped'}: {reason}", file=sys.stderr)
    sys.exit(1 if required else 77)


def wait_until(what, condition):
    """Asks until the condition gives something true, which is given back."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{LIMIT} s over, and still not: {what}")


def rows_of(path):
    """The whole lines of a results.csv behind its header; none when there is no such file yet."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return text[:text.rfind("\n") + 1].splitlines()[1:]


class ClusterTest(SpiralTest):
    def environment(self, **variables):
        return {**os.environ, "SPIRAL": SPIRAL, **{name: str(value) for name, value in variables.items()}}

    def script(self, name, *arguments, code=0, **variables):
        """Runs scripts/NAME in self.folder and checks its exit code; gives back what it printed on stdout, and leaves
        what it printed on stderr in self.messages."""
        command = [str(ROOT / "scripts" / name), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, env=self.environment(**variables), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=LIMIT)
        self.messages = done.stderr
        self.assertEqual(done.returncode, code, f"{shlex.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def executable(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def failing_once(self, shard):
        """A program that is spiral, but for the first time it is to run this shard. It notes how it is called."""
        return self.executable("unreliable", f"""#!/bin/sh
echo "$*" >>{self.folder}/calls
case " $* " in
    *" --shard {shard}/"*) [ -e {self.folder}/failed ] || {{ : >{self.folder}/failed; echo "no room" >&2; exit 4; }} ;;
esac
exec {SPIRAL} "$@"
""")

    def calls(self):
        """How the program of failing_once was called since the last time this was asked, in the order of the words."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.unlink()
        return sorted(lines)

    def without_seconds(self, path):
        """The bytes of a results.csv, its seconds column aside."""
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        place = header.split(",").index("seconds")
        return [[field for i, field in enumerate(line.split(",")) if i != place] for line in (header, *lines)]

    def assert_as_one_process(self, merged, options, count):
        """Is this the sweep that one process makes of the options?"""
        self.spiral("sweep", "--out", "one", "--no-figures", "--quiet", *options)
        expected = self.without_seconds(self.folder / "one" / "results.csv")
        self.assertEqual(len(expected), 1 + count)
        self.assertEqual(self.without_seconds(merged / "results.csv"), expected)
