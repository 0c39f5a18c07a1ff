"""The differences between NumPy's readers and spiral's that are meant; DIFFERENCES.md says why.

Each has a name, what is seen of it ("numpy alone" and "spiral alone" say who accepts the file; "other numbers": both do), an
example, and a rule that says whether it applies to a file."""

import ast
import io
import re
import struct
from typing import Any, Callable, NamedTuple

import numpy as np


class Difference(NamedTuple):
    name: str
    seen: str
    example: Any  # a CSV without a header; or (X.npy, y.npy)
    applies: Callable
    always: bool = False  # wherever it applies it must be seen; otherwise the rule is wider than the difference


# ---- CSV: applies(text, read); text is the body, read (X, y) or None ---------------------------------------

def has(pattern):
    return lambda text, read: re.search(pattern, text) is not None


OTHER_BLANKS = "[\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
NO_CLASS = r'(?im),[ \t\u00a0]*("[ \t]*"|[+-]?(nan|inf|infinity)|n/?a|null|none|\?)?[ \t\u00a0]*\r?$'

CSV = [
    Difference("a number that is not finite", "numpy alone", b"1,0\nnan,1\n",
               lambda text, read: read is not None and (np.isnan(read[0]).any() or re.search("(?i)inf", text) is not None)),
    Difference("a number too large for a double", "numpy alone", b"1,0\n1e999,1\n",
               lambda text, read: read is not None and not np.isfinite(read[0]).all(), always=True),
    Difference("a label that is missing or not finite", "numpy alone", b"1,a\n2,\n3,nan\n", has(NO_CLASS)),
    Difference("an empty line before the end", "numpy alone", b"1,0\n\n2,1\n", has(r"(\A|\n)\r?\n(?=[\s\S]*[^\r\n])")),
    Difference("a lone carriage return", "numpy alone", b"1,0\r2,1\n", has(r"\r(?!\n)")),
    Difference("blanks other than space and tab", "numpy alone", b"1\x0b,0\n2,1\n", has(OTHER_BLANKS)),
    Difference("text behind a closing quote", "numpy alone", b'"1"2,0\n2,1\n', has(r'(?m)(^|,)[ \t]*"[^"]*"[ \t]*[^",\s]')),
    Difference("a quote within a label", "numpy alone", b'1,a"b\n2,c\n', has(r'(?m)(^|,)[ \t]*[^",\s][^,\r\n]*"')),
    Difference("a quote that is never closed", "numpy alone", b'1,0\n2,"1', lambda text, read: text.count('"') % 2 == 1),
    Difference("a NUL byte", "numpy alone", b"1,0\n2,1\x00\n", has("\x00")),
    Difference("a blank before a quoted number", "spiral alone", b' "1",0\n2,1\n', has(r'(?m)(^|,)[ \t]+"')),
    Difference("a blank before a quoted label", "other numbers", b'1, "a"\n2,a\n3,b\n', has(r'(?m),[ \t]+"')),
    Difference("a no-break space beside a label", "other numbers", "1,\u00a0a\n2,a\n3,b\n".encode(),
               has(r"(?m),[ \t]*\u00a0|\u00a0[ \t]*$")),
    Difference("True and False", "spiral alone", b"True,0\nfalse,1\n", has("(?i)true|false")),
    Difference("a byte order mark", "spiral alone", b"\xef\xbb\xbf1,0\n2,1\n", has("\\A\ufeff")),
    Difference("no rows, or no column beside the label", "numpy alone", b"1\n2\n",
               lambda text, read: read is not None and read[0].size == 0, always=True),
    Difference("labels of one class", "numpy alone", b"1,0\n2,0\n",
               lambda text, read: read is not None and len(set(read[1].tolist())) == 1, always=True),
]


