"""A build folder of CMake's (Unix Makefiles), copies of it in which one source is another, and ctest's tests in such a copy."""

import json
import os
import pathlib
import resource
import shlex
import shutil
import signal
import subprocess
import time

# Of a test: more than any has ever taken, so that only what doesn't end meets them.
LEAST_SECONDS = 20
TIMES_LONGER = 10
MOST_BYTES = 8 << 30  # of addresses, and of a file

# In each marked source; its runtime is marks.c.
MARK = "extern unsigned char *mutants_reached;\n"


class Build:
    """What CMake knows: how each object is compiled, how each target is linked, how each test is run."""

    def __init__(self, folder, source):
        self.folder, self.source = folder, source
        self.compiles = {}  # object: (folder, command)
        self.objects = {}  # source below src/: its objects
        for entry in json.loads((folder / "compile_commands.json").read_text()):
            command = shlex.split(entry["command"])
            if pathlib.Path(command[0]).name == "ccache":
                del command[0]
            file = pathlib.Path(entry["file"])
            if source / "src" not in file.parents or file.suffix != ".c":
                continue
            made = self.inside(pathlib.Path(entry["directory"]) / command[command.index("-o") + 1])
            self.compiles[made] = (entry["directory"], command, str(file))
            self.objects.setdefault(file.relative_to(source / "src").as_posix(), []).append(made)
        self.links = {}  # target: (folder, commands, what it is linked from)
        for script in folder.rglob("link.txt"):
            where = script.parents[2]
            commands = script.read_text()
            words = shlex.split(commands.splitlines()[0])
            target = words[words.index("-o") + 1] if "-o" in words else words[2]  # ar qc TARGET
            parts = {self.inside(where / word) for word in words if word.endswith((".o", ".a")) and word != target
                     and not word.startswith("/")}
            self.links[self.inside(where / target)] = (where, commands, parts)

    def inside(self, path):
        return os.path.relpath(path, self.folder)

    def own_objects(self, file):
        """The objects that the program and the library are made of: the tests have some of their own."""
        return [made for made in self.objects[file] if made.startswith("src/") and "spiral_reference.dir" not in made]

    def compile(self, made, text, output, options=()):
        """Compiles a text in the place of the object's source; true when it compiles."""
        folder, command, file = self.compiles[made]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.unlink(missing_ok=True)
        with_text = output.parent / pathlib.Path(file).name
        with_text.write_text(text, encoding="utf-8", errors="surrogateescape")
        command = [str(with_text) if word == file else word for word in command]
        command[command.index("-o") + 1] = str(output)
        options = ["-iquote", str(pathlib.Path(file).parent), "-Werror=int-conversion", "-Werror=incompatible-pointer-types",
                   *options]
        done = subprocess.run([command[0], *options, *command[1:]], cwd=folder, capture_output=True, check=False)
        with_text.unlink()
        return done.returncode == 0 and output.exists()

    def tests(self, chosen):
        """The names, commands, folders and environments of ctest's tests that the options of ctest choose."""
        text = subprocess.run(["ctest", "--show-only=json-v1", *chosen], cwd=self.folder, capture_output=True, check=True).stdout
        tests = []
        for test in json.loads(text)["tests"]:
            properties = {p["name"]: p["value"] for p in test["properties"]}
            if "command" in test:
                tests.append(Test(test["name"], test["command"], properties["WORKING_DIRECTORY"],
                                  properties.get("ENVIRONMENT", []), properties.get("SKIP_RETURN_CODE")))
        return tests


class Test:
    def __init__(self, name, command, folder, environment, skipped):
        self.name, self.command, self.folder, self.environment, self.skipped = name, command, folder, environment, skipped
        self.seconds, self.reached = None, frozenset()

    def uses(self, build):
        """The build's programs that are named in its command and its environment."""
        words = [*self.command, *(value.split("=", 1)[-1] for value in self.environment)]
        return [inside for inside in map(build.inside, words) if inside in build.links]


class Tree:
    """A copy of a build by hard links, in which objects can be replaced."""

    def __init__(self, build, folder, origin=None):
        self.build, self.folder = build, folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(origin or build.folder, folder, copy_function=os.link, symlinks=True)
        self.changed, self.extra = {}, ""
        self.linked = {}  # target: is it another than the build's?

    def replace(self, objects):
        """{object: a file to be in its place}"""
        for made, file in objects.items():
            self.changed[made] = file
            (self.folder / made).unlink()
            os.link(file, self.folder / made)

    def link(self, target):
        """Links a target anew when something that it is made of is replaced. Is it?"""
        if target not in self.linked:
            where, commands, parts = self.build.links[target]
            self.linked[target] = any([self.link(part) if part in self.build.links else part in self.changed for part in parts])
            if self.linked[target]:
                (self.folder / target).unlink()
                first, *others = commands.splitlines()
                extra = "" if target.endswith(".a") else self.extra
                subprocess.run(["sh", "-ec", "\n".join([first + extra, *others])], cwd=self.folder / self.build.inside(where),
                               check=True, capture_output=True)
        return self.linked[target]

    def restore(self):
        for path in [*self.changed, *(target for target, other in self.linked.items() if other)]:
            (self.folder / path).unlink(missing_ok=True)
            os.link(self.build.folder / path, self.folder / path)
        self.changed, self.linked = {}, {}

    def run(self, test, **more):
        """Runs a test here. Is it green? And how many seconds did it take?"""
        old, new = str(self.build.folder), str(self.folder)
        scratch = self.folder / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        scratch.chmod(0o1777)
        environment = {**os.environ, "TMPDIR": str(scratch), **more}
        environment.update(value.replace(old, new).split("=", 1) for value in test.environment)
        seconds = max(LEAST_SECONDS, TIMES_LONGER * (test.seconds or 30))

        def limits():
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):  # nohup and & ignore them, and the tests send them
                signal.signal(number, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
            resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        start = time.monotonic()
        child = subprocess.Popen([word.replace(old, new) for word in test.command], cwd=test.folder.replace(old, new),
                                 env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 start_new_session=True, preexec_fn=limits)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        took = time.monotonic() - start
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        self.end_leftovers()
        return code == 0 or (code is not None and code == test.skipped), took

    def end_leftovers(self):
        """Ends what the tree's programs have left running, in sessions of their own."""
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.folder in pathlib.Path(os.readlink(entry / "exe")).parents:
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                pass
