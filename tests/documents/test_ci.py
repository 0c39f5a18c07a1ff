"""docs/ci.md: the GitHub Actions job does what it says. Its steps are run here as a runner does, but for those that install and build."""

import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

WORKFLOW = re.search(r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL).group(1)
ELSEWHERE = ("Install what spiral is built from", "Build spiral")


def steps():
    """{name: script} of the steps that run something."""
    found = {}
    for step in re.split(r"^      - ", WORKFLOW, flags=re.MULTILINE)[1:]:
        name = re.match(r"name: (.*)", step)
        script = re.search(r"^        run: (?:\|\n(.*)|(.*)\n)", step, re.MULTILINE | re.DOTALL)
        if name and script:
            found[name.group(1)] = textwrap.dedent(script.group(1) or script.group(2))
    return found


class Workflow(SpiralTest):
    def run_step(self, name, code=0):
        """bash -eo pipefail, as on GitHub; what the step says of itself is left in summary.md."""
        environment = dict(os.environ, PATH=f"{os.path.dirname(SPIRAL)}:{os.environ['PATH']}",
                           GITHUB_STEP_SUMMARY=str(self.folder / "summary.md"))
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps()[name]], cwd=self.folder,
                              env=environment, capture_output=True, text=True, encoding="utf-8", timeout=200, check=False)
        self.assertEqual(done.returncode, code, f"{name}\n{done.stdout}{done.stderr}")
        return done.stderr

    def test_every_step_runs_in_order(self):
        os.symlink(ROOT / "data", self.folder / "data")
        names = [name for name in steps() if name not in ELSEWHERE]
        self.assertEqual(names, ["Check the data", "Train", "Test", "Sweep", "Report"])
        for name in names:
            if name != "Report" or shutil.which("jq"):
                self.run_step(name)
        predicted = json.loads((self.folder / "ci" / "predict.json").read_text(encoding="utf-8"))
        self.assertGreaterEqual(predicted["accuracy"], 0.95)
        if shutil.which("jq"):
            self.assertIn("setosa: precision 1, recall 1", (self.folder / "summary.md").read_text(encoding="utf-8"))

    def test_a_step_fails_when_the_accuracy_is_low(self):
        (self.folder / "data").mkdir()
        rows = (ROOT / "data" / "iris.csv").read_text(encoding="utf-8").splitlines()
        names = [row.rpartition(",")[2] for row in rows[1:]]
        shuffled = [f"{row.rpartition(',')[0]},{names[i * 7 % 150]}" for i, row in enumerate(rows[1:])]
        (self.folder / "data" / "iris.csv").write_text("\n".join(rows[:1] + shuffled) + "\n", encoding="utf-8")
        self.assertIn("--require-accuracy expected at least 0.9", self.run_step("Train", code=1))
        self.assertIn("--require-accuracy expected at least 0.95", self.run_step("Test", code=1))

    def test_it_installs_what_the_project_is_built_from(self):
        listed = re.search(r"apt-get install -y (.*?)\n\n", WORKFLOW, re.DOTALL).group(1).replace("\\\n", " ").split()
        script = f". {ROOT}/scripts/lib/packages.sh && spiral_packages_of build"
        needed = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(sorted(listed), sorted([*needed, "jq"]))

    @unittest.skipUnless(importlib.util.find_spec("yaml"), "PyYAML is not installed")
    def test_it_is_yaml(self):
        import yaml
        jobs = yaml.safe_load(WORKFLOW)["jobs"]
        named = {step["name"]: step["run"] for step in jobs["train"]["steps"] if "run" in step}
        self.assertEqual({name: script.split() for name, script in named.items()},
                         {name: script.split() for name, script in steps().items()})


if __name__ == "__main__":
    unittest.main()
