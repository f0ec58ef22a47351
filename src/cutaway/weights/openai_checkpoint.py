"""OpenAI's TensorFlow checkpoints: `model.ckpt.index` and its data files, read without TensorFlow.

The index is a table (`table_file.py`) of small protocol buffers that say where in the data files
each tensor lies. The data files are nothing but numbers, and are memory-mapped.
Source: tensorflow/core/protobuf/tensor_bundle.proto and tensorflow/core/framework/types.proto
"""

from math import prod
from pathlib import Path

import numpy as np

from cutaway.errors import CorruptFile
from cutaway.reading import readable
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.numbers import ITEM_BYTES, numbers
from cutaway.weights.table_file import read_table, read_varint
from cutaway.words import in_one_line

DTYPES = {1: "float32", 2: "float64", 14: "bfloat16", 19: "float16"}  # of types.proto
HEADER = b""  # the key whose value describes the checkpoint itself


def read_openai_checkpoint(index: Path) -> dict[str, StoredTensor]:
    """The tensors of a checkpoint, by the names that it gives them; the numbers are mapped.

    A convolution's weight has a leading axis of 1 in OpenAI's files, which is left out here.
    Raises:  CorruptFile when the index or a data file is absent, cut short or damaged
    """
    table = read_table(index)
    with readable(index.name, CorruptFile, "{name}: its entries are not those of a checkpoint. "
                  "The file is damaged: get it again."):
        shard_count = _number(_fields(table.pop(HEADER)), 1)
        entries = {key.decode(): _fields(value) for key, value in table.items()}
        data = {shard: _map(index, shard, shard_count)
                for shard in {_number(entry, 3) for entry in entries.values()}}
        return {name: _stored_tensor(name, entry, *data[_number(entry, 3)])
                for name, entry in entries.items()}


def _map(index: Path, shard: int, shard_count: int) -> tuple[Path, np.ndarray]:
    path = index.with_suffix(f".data-{shard:05d}-of-{shard_count:05d}")
    if not path.is_file():
        raise CorruptFile(f"{index.name} needs {path.name}, which is not beside it. "
                          "Get that file too.")
    empty = path.stat().st_size == 0  # which cannot be mapped
    return path, np.empty(0, np.uint8) if empty else np.memmap(path, dtype=np.uint8, mode="r")


def _stored_tensor(name: str, entry: dict[int, list], path: Path, data: np.ndarray) -> StoredTensor:
    shape = tuple(_number(_fields(size), 1) for size in _fields(_last(entry, 2, b"")).get(2, ()))
    dtype = DTYPES.get(_number(entry, 1), f"TensorFlow's type {_number(entry, 1)}")
    begin, shown = _number(entry, 4), in_one_line(repr(name), 100)
    end = begin + _number(entry, 5)
    if end > len(data):
        raise CorruptFile(f"{path.name}: {shown} should end at byte {end:,}, but the file has "
                          f"{len(data):,}. It is cut short: get it again.")
    if dtype in ITEM_BYTES and end - begin != prod(shape) * ITEM_BYTES[dtype]:
        raise CorruptFile(f"{path.name}: {shown} has {end - begin:,} bytes, which is not what its "
                          f"shape {in_one_line(str(list(shape)), 80)} of {dtype} takes. It is "
                          "damaged: get it again.")
    shape = shape[1:] if len(shape) == 3 and shape[0] == 1 else shape
    return StoredTensor(Origin(path, name, dtype, shape),
                        lambda: numbers(data[begin:end], dtype).reshape(shape))


def _fields(message: bytes) -> dict[int, list]:
    """The fields of a protocol buffer by number, each a list of whole numbers or of bytes.

    Source: https://protobuf.dev/programming-guides/encoding/
    """
    fields: dict[int, list] = {}
    at = 0
    while at < len(message):
        tag, at = read_varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = read_varint(message, at)
        else:
            length, at = read_varint(message, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = message[at:at + length], at + length
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _last(fields: dict[int, list], number: int, absent):
    """A field's value: the last one written counts, and what equals the default is not written."""
    return fields.get(number, [absent])[-1]


def _number(fields: dict[int, list], number: int) -> int:
    return int(_last(fields, number, 0))
