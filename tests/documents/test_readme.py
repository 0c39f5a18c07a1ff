"""The README's examples work as they stand.

Its blocks marked sh are run in order, in one scratch folder with data/ in it and spiral on the PATH. A block marked text
right below one is what it prints, to the character. Blocks with other marks (console, c, python) are not run here.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL, SpiralTest  # noqa: E402

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(text):
    """[(line, shell, printed or None)]."""
    blocks = [(match.start(), match.end(), match.group(1), match.group(2)) for match in FENCE.finditer(text)]
    found = []
    for i, (start, end, mark, body) in enumerate(blocks):
        if mark == "sh":
            below = blocks[i + 1] if i + 1 < len(blocks) else None
            printed = below[3] if below and below[2] == "text" and not text[end:below[0]].strip() else None
            found.append((text.count("\n", 0, start) + 1, body, printed))
    return found


class Readme(SpiralTest):
    def run_examples(self, path, least):
        os.symlink(ROOT / "data", self.folder / "data")
        environment = dict(os.environ, PATH=f"{os.path.dirname(SPIRAL)}:{os.environ['PATH']}")
        found = examples(path.read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(found), least)
        left_out = 0
        for line, shell, printed in found:
            if re.search(r"\bjq\b", shell) and not shutil.which("jq"):
                left_out += 1
                continue
            done = subprocess.run(["sh", "-euc", shell], cwd=self.folder, env=environment, capture_output=True, text=True,
                                  encoding="utf-8", stdin=subprocess.DEVNULL, timeout=200, check=False)
            where = f"{path.name}:{line}\n{shell}"
            self.assertEqual(done.returncode, 0, f"{where}{done.stdout}{done.stderr}")
            if printed is not None:
                self.assertEqual(done.stdout, printed, where)
        if left_out > 0:
            self.skipTest(f"jq is not installed: {left_out} of {len(found)} examples were left out")

    def test_readme(self):
        self.run_examples(ROOT / "README.md", least=8)

    def test_every_link_to_a_file_of_the_repository_leads_somewhere(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        links = re.findall(r"(?:\]\(|src=\")(?!https?:|#)([^)\"#]+)", text)
        self.assertGreater(len(links), 3)
        for link in links:
            self.assertTrue((ROOT / link).exists(), link)


if __name__ == "__main__":
    unittest.main()
