"""Screenshots as arrays of pixels, to test what is seen."""

import struct
import zlib

import numpy as np


def pixels(png: bytes) -> np.ndarray:
    """The pixels of a PNG as rows x columns x (red, green, blue), 0 to 255.

    Raises:  ValueError, when it is not of the kind that browsers make: 8 bits, colour, one pass
    Source:  PNG specification, third edition, chapters 9 (filters) and 11 (chunks)
    """
    chunks = dict.fromkeys((b"IHDR", b"IDAT"), b"")
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind = png[at + 4 : at + 8]
        if kind in chunks:
            chunks[kind] += png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, bits, colour, _, _, passes = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if bits != 8 or colour not in (2, 6) or passes:
        raise ValueError(f"{bits} bits, colour type {colour}, passes {passes}: not 8, 2 or 6, 0")
    channels = 3 if colour == 2 else 4
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    return unfiltered(lines[:, 0], lines[:, 1:].reshape(height, width, channels))[:, :, :3]


def unfiltered(filters: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Undo the filter of each line: none, left, up, mean or Paeth."""
    image = np.zeros_like(rest)
    above = np.zeros_like(rest[0])
    for row, (kind, line) in enumerate(zip(filters, rest, strict=True)):
        if kind in (0, 2):
            image[row] = line if kind == 0 else line + above
        elif kind == 1:
            image[row] = np.cumsum(line, axis=0, dtype=np.uint8)
        else:
            image[row] = from_the_left(kind, line.astype(int), above.astype(int))
        above = image[row]
    return image


def from_the_left(kind: int, line: np.ndarray, above: np.ndarray) -> np.ndarray:
    """A line whose pixels each depend on the one to the left and those above."""
    done = np.zeros_like(line)
    left = corner = np.zeros_like(line[0])
    for column, found in enumerate(line):
        up = above[column]
        guess = (left + up) // 2 if kind == 3 else paeth(left, up, corner)
        left, corner = (found + guess) % 256, up
        done[column] = left
    return done.astype(np.uint8)


def paeth(left: np.ndarray, up: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """Of left, above and above left the one nearest to left + above - above left."""
    guess = left + up - corner
    to_left, to_up, to_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    nearest = np.where(to_up <= to_corner, up, corner)
    return np.where((to_left <= to_up) & (to_left <= to_corner), left, nearest)
