"""Safetensors files as Hugging Face writes them: one file, or several with an index.

The layout: 8 bytes with the header's length, the header as JSON (each tensor's type, shape and
offsets), then the numbers. They are memory-mapped here, which the safetensors library does for
torch but not for NumPy.
Source: https://github.com/huggingface/safetensors#format
"""

from collections.abc import Callable
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.errors import CorruptFile
from cutaway.reading import SMALL_FILE_BYTES, expect_file, json_of, parsed_json, readable
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.numbers import ITEM_BYTES, numbers
from cutaway.words import in_one_line

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


def read_safetensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of one safetensors file, by the names that it gives them; the numbers are mapped.

    Raises:  CorruptFile when it is cut short, or is no safetensors file at all
    """
    expect_file(path)
    header, start = _read_header(path)
    header.pop("__metadata__", None)
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    tensors = {name: _stored_tensor(path, name, entry, mapped[start:])
               for name, entry in header.items()}
    _expect_apart(path, header)
    return tensors


def read_sharded(index: Path, read_shard: Callable[[Path], dict[str, StoredTensor]]
                 ) -> dict[str, StoredTensor]:
    """The tensors of all the files that a `*.index.json` lists, each read with `read_shard`.

    Raises:  CorruptFile when the index cannot be read, or names a file or a tensor that is absent
    """
    weight_map = _read_weight_map(index)
    shards = {}
    for shard in sorted(set(weight_map.values())):
        shown = in_one_line(shard, 100)
        if Path(shard).name != shard or "\0" in shard:
            raise CorruptFile(f"{index.name} names the file {shown!r}, which is in another folder. "
                              "Its files have to lie beside it: get the model again.")
        if not (index.parent / shard).is_file():
            raise CorruptFile(f"{index.name} names the file {shown}, which is not beside it. "
                              "Get the missing file, or the whole model again.")
        shards[shard] = read_shard(index.parent / shard)
    for name, shard in weight_map.items():
        if name not in shards[shard]:
            raise CorruptFile(f"{index.name} says that {in_one_line(shard, 100)} holds "
                              f"{in_one_line(repr(name), 100)}, but it does not. "
                              "The files belong to different models: get them again.")
    return {name: shards[shard][name] for name, shard in weight_map.items()}


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """What the header says of each tensor, and where in the file the numbers start."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise CorruptFile(
                f"{path.name}: its header should take {length:,} bytes, but the whole file has "
                f"{size:,}. It is cut short or is no safetensors file: get it again.")
        if length > SMALL_FILE_BYTES:
            raise CorruptFile(
                f"{path.name}: its header takes {length:,} bytes, and at most "
                f"{SMALL_FILE_BYTES:,} are read. It is damaged or is no safetensors file: get it "
                "again.")
        with readable(path.name, CorruptFile, "{name}: its header is not JSON ({reason}). "
                      "It is damaged or is no safetensors file: get it again."):
            header = parsed_json(file.read(length))
    if not isinstance(header, dict):
        raise CorruptFile(f"{path.name}: its header is not a list of tensors by name. "
                          "It is damaged or is no safetensors file: get it again.")
    return header, 8 + length


def _stored_tensor(path: Path, name: str, entry: Any, data: np.ndarray) -> StoredTensor:
    shown = in_one_line(repr(name), 100)
    with readable(f"{path.name}: the header's entry for {shown}", CorruptFile,
                  "{name} cannot be read. The file is damaged: get it again."):
        code, shape = str(entry["dtype"]), tuple(map(_whole, entry["shape"]))
        begin, end = map(_whole, entry["data_offsets"])
    dtype = DTYPES.get(code, code)
    if not 0 <= begin <= end <= len(data):
        raise CorruptFile(f"{path.name}: {shown} should end at byte {end:,} of the numbers, but "
                          f"there are {len(data):,}. The file is cut short: get it again.")
    if dtype in ITEM_BYTES and end - begin != prod(shape) * ITEM_BYTES[dtype]:
        raise CorruptFile(f"{path.name}: {shown} has {end - begin:,} bytes, which is not what its "
                          f"shape {in_one_line(str(list(shape)), 80)} of {dtype} takes. It is "
                          "damaged: get it again.")
    return StoredTensor(Origin(path, name, dtype, shape),
                        lambda: numbers(data[begin:end], dtype).reshape(shape))


def _whole(number: Any) -> int:
    """A size or an offset, which is a whole number.  Raises:  ValueError"""
    if type(number) is not int or not 0 <= number < 1 << 63:
        raise ValueError(f"{in_one_line(repr(number), 40)} is no size")
    return number


def _expect_apart(path: Path, header: dict[str, Any]) -> None:
    """Check that no two tensors have a byte in common.  Raises:  CorruptFile naming two"""
    places = sorted((*entry["data_offsets"], name) for name, entry in header.items())
    for (_, end, one), (begin, last, other) in pairwise(places):
        if begin < end and begin < last:
            raise CorruptFile(
                f"{path.name}: {in_one_line(repr(one), 100)} and {in_one_line(repr(other), 100)} "
                f"have bytes in common, from byte {begin:,} of the numbers on. Each tensor has its "
                "own: get the file again.")


def _read_weight_map(index: Path) -> dict[str, str]:
    with readable(index.name, CorruptFile, "{name}: it does not say which file holds which tensor "
                  "(`weight_map`). It is damaged: get it again."):
        weight_map = json_of(index)["weight_map"]
        return {str(name): str(shard) for name, shard in weight_map.items()}
