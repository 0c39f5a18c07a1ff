"""The rows of tests/FAULTS.md, so that a test asks for the very message that the page promises."""

import functools
import pathlib

PAGE = pathlib.Path(__file__).resolve().parents[1] / "FAULTS.md"


@functools.cache
def rows():
    """[(command, fault, exit code, message, what is on disk, tests)] as the page has them."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            found.append([cell.strip().replace("\\|", "|") for cell in line.strip("|").split(" | ")])
    return found


def promised(file, name):
    """(exit code, message) of the row whose test is NAME in faults/FILE."""
    cells = [row for row in rows() if f"`faults/{file}: {name}`" in row[-1]]
    assert len(cells) == 1, f"{len(cells)} rows of FAULTS.md for {file}: {name}, expected one"
    return int(cells[0][2]), cells[0][3]
