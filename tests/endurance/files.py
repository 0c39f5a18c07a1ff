"""What an output folder may hold, whatever interrupted the run that writes into it."""

import csv
import json
import mmap
import struct
import sys
import xml.etree.ElementTree
import zipfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
from support import comparable, without_measured  # noqa: E402


def is_temporary(path):
    return path.name.endswith(".tmp")


def files_of(folder):
    """The paths of all files in the folder, but for temporary ones and the lock."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not is_temporary(path) and path.name != ".lock")


def content(path):
    """What must be the same after whatever interruptions: no seconds, not the folder, and not the checkpoint it went on from."""
    if path.name == "results.csv":
        return [line.rpartition(",")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    if path.name == "summary.json":
        summary = without_measured(json.loads(path.read_text(encoding="utf-8")))
        if isinstance(summary.get("settings"), dict):
            summary["settings"].pop("resume", None)
        return summary
    if path.name == "sweep.json":
        return {key: value for key, value in json.loads(path.read_text(encoding="utf-8")).items() if key != "directory"}
    return comparable(path)


def whole_lines(path, killed):
    """The text; after a SIGKILL without the piece of a line that the system may leave at the border of two pages."""
    text = path.read_text(encoding="utf-8")
    whole = text[:text.rfind("\n") + 1]
    assert whole == text or (killed and len(text) % mmap.PAGESIZE == 0), f"{path.name} ends with {text[-80:]!r}"
    return whole


def check_log(path, reference, killed):
    """The rows are the first of the undisturbed log, if that is kept (a sweep keeps those of its best runs)."""
    def untimed(text):
        return [row.rpartition(",")[0] for row in text.splitlines()]

    rows = untimed(whole_lines(path, killed))
    whole = reference / path.name
    expected = untimed(whole.read_text(encoding="utf-8")) if whole.exists() else rows
    assert rows == expected[:len(rows)], f"{path.name}: another row among the {len(rows)}"


def check_results(path, reference, failed):
    """Each run once, with the row of the undisturbed sweep; or, if failed says so, with that memory failed it."""
    lines = path.read_text(encoding="utf-8")
    assert lines.endswith("\n") or lines == "", f"results.csv ends with {lines[-80:]!r}"
    rows = list(csv.DictReader(lines.splitlines()))
    runs = [row["run"] for row in rows]
    assert len(set(runs)) == len(runs), "results.csv has a run twice"
    with open(reference / path.name, newline="", encoding="utf-8") as file:
        expected = {row["run"]: row for row in csv.DictReader(file)}
    for row in rows:
        assert None not in row and None not in row.values(), f"results.csv: {row}"
        if row["status"] == "failed":
            assert failed, f"results.csv: {row}"
            continue
        known = dict(expected[row["run"]], seconds=row["seconds"])
        assert row == known, f"results.csv: {row}, expected {known}"


def check_curves(path, reference, killed):
    known = set((reference / path.name).read_text(encoding="utf-8").splitlines())
    for line in whole_lines(path, killed).splitlines():
        assert line in known, f"curves.csv: {line!r}"


def check_archive(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, f"{path.name}: {archive.testzip()} is damaged"
        for name in archive.namelist():
            assert archive.read(name)[:6] == b"\x93NUMPY", f"{path.name}: {name}"


def check_png(path):
    data, place, kind = path.read_bytes(), 8, b""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path.name
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        crc, = struct.unpack_from(">I", data, place + 8 + size)
        assert zlib.crc32(data[place + 4:place + 8 + size]) == crc, f"{path.name}: {kind}"
        place += 12 + size
    assert kind == b"IEND", path.name


def check_file(path, reference, killed, failed):
    """Raises what says why the file is not as it has to be."""
    if path.suffix == ".json":
        json.loads(path.read_text(encoding="utf-8"))
    elif path.name in ("loss.csv", "loss.jsonl"):
        check_log(path, reference, killed and path.parent.parent.name != "runs")
    elif path.name == "results.csv":
        check_results(path, reference, failed)
    elif path.name == "curves.csv":
        check_curves(path, reference, killed)
    elif path.suffix == ".npz":
        check_archive(path)
    elif path.suffix == ".png":
        check_png(path)
    elif path.suffix == ".svg":
        xml.etree.ElementTree.parse(path)
    else:
        raise AssertionError(f"{path.name}: no file that was asked for")


def check_folder(folder, reference, killed, failed):
    """killed: a process may have been killed in the midst of writing; failed: memory may have failed runs."""
    if not folder.exists():
        return
    for path in folder.rglob("*"):
        if is_temporary(path):
            assert killed, f"{path.name} is left over"
        elif path.is_file() and path.name != ".lock":
            check_file(path, reference / path.parent.relative_to(folder), killed, failed)


def first_difference(folder, reference):
    """The first path that is not as in the undisturbed folder; None: none."""
    names = [{path.relative_to(place) for path in files_of(place)} for place in (folder, reference)]
    if names[0] != names[1]:
        return f"{names[0] ^ names[1]} is in one of them"
    return next((name for name in sorted(names[0]) if content(folder / name) != content(reference / name)), None)
