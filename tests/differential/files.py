"""Random CSV and .npy files, whole ones and broken ones."""

import io
import struct

import numpy as np


# ---- CSV ----------------------------------------------------------------------------------------------------------

def number(stream):
    """A number's text, of every length and size."""
    kind = stream.randrange(9)
    if kind == 0:
        return str(stream.randint(-1000, 1000))
    if kind == 1:
        return repr(stream.gauss(0, 1))
    if kind == 2:
        return f"{stream.gauss(0, 1):.{stream.randint(0, 20)}e}"
    if kind == 3:  # any double at all
        value = struct.unpack("<d", struct.pack("<Q", stream.getrandbits(64)))[0]
        return repr(value) if abs(value) < 1e308 else "0"
    if kind == 4:  # more digits than a double has
        digits = "".join(stream.choice("0123456789") for _ in range(stream.randint(17, 60)))
        point = stream.randint(0, len(digits))
        return f"{digits[:point]}.{digits[point:]}e{stream.randint(-330, 240)}"
    if kind == 5:  # halfway between two doubles, or next to it
        mantissa = 2 * stream.randrange(2 ** 52, 2 ** 53) + 1
        whole = mantissa * 2 ** stream.choice([0, 1, 3, 9, stream.randint(0, 60)])
        return str(whole) + stream.choice(["", ".", ".0", ".000000000000000000000000001"])
    if kind == 6:
        return stream.choice(["0", "-0", "+0.0", ".5", "5.", "-.25E1", "1e-400", "4.9e-324", "2.4703282292062328e-324",
                              "1.7976931348623157e308", "00012", "+7", "1E5", "1e+05", "1e-05"])
    if kind == 7:
        return f"{stream.choice('+-')}{stream.random():.17g}"
    return f"{stream.random() * 10 ** stream.randint(-300, 300):.17g}"


def label(stream, names):
    return stream.choice(names)


def field(stream, text, quoted_often):
    if stream.random() < (0.4 if quoted_often else 0.02):
        return f'"{text}"'
    if stream.random() < 0.1:
        return stream.choice([" {}", "{} ", "\t{}", "  {}  "]).format(text)
    return text


WRONG = ["", "nan", "inf", "-Infinity", "1e999", "-1e400", "1.0abc", "0x10", "1_000", "--5", "1e", "e5", ".", "+", "1 2", "1;5",
         '"1"2', '1"', '"1', "\u00a01", "\u0661", "1\x0b", "1\x00", "#1", "1d5", "1,5", "True", "1\r", "\ufeff1", "1.2.3", "NAN(1)",
         "\x85", "1\f", "1e+", "0b1", "1L", "1f", "9e99999999999999999999"]


def break_csv(stream, lines):
    """One thing wrong, or just unusual, with the lines of the body."""
    kind = stream.randrange(9)
    at = stream.randrange(len(lines))
    if kind == 0:
        lines.insert(at, "")
    elif kind == 1:
        lines[at] += "," + number(stream)
    elif kind == 2:
        lines[at] = lines[at].rpartition(",")[0]
    elif kind <= 6:
        fields = lines[at].split(",")
        fields[stream.randrange(len(fields))] = stream.choice(WRONG)
        lines[at] = ",".join(fields)
    elif kind == 7:
        lines[at] = lines[at].replace(",", stream.choice([";", "\t", ",,", " "]), 1)
    else:
        lines[at] = stream.choice(["\ufeff", "\r", "\x00", '"', "#", " "]) + lines[at]


def csv(stream):
    """(content, has a header)."""
    features, rows = stream.randint(1, 4), stream.randint(2, 7)
    names = stream.choice([["0", "1", "2"], ["1.0", "1", "-2"], ["a", "b"], ["setosa", "\u00e9", "x y"], ["1", "b"]])
    quoted = stream.random() < 0.2
    lines = [",".join([*(field(stream, number(stream), quoted) for _ in range(features)),
                       field(stream, label(stream, names[:-1] if row else names[-1:]), quoted)]) for row in range(rows)]
    header = stream.random() < 0.3
    for _ in range(stream.choice([0, 0, 1, 1, 1, 2])):
        break_csv(stream, lines)
    end = stream.choice(["\n", "\n", "\r\n"])
    body = (end.join(lines) + stream.choice(["", end, end, end + end])).encode()
    if stream.random() < 0.1:  # a byte lost or changed
        at = stream.randrange(len(body))
        body = body[:at] + stream.choice([b"", b"\xff", b"\xc3", b",", b"\n", b"\"", b"7"]) + body[at + 1:]
    first = ",".join([*(f"x{d}" for d in range(features)), "label"]) + end if header else ""
    return first.encode() + body, header


