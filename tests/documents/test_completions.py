"""What bash, zsh and fish offer at the tab key is what spiral --help has. bash and zsh are tried at a terminal, too (tmux)."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import SPIRAL, SpiralTest, skip_without_terminals  # noqa: E402
from test_options import COMMANDS, MADE, options_of  # noqa: E402

FILES = ("data.csv", "model.npz", "picture.png", "notes.txt")


class Completions(SpiralTest):
    def setUp(self):
        super().setUp()
        for name in FILES:
            (self.folder / name).touch()
        (self.folder / "folder").mkdir()
        os.symlink(SPIRAL, self.folder / "spiral")

    def check(self, offered):
        """offered(line) is the set of words that a shell offers behind the line."""
        self.assertLessEqual(set(COMMANDS) | {"help", "version"}, offered("spiral "))
        self.assertEqual(offered("spiral gen") - {"generate"}, set())
        self.assertEqual(offered("spiral train --optimizer ada"), {"adagrad", "adam", "adamw"})
        self.assertEqual(offered("spiral plot --x-scale "), {"linear", "log"})
        for command in COMMANDS:
            self.assertEqual({word.lstrip("-").rstrip("=") for word in offered(f"spiral {command} --")}, options_of(command),
                             command)
        self.assertEqual({word.rstrip("/") for word in offered("spiral predict --model ")} - {"folder"}, {"model.npz"})
        self.assertEqual({word.rstrip("/") for word in offered("spiral train --data ")} - {"folder"}, {"data.csv", "model.npz"})
        self.assertEqual({word.rstrip("/") for word in offered("spiral train --out ")}, {"folder"})

    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_bash(self):
        script = """. "$1"; COMP_WORDS=($2); [[ $2 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _spiral; printf '%s\\n' "${COMPREPLY[@]}" """

        def offered(line):
            done = subprocess.run(["bash", "-c", script, "bash", str(MADE / "spiral.bash"), line], cwd=self.folder,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.stderr, "")
            return set(done.stdout.split())

        self.check(offered)
        self.assertEqual(offered("spiral train --model = li"), {"linear"})
        self.assertEqual(offered("spiral predict --model a.npz,mo"), {"a.npz,model.npz"})
        self.assertEqual(offered("spiral predict --model a&b.npz,mo"), {"a&b.npz,model.npz"})

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        def offered(line):
            script = f"source {shlex.quote(str(MADE / 'spiral.fish'))}; complete -C {shlex.quote(line)}"
            done = subprocess.run(["fish", "--no-config", "-c", script], cwd=self.folder, capture_output=True, text=True, check=False,
                                  env=dict(os.environ, HOME=str(self.folder), PATH=f"{self.folder}:{os.environ['PATH']}"))
            self.assertEqual(done.stderr, "")
            return {each.split("\t")[0] for each in done.stdout.splitlines()}

        self.check(offered)

    # ---- at a terminal ------------------------------------------------------------------------------------------------

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", str(self.folder / "socket"), "-f", "/dev/null", *arguments], cwd=self.folder,
                              capture_output=True, text=True, check=True).stdout

    def wait_for(self, pattern):
        for _ in range(300):
            screen = self.tmux("capture-pane", "-p", "-t", "0")
            if re.search(pattern, screen):
                return screen
            time.sleep(0.1)
        self.fail(f"{pattern} does not appear on\n{screen}")

    def at_the_terminal(self, *shell):
        """Types the beginnings of words, and a tab behind each."""
        skip_without_terminals()
        self.tmux("new-session", "-d", "-x", "200", "-y", "60", *shell)
        self.addCleanup(lambda: self.tmux("kill-server"))
        self.wait_for(r"ready>")
        for typed, completed in (("spiral tr", r"ready> spiral train"), ("--optimizer nest", r"--optimizer nesterov"),
                                 ("--data dat", r"--data data\.csv"), ("--model=li", r"--model=linear"),
                                 ("--out fol", r"--out folder/")):
            self.tmux("send-keys", "-l", "--", typed + "\t")
            self.wait_for(completed)

    @unittest.skipUnless(shutil.which("tmux") and shutil.which("bash"), "tmux or bash is not installed")
    def test_bash_at_a_terminal(self):
        (self.folder / "rc").write_text(f"PS1='ready> '\n. {shlex.quote(str(MADE / 'spiral.bash'))}\nbind 'set bell-style none'\n")
        self.at_the_terminal("bash", "--rcfile", str(self.folder / "rc"), "-i")

    @unittest.skipUnless(shutil.which("tmux") and shutil.which("zsh"), "tmux or zsh is not installed")
    def test_zsh_at_a_terminal(self):
        (self.folder / ".zshrc").write_text(f"PS1='ready> '\nfpath=({shlex.quote(str(MADE))} $fpath)\nautoload -Uz compinit\n"
                                            "compinit -u -D\n")
        self.at_the_terminal("env", f"ZDOTDIR={self.folder}", f"PATH={self.folder}:{os.environ['PATH']}", "zsh", "-i")

    def test_zsh_has_every_option(self):
        text = (MADE / "_spiral").read_text(encoding="utf-8")
        for command in COMMANDS:
            part = re.search(rf"^        {command}\) .*?;;$", text, re.MULTILINE | re.DOTALL).group(0)
            named = set(re.findall(r"(?:'\*?|[{,])--([a-z][a-z0-9-]*)", part))
            self.assertEqual(named, options_of(command), command)


if __name__ == "__main__":
    unittest.main()
