"""A sorted table of keys and values, as LevelDB and TensorFlow's checkpoint index store it.

The file is blocks of entries, then an index block that says where they are, then a footer that says
where the index is. Each key leaves out what it shares with the key before it.
Source: https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from cutaway.errors import CorruptFile
from cutaway.reading import bytes_of, expect_file, readable

FOOTER_BYTES = 48
MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
MOST_BYTES = 1_000_000  # the index of GPT-2 XL has 25,000
LONGEST_VARINT_BITS = 70  # ten bytes of seven bits: the 64 bits of the largest number
TRAILER_BYTES = 5  # after each block: one byte for its compression, four for its checksum


def is_table(path: Path) -> bool:
    """Whether the file ends as such a table does."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(MAGIC)))
        return file.read() == MAGIC


def read_table(path: Path) -> dict[bytes, bytes]:
    """All entries of the table, in its order. It is read whole: an index is small.

    Raises:  CorruptFile when it is cut short, a checksum is wrong, or it is compressed
    """
    expect_file(path)
    with readable(path.name, CorruptFile):
        data = bytes_of(path, MOST_BYTES)
    if len(data) < FOOTER_BYTES or not data.endswith(MAGIC):
        raise CorruptFile(f"{path.name}: it does not end as a checkpoint's index does. It is cut "
                          "short or is no index: get it again.")
    with readable(path.name, CorruptFile, "{name}: its table cannot be read ({reason}). "
                  "The file is damaged: get it again."):
        footer = data[-FOOTER_BYTES:]
        _, at = _read_handle(footer, 0)  # of a block that TensorFlow leaves empty
        index, _ = _read_handle(footer, at)
        blocks = [_read_handle(where, 0)[0] for _, where in _entries(_block(data, index))]
        _expect_apart(blocks)
        return {key: value for block in blocks for key, value in _entries(_block(data, block))}


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The whole number that starts at `at`, seven bits a byte, lowest first; and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if shift > LONGEST_VARINT_BITS:
            raise ValueError("a whole number in it has more than 64 bits")
        if byte < 0x80:
            return value, at


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum of some bytes.  Source: RFC 3720, appendix B.4"""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The checksum as it is stored: turned by 15 bits, plus a constant."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _crc_of_byte(crc: int) -> int:
    for _ in range(8):
        crc = (crc >> 1) ^ 0x82F63B78 if crc & 1 else crc >> 1
    return crc


_CRC_TABLE = tuple(_crc_of_byte(byte) for byte in range(256))


def _read_handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Where a block is, as (offset, bytes); and where this handle ends."""
    offset, at = read_varint(data, at)
    size, at = read_varint(data, at)
    return (offset, size), at


def _block(data: bytes, handle: tuple[int, int]) -> bytes:
    offset, size = handle
    contents = data[offset:offset + size]
    trailer = data[offset + size:offset + size + TRAILER_BYTES]
    if len(trailer) < TRAILER_BYTES:
        raise ValueError(f"a block should end at byte {offset + size:,} of {len(data):,}")
    if int.from_bytes(trailer[1:], "little") != masked(crc32c(contents + trailer[:1])):
        raise ValueError(f"the checksum of the block at byte {offset:,} is wrong")
    if trailer[0] != 0:
        raise ValueError(f"the block at byte {offset:,} is compressed, which TensorFlow's are not")
    return contents


def _expect_apart(blocks: list[tuple[int, int]]) -> None:
    """Check that the blocks do not lie in one another.  Raises:  ValueError"""
    for (offset, size), (following, _) in pairwise(sorted(blocks)):
        if following < offset + size + TRAILER_BYTES:
            raise ValueError(f"two blocks lie in one another, at byte {following:,}")


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    key, at = b"", 0
    while at < end:
        shared, at = read_varint(block, at)
        if shared > len(key):
            raise ValueError("a name in it goes on from one that is shorter")
        own, at = read_varint(block, at)
        length, at = read_varint(block, at)
        key = key[:shared] + block[at:at + own]
        yield key, block[at + own:at + own + length]
        at += own + length
