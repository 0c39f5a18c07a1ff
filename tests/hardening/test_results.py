"""Every call in src/ whose result is not looked at stands in tests/RESULTS.md, and nothing else does."""

import pathlib
import re
import tempfile
import unittest

import results

PAGE = results.ROOT / "tests" / "RESULTS.md"


def listed():
    """{function: None (everywhere) or the files}"""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3:
            assert cells[2], line
            for name in re.findall(r"`(\w+)`", cells[0]):
                assert name not in found, name
                found[name] = None if cells[1] == "everywhere" else set(re.findall(r"`([^`]+)`", cells[1]))
    return found


class Results(unittest.TestCase):
    def test_the_page_and_the_sources_agree(self):
        page, found = listed(), results.unlooked()
        self.assertGreater(len(page), 40)
        missing = {f"{name} in {file}:{lines}" for name, files in found.items() for file, lines in files.items()
                   if name not in page or (page[name] is not None and file not in page[name])}
        stale = {f"{name} in {sorted(files or [])}" for name, files in page.items()
                 if name not in found or (files is not None and files - set(found[name]))}
        self.assertEqual((missing, stale), (set(), set()))

    def test_calls_that_are_statements_are_found(self):
        source = """
/* close(1); */
static int own(int a)
{
    int found = a ? close(1) : close(2);
    if (close(3) != 0 && rename("close(4);", "x") == 0)
        close(5);
    else
        unlink("x"); // close(6);
    for (int i = 0; i < 3; close(7), i++)
        (void)write(1,
                    "y", 1);
    switch (found) {
    case 1:
        fsync(a);
        break;
    default: fclose(f); return close(8);
    }
    do sync(own(0)); while (close(9));
    { setitimer(a, &(struct itimerval){.it_value = {1, (2)}}, NULL); }
    return own(close(10));
}
"""
        with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
            file.write(source)
            file.flush()
            calls = [name for _, name in results.statements(results.bare(pathlib.Path(file.name)))]
        self.assertEqual(calls, ["close", "unlink", "write", "fsync", "fclose", "sync", "setitimer"])


if __name__ == "__main__":
    unittest.main()
