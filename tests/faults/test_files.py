"""NumPy files and models that are hostile or another's: named, refused, nothing written. (Damaged ones: torture/damage.c.)"""

import copy
import io
import os
import re
import struct
import subprocess
import sys
import unittest
import warnings
import zipfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))
from page import promised  # noqa: E402
from support import SPIRAL, SpiralTest, limit_memory  # noqa: E402

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]])
y = np.array([0, 1, 0])


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def header(text, version=1, claimed=None):
    text = text.encode("latin1").ljust(117) + b"\n"
    size = len(text) if claimed is None else claimed
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", size) + text


def dictionary(descr="'<f8'", order="False", shape="(3, 2)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def archive(*entries, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of duplicate names
        with zipfile.ZipFile(file, "w", method) as output:
            for name, content in entries:
                output.writestr(name, content)
    return file.getvalue()


def overlapping(count):
    """An archive whose directory has X.npy and, for the same bytes of the file, so many arrays of other names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as output:
        for name, content in DATA:
            output.writestr(name, content)
        for number in range(count):
            again = copy.copy(output.getinfo("X.npy"))
            again.filename = f"{number}.npy"
            output.filelist.append(again)
    return file.getvalue()


def changed(data, place, value):
    return data[:place] + bytes([value]) + data[place + 1:]


DATA = [("X.npy", npy(X)), ("y.npy", npy(y))]
PLAIN = archive(*DATA)

# name: (the file's name, its bytes); what comes of it stands in FAULTS.md
REFUSED = {
    "version 9": ("x.npy", changed(npy(X), 6, 9)),
    "a header of 4 GB in 12 bytes": ("x.npy", b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1)),
    "trailing bytes": ("x.npy", npy(X) + b"\0"),
    "a shape that overflows": ("x.npy", header(dictionary(shape=f"({2**62}, 4)")) + X.tobytes()),
    "a shape past 64 bits": ("x.npy", header(dictionary(shape=f"({2**70}, 1)")) + X.tobytes()),
    "a negative shape": ("x.npy", header(dictionary(shape="(-3, -2)")) + X.tobytes()),
    "0 dimensions": ("x.npy", npy(np.array(1.5))),
    "no rows": ("x.npy", npy(np.empty((0, 2)))),
    "objects": ("x.npy", npy(np.array([[1, 2], [3, None]], dtype=object))),
    "structures": ("x.npy", npy(np.zeros(3, dtype=[("a", "f8"), ("b", "f8")]))),
    "complex numbers": ("x.npy", npy(X.astype("c16"))),
    "nan": ("x.npy", npy(np.array([[1.0, np.nan], [3.0, 4.0], [5.0, 6.0]]))),
    "a wrong CRC": ("x.npz", PLAIN.replace(X.tobytes()[:8], struct.pack("<d", 1.25), 1)),
    "an absolute name": ("x.npz", archive(("/X.npy", npy(X)), ("y.npy", npy(y)))),
    "a name with ..": ("x.npz", archive(("../X.npy", npy(X)), ("y.npy", npy(y)))),
    "a duplicate entry": ("x.npz", archive(*DATA, ("X.npy", npy(X)))),
    "overlapping entries": ("x.npz", overlapping(10)),
    "no X": ("x.npz", archive(("y.npy", npy(y)))),
    "y of another length": ("x.npz", archive(DATA[0], ("y.npy", npy(y[:2])))),
    "y of infinite numbers": ("x.npz", archive(DATA[0], ("y.npy", npy(np.array([0, np.inf, 1]))))),
    "a zip bomb": ("x.npz", archive(("X.npy", header(dictionary(shape="(3, 2)")) + bytes(400_000_000)), DATA[1],
                                    method=zipfile.ZIP_DEFLATED)),
}

ACCEPTED = {
    "Fortran order": npy(np.asfortranarray(X)),
    "big-endian": npy(X.astype(">f8")),
    "version 2": npy(X, version=(2, 0)),
    "version 3": npy(X, version=(3, 0)),
    "reordered keys": header("{'shape': (3, 2), 'fortran_order': False, 'descr': '<f8'}") + X.tobytes(),
}


class Files(SpiralTest):
    def run_spiral(self, *arguments, kilobytes=300_000):
        done = subprocess.run([SPIRAL, *arguments], cwd=self.folder, capture_output=True, text=True, check=False, timeout=100,
                              preexec_fn=lambda: limit_memory(kilobytes), env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))
        return done.returncode, done.stderr

    def assert_refused(self, arguments, message, code=3, **limits):
        before = sorted(os.listdir(self.folder))
        found, errors = self.run_spiral(*arguments, **limits)
        self.assertEqual(found, code, errors)
        self.assertRegex(errors, r"\Aspiral: error: " + message)
        self.assertEqual(errors.count("\n"), 1, errors)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_refused(self):
        for name, (file, content) in REFUSED.items():
            with self.subTest(name):
                (self.folder / file).write_bytes(content)
                np.save(self.folder / "y.npy", y)
                data = file if file.endswith(".npz") else f"{file},y.npy"
                code, message = promised("test_files.py", name)
                self.assert_refused(["train", "--data", data, "--iterations", "1"], re.escape(f"{message}\n"), code)

    def test_accepted(self):
        np.save(self.folder / "y.npy", y)
        (self.folder / "x.npy").write_bytes(npy(X))
        self.spiral("train", "--data", "x.npy,y.npy", "--iterations", "3", "-q", "--no-figures", "--out", "plain")
        for name, content in ACCEPTED.items():
            with self.subTest(name):
                (self.folder / "x.npy").write_bytes(content)
                self.spiral("train", "--data", "x.npy,y.npy", "--iterations", "3", "-q", "--no-figures", "--out", "out")
                self.assertEqual((self.folder / "out/model.npz").read_bytes(), (self.folder / "plain/model.npz").read_bytes())

    def make_model(self):
        self.spiral("generate", "--points-per-class", "3", "-o", "x.csv")
        self.spiral("train", "--data", "x.csv", "--hidden", "3", "--iterations", "4", "-q", "--no-figures", "--out", "out")

    def change_model(self, **arrays):
        with np.load(self.folder / "out/model.npz", allow_pickle=False) as file:
            model = {**file, **arrays}
        np.savez(self.folder / "m.npz", **model)
        return ["predict", "-m", "m.npz", "--data", "x.csv"]

    def test_models_that_make_no_sense(self):
        self.make_model()
        for name, arrays in (("shapes that do not chain", {"W2": np.zeros((4, 3))}), ("a bias too short", {"b1": np.zeros(2)}),
                             ("an infinite weight", {"W1": np.full((2, 3), np.inf)}), ("a nan", {"b2": np.full(3, np.nan)}),
                             ("whole numbers in 3 dimensions", {"W1": np.zeros((2, 3, 1))}),
                             ("as many names as classes are not", {"classes": np.array(["a", "b"])}),
                             ("names that are numbers", {"classes": np.arange(3, dtype=np.uint8)}),
                             ("names that are truth values", {"classes": np.ones(3, dtype=bool)}),
                             ("a scale of 0", {"mean": np.zeros(2), "scale": np.array([1.0, 0.0])})):
            with self.subTest(name):
                self.assert_refused(self.change_model(**arrays), r"m\.npz: ")

    @unittest.skipIf("SPIRAL_SANITIZED" in os.environ, "a sanitizer needs the addresses")
    def test_a_model_that_memory_can_not_hold_is_named(self):
        (self.folder / "x.csv").write_text("1,2\n", encoding="utf-8")
        np.savez_compressed(self.folder / "m.npz", W=np.zeros((10**7, 2)), b=np.zeros(2))
        # Room for the array, 160 MB, but not for the network as well, whatever the libraries' own share is.
        self.assert_refused(["predict", "-m", "m.npz", "--data", "x.csv"],
                            r"m\.npz: no memory for a network of 20000002 parameters", code=5, kilobytes=400_000)

    def test_a_model_for_other_features(self):
        self.make_model()
        (self.folder / "x.csv").write_text("1,2,3,4,5,6\n", encoding="utf-8")
        self.assert_refused(["predict", "-m", "out/model.npz", "--data", "x.csv"], r"x\.csv")


if __name__ == "__main__":
    unittest.main()
