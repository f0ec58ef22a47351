"""The pictures in docs/screenshots: all there, of their sizes, and small."""

import struct
import zlib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from docs.small_png import small_png

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
VIEWS = ("first", "edit", "attention", "tokens", "scratch", "generate")
SIZES = {"1440": (1440, 900), "1024": (1024, 768)}
WIDEST = (1920, 1080)
MOST_BYTES = 3_600_000


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(("view", "scheme", "size"), product(VIEWS, ("light", "dark"), SIZES))
def test_every_view_has_a_picture_of_its_size(view, scheme, size):
    header = (FOLDER / f"{view}-{scheme}-{size}.png").read_bytes()[16:24]
    assert struct.unpack(">II", header) == SIZES[size]


@pytest.mark.parametrize(("scheme", "size"), product(("light", "dark"), {**SIZES, "1920": WIDEST}))
def test_the_overview_has_a_picture_of_three_widths(scheme, size):
    header = (FOLDER / f"overview-{scheme}-{size}.png").read_bytes()[16:24]
    assert struct.unpack(">II", header) == {**SIZES, "1920": WIDEST}[size]


@pytest.mark.parametrize(("scheme", "size"), (("light", SIZES["1440"]), ("dark", WIDEST)))
def test_a_machine_of_thirty_blocks_has_a_picture(scheme, size):
    header = (FOLDER / f"deep-{scheme}-{size[0]}.png").read_bytes()[16:24]
    assert struct.unpack(">II", header) == size


@pytest.mark.parametrize("view", ("product", "attention", "normalise", "gelu", "next"))
def test_five_operations_have_a_picture_in_the_docs(view):
    for scheme, size in (("light", "1440"), ("dark", "1024")):
        header = (FOLDER / f"picture_{view}-{scheme}-{size}.png").read_bytes()[16:24]
        assert struct.unpack(">II", header) == SIZES[size]


@pytest.mark.parametrize("lesson", ("tokens", "attention", "dice"))
def test_three_lessons_have_a_picture_in_the_docs(lesson):
    header = (FOLDER / f"lesson_{lesson}-light-1440.png").read_bytes()[16:24]
    assert struct.unpack(">II", header) == SIZES["1440"]


def test_the_pictures_take_less_than_3600_kilobytes():
    assert sum(file.stat().st_size for file in FOLDER.glob("*.png")) < MOST_BYTES


def test_a_picture_of_few_colours_keeps_every_pixel():
    image = np.zeros((5, 7, 3), np.uint8)
    image[2:, 3:] = (200, 40, 90)
    image[0, 0] = (255, 255, 255)
    lines = b"".join(b"\0" + row.tobytes() for row in image)
    png = b"\x89PNG\r\n\x1a\n" + b"".join([
        chunk(b"IHDR", struct.pack(">IIBBBBB", 7, 5, 8, 2, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")])
    small = small_png(png)
    assert struct.unpack(">IIBBBBB", small[16:29]) == (7, 5, 8, 3, 0, 0, 0)
    palette, data = (small[at + 4: at + 4 + struct.unpack(">I", small[at - 4: at])[0]]
                     for at in (small.index(b"PLTE"), small.index(b"IDAT")))
    colours = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    index = np.frombuffer(zlib.decompress(data), np.uint8).reshape(5, 8)[:, 1:]
    np.testing.assert_array_equal(colours[index], image)
