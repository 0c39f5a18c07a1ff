"""Reads the program's PNGs: 8 bits of red, green and blue, not interlaced."""

import struct
import zlib


def read(path):
    """The rows of a picture, each a list of (red, green, blue)."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, packed = 8, b""
    while position < len(data):
        size, name = struct.unpack(">I4s", data[position:position + 8])
        body = data[position + 8:position + 8 + size]
        if name == b"IHDR":
            width, height, *rest = struct.unpack(">IIBBBBB", body)
            assert rest == [8, 2, 0, 0, 0], rest
        elif name == b"IDAT":
            packed += body
        position += size + 12
    return [list(zip(row[0::3], row[1::3], row[2::3])) for row in unfiltered(zlib.decompress(packed), 3 * width, height)]


def unfiltered(raw, stride, height):
    """The scan lines, as the PNG specification (9.2) undoes their filters."""
    above = bytearray(stride)
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride if kind else 0):
            left = line[i - 3] if i >= 3 else 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = above[i]
            elif kind == 3:
                guess = (left + above[i]) // 2
            else:
                corner = above[i - 3] if i >= 3 else 0
                straight = left + above[i] - corner
                guess = min((left, above[i], corner), key=lambda value: abs(straight - value))
            line[i] = (line[i] + guess) & 255
        yield line
        above = line
