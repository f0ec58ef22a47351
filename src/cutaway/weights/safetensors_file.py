"""Safetensors files as Hugging Face writes them: one file, or several with an index.

The layout: 8 bytes with the header's length, the header as JSON (each tensor's type, shape and
offsets), then the numbers. They are memory-mapped here, which the safetensors library does for
torch but not for NumPy.
Source: https://github.com/huggingface/safetensors#format
"""

import json
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.errors import CorruptFile
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.numbers import ITEM_BYTES, numbers

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


def read_safetensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of one safetensors file, by the names that it gives them; the numbers are mapped.

    Raises:  CorruptFile when it is cut short, or is no safetensors file at all
    """
    header, start = _read_header(path)
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    return {name: _stored_tensor(path, name, entry, mapped[start:])
            for name, entry in header.items() if name != "__metadata__"}


def read_sharded(index: Path, read_shard: Callable[[Path], dict[str, StoredTensor]]
                 ) -> dict[str, StoredTensor]:
    """The tensors of all the files that a `*.index.json` lists, each read with `read_shard`.

    Raises:  CorruptFile when the index cannot be read, or names a file or a tensor that is absent
    """
    weight_map = _read_weight_map(index)
    shards = {}
    for shard in sorted(set(weight_map.values())):
        if Path(shard).name != shard:
            raise CorruptFile(f"{index.name} names the file {shard!r}, which is in another folder. "
                              "Its files have to lie beside it: get the model again.")
        if not (index.parent / shard).is_file():
            raise CorruptFile(f"{index.name} names the file {shard}, which is not beside it. "
                              "Get the missing file, or the whole model again.")
        shards[shard] = read_shard(index.parent / shard)
    for name, shard in weight_map.items():
        if name not in shards[shard]:
            raise CorruptFile(f"{index.name} says that {shard} holds {name!r}, but it does not. "
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
        try:
            header = json.loads(file.read(length))
        except ValueError as error:
            raise CorruptFile(f"{path.name}: its header is not JSON ({error}). "
                              "It is damaged or is no safetensors file: get it again.") from error
    if not isinstance(header, dict):
        raise CorruptFile(f"{path.name}: its header is not a list of tensors by name. "
                          "It is damaged or is no safetensors file: get it again.")
    return header, 8 + length


def _stored_tensor(path: Path, name: str, entry: Any, data: np.ndarray) -> StoredTensor:
    try:
        code, shape = str(entry["dtype"]), tuple(int(size) for size in entry["shape"])
        begin, end = (int(offset) for offset in entry["data_offsets"])
        if any(size < 0 for size in shape):
            raise ValueError("a negative size")
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptFile(f"{path.name}: the header's entry for {name!r} cannot be read. "
                          "The file is damaged: get it again.") from error
    dtype = DTYPES.get(code, code)
    if not 0 <= begin <= end <= len(data):
        raise CorruptFile(f"{path.name}: {name!r} should end at byte {end:,} of the numbers, but "
                          f"there are {len(data):,}. The file is cut short: get it again.")
    if dtype in ITEM_BYTES and end - begin != prod(shape) * ITEM_BYTES[dtype]:
        raise CorruptFile(f"{path.name}: {name!r} has {end - begin:,} bytes, which is not what its "
                          f"shape {list(shape)} of {dtype} takes. It is damaged: get it again.")
    return StoredTensor(Origin(path, name, dtype, shape),
                        lambda: numbers(data[begin:end], dtype).reshape(shape))


def _read_weight_map(index: Path) -> dict[str, str]:
    try:
        weight_map = json.loads(index.read_bytes())["weight_map"]
        return {str(name): str(shard) for name, shard in weight_map.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptFile(f"{index.name}: it does not say which file holds which tensor "
                          "(`weight_map`). It is damaged: get it again.") from error