def of_csv(body, header, read):
    """Those that apply."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return []
    return [one for one in CSV if one.applies(text, read) and not (header and one.name == "a byte order mark")]


# ---- .npy: applies(file, file, arrays); a file is an NpyFile, arrays [X, y] or None --------------------------------

class NpyFile:
    """The header as np.load sees it."""

    def __init__(self, content):
        self.text, self.dict, self.end = "", {}, 0
        size = 2 if content[6:7] == b"\x01" else 4
        start = 8 + size
        if len(content) >= start:
            length = struct.unpack("<H" if size == 2 else "<I", content[8:start])[0]
            self.end = start + length
            self.text = content[start:self.end].decode("latin1")
        try:
            found = ast.literal_eval(self.text.strip())
            self.dict = found if isinstance(found, dict) else {}
        except (ValueError, SyntaxError, MemoryError, TypeError):
            pass
        self.size = len(content)

    def is_as_numpy_writes(self):
        """The dict in plain words: no escapes, comments, other notations of numbers, no key twice."""
        item = r"'(descr|fortran_order|shape)': *('[^'\\]*'|\"[^\"\\]*\"|True|False|\[.*\]|\(([0-9]+,? *)*\))"
        text = self.text.replace("\"descr\"", "'descr'").replace("\t", " ")
        return re.fullmatch(rf"\s*{{{item}, {item}, {item},? ?}} *\n?\s*", text) is not None and \
            all(text.count(f"'{key}'") == 1 for key in ("descr", "fortran_order", "shape"))


def plain_type(file):
    return re.fullmatch(r"[<>=|]?(f[248]|[iu][1248]|b1|[US][0-9]+)", str(file.dict.get("descr"))) is not None and \
        not re.fullmatch(r"\|([fiu][248]|U[1-9]\d*)", str(file.dict.get("descr")))


def no_class(y):
    if y.dtype.kind == "f":
        return not np.isfinite(y).all()
    if y.dtype.kind == "u":
        return y.size > 0 and int(y.max()) > 2 ** 63 - 1
    if y.dtype.kind == "U":
        return any(text == "" or "\0" in text or any(0xd800 <= ord(c) < 0xe000 for c in text) for text in y.ravel().tolist())
    return y.dtype.kind == "S" and any(not is_text(text) for text in y.ravel().tolist())


def is_text(content):
    try:
        return content.decode("utf-8") != "" and "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def npy(array, **changes):
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=False)
    content = file.getvalue()
    for old, new in changes.get("header", ()):
        content = content.replace(old, new, 1)
    return content + changes.get("behind", b"")


X, Y = np.array([[0.5, 1], [2, 3]]), np.array([0, 1])

NPY = [
    Difference("bytes behind the array", "numpy alone", (npy(X, behind=b"\0"), npy(Y)),
               lambda files, arrays: arrays is not None and
               any(file.size > file.end + array.nbytes for file, array in zip(files, arrays)), always=True),
    Difference("features that are no matrix", "numpy alone", (npy(X.ravel()), npy(Y)),
               lambda files, arrays: arrays is not None and (arrays[0].ndim != 2 or arrays[0].size == 0), always=True),
    Difference("labels that are not one for each row", "numpy alone", (npy(X), npy([0, 1, 1])),
               lambda files, arrays: arrays is not None and
               arrays[1].shape not in (arrays[0].shape[:1], arrays[0].shape[:1] + (1,)), always=True),
    Difference("features that are no real numbers", "numpy alone", (npy(X.astype("c16")), npy(Y)),
               lambda files, arrays: arrays is not None and
               (arrays[0].dtype.kind not in "fiub" or arrays[0].dtype.itemsize not in (1, 2, 4, 8)), always=True),
    Difference("labels that are neither numbers nor text", "numpy alone", (npy(X), npy(Y.astype("c8"))),
               lambda files, arrays: arrays is not None and
               (arrays[1].dtype.kind not in "fiubUS" or
                arrays[1].dtype.kind == "f" and arrays[1].dtype.itemsize not in (2, 4, 8)), always=True),
    Difference("a feature that is not finite", "numpy alone", (npy([[0, np.nan], [1, 2]]), npy(Y)),
               lambda files, arrays: arrays is not None and arrays[0].dtype.kind == "f" and not np.isfinite(arrays[0]).all(),
               always=True),
    Difference("a label that is no class", "numpy alone", (npy(X), npy([0.5, np.inf])),
               lambda files, arrays: arrays is not None and no_class(arrays[1]), always=True),
    Difference("labels all alike", "numpy alone", (npy(X), npy([3, 3])),
               lambda files, arrays: arrays is not None and len(set(map(str, arrays[1].ravel().tolist()))) == 1,
               always=True),
    Difference("another name of a type", "numpy alone", (npy(X, header=[(b"'<f8', ", b"'d',   ")]), npy(Y)),
               lambda files, arrays: not all(map(plain_type, files))),
    Difference("more of Python in a header", "numpy alone", (npy(X, header=[(b"(2, 2), }    ", b"(0x2, 2), } #")]), npy(Y)),
               lambda files, arrays: not all(file.is_as_numpy_writes() for file in files)),
    Difference("a zero before an extent", "spiral alone", (npy(X, header=[(b"(2, 2), } ", b"(02, 2), }")]), npy(Y)),
               lambda files, arrays: any(re.search(r"[( ]0[0-9]", file.text) for file in files)),
]


def of_npy(X_content, y_content, arrays):
    """Those that apply."""
    files = [NpyFile(X_content), NpyFile(y_content)]
    return [one for one in NPY if one.applies(files, arrays)]