# ---- .npy ---------------------------------------------------------------------------------------------------------

X_TYPES = ["<f8", "<f8", ">f8", "<f4", ">f4", "i1", "u1", "<i2", ">u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8", "?", "<f2",
           "<c8", "<f16", "<M8[s]", "<U3", "S2"]
Y_TYPES = ["<i8", "<i8", ">i8", "<i4", "i1", "u1", ">u2", "<u8", "?", "<f8", "<f4", "<f2", "<U3", ">U2", "S2"]


def write(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=False)
    return file.getvalue()


def features(stream, kind):
    shape = (stream.randint(2, 6), stream.randint(1, 4))
    values = np.array([stream.choice([0, 1, 2, -3, 100, 0.5, -1e-3, 7.25]) for _ in range(shape[0] * shape[1])]).reshape(shape)
    if kind in ("<f8", ">f8"):
        values = values * stream.random()
    if kind.lstrip("<>")[0] in "u?US":
        values = np.abs(values)
    with np.errstate(all="ignore"):
        return values.astype("<i8").astype(kind) if "M8" in kind else values.astype(kind)


def labels(stream, kind, rows):
    names = stream.choice([[0, 1], [0, 1, 2], [3, 7], [1, 100]])
    values = [names[i] if i < len(names) else stream.choice(names) for i in range(rows)]
    return np.array([str(value) for value in values] if kind.lstrip("<>")[0] in "US" else values).astype(kind)


def change_header(stream, content):
    """Another text in the header, of the same length."""
    length = 10 + struct.unpack("<H", content[8:10])[0]
    text = content[10:length]
    old, new = stream.choice([(b"False", b"True "), (b"False", b"0    "), (b"False", b"None "), (b"'shape': (", b"'shape': (-"),
                              (b"'descr'", b"\"descr\""), (b"'descr'", b"'dtype'"), (b", }", b"}  "), (b", }", b",, "),
                              (b"{", b" {"), (b"'shape'", b"'sh\\x61pe'"), (b"'<f8'", b"'f8'"), (b"'<f8'", b"'d'"),
                              (b"'<f8'", b"'=f8'"), (b"'<f8'", b"'|O'"), (b"'<f8'", b"'>f8'"), (b"'<f8'", b"'<i8'"),
                              (b"'<f8'", b"'<f9'"), (b"'<f8'", b"'<U2'"), (b"'<f8'", b"[('a','<f8')]"), (b", 1)", b",)"),
                              (b"(2, ", b"(3, "), (b"(", b"(1, "), (b"(", b"["), (b"2", b"2L"), (b"2", b"02"), (b"2", b"0x2"),
                              (b"2", b"2.0"), (b"(2", b"(9999999999999999999999"), (b": (", b":\t("), (b": ", b":  "),
                              (b"}", b", 'more': 1}"), (b"}", b"} # end"), (b"}", b", 'shape': (2, 2)}")])
    changed = text.replace(old, new, 1).rstrip(b" \n")
    changed = changed.ljust(len(text) - 1) + b"\n" if len(changed) < len(text) else changed[:len(text)]
    return content[:10] + changed + content[length:]


def break_npy(stream, content):
    kind = stream.randrange(10)
    if kind < 5 and content[6] == 1:
        return change_header(stream, content)
    if kind == 5:
        return content[:stream.randrange(len(content))]
    if kind == 6:
        return content + bytes(stream.randint(1, 9))
    if kind == 7:  # a NaN or infinity, where the elements are doubles
        return content[:-8] + struct.pack("<d", stream.choice([float("nan"), float("inf")]))
    at = stream.randrange(min(len(content), 128)) if kind == 8 else stream.randrange(12)
    return content[:at] + bytes([stream.choice([0, 1, 2, 3, 255, 32, 39, 40, content[at] ^ 1])]) + content[at + 1:]


def npy(stream, counter):
    """(X's content, y's content): one of them may be broken."""
    X = features(stream, stream.choice(X_TYPES if stream.random() < 0.5 else X_TYPES[:5]))
    if stream.random() < 0.3:
        X = np.asfortranarray(X)
    if stream.random() < 0.1:
        X = X.reshape(stream.choice([(-1,), (1,) + X.shape, X.shape + (1,), X.shape[::-1]]))
    y = labels(stream, stream.choice(Y_TYPES), X.shape[0] if X.ndim else 1)
    if stream.random() < 0.15:
        y = y.reshape(-1, 1)
    version = stream.choice([None, None, (1, 0), (2, 0), (3, 0)])
    contents = [write(X, version), write(y, version)]
    if stream.random() < 0.6:
        broken = int(stream.random() < 0.3)
        contents[broken] = break_npy(stream, contents[broken])
    return tuple(contents)
