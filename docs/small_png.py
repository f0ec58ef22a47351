"""A screenshot as a PNG of 256 colours: a third of the bytes, and nobody sees the difference."""

import struct
import zlib

import numpy as np
from tests.studio.picture import pixels

COLOURS = 256
# Letters have hundreds of shades at their edges; steps of 8 of 255 are too small to be seen there.
STEP = 8


def small_png(png: bytes) -> bytes:
    """The same picture in the colours that it uses most; every other pixel takes the nearest of them.

    Source:  PNG specification, third edition, colour type 3 (indexed), filter 0 (none)
    """
    image = pixels(png)
    height, width, _ = image.shape
    codes = image.astype(np.int64) @ (1 << 16, 1 << 8, 1)  # one number is sorted faster than three
    used, index, counts = np.unique(codes, return_inverse=True, return_counts=True)
    exact = np.stack([used >> 16, used >> 8 & 255, used & 255], axis=1)
    palette, nearest = _palette(exact, counts)
    lines = np.zeros((height, width + 1), np.uint8)  # a 0 at the start of each line: no filter
    lines[:, 1:] = nearest[index.reshape(-1)].reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        _chunk(b"IHDR", header), _chunk(b"PLTE", palette.astype(np.uint8).tobytes()),
        _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)), _chunk(b"IEND", b"")])


def _palette(exact: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most used colours, no two in one box of STEP, and for each colour the nearest of them."""
    by_use = np.argsort(-counts, kind="stable")
    _, first = np.unique(exact[by_use] // STEP, axis=0, return_index=True)
    palette = exact[by_use[np.sort(first)[:COLOURS]]]
    distance = ((exact[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2)
    return palette, distance.argmin(axis=1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
