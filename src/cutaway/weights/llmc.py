"""llm.c's `.bin`: a header of 256 whole numbers, then all numbers of the model, table after table.

Every table has the blocks one after the other, and `nn.Linear`'s order: output rows x input
columns. The token table is made up to a multiple of 128 rows; `vocab_size` says how many are
tokens. The numbers are memory-mapped.
Source: karpathy/llm.c, train_gpt2.py, write_model and write_tensors
"""

from math import prod
from pathlib import Path

import numpy as np

from cutaway.errors import CorruptFile
from cutaway.weights.mapping import MOST_BLOCKS, Origin, StoredTensor
from cutaway.weights.numbers import ITEM_BYTES, numbers
from cutaway.weights.state_dict import StateDict

MAGIC = 20240326
HEADER_BYTES = 256 * 4
VERSIONS = {3: "float32", 5: "bfloat16"}
# What the files of llm.c that hold no model begin with.
OTHERS = {20240327: "what llm.c compares itself with (a debug state)",
          20240328: "llm.c's list of tokens", 20240520: "llm.c's training text, as ids",
          20240522: "llm.c's evaluation questions", 20240801: "llm.c's training text, as ids",
          20240527: "the state of llm.c's optimizer", 20240803: "llm.c's Llama"}
SIZES = ("n_positions", "vocab_size", "n_layer", "n_head", "n_embd", "rows")
MOST = 1_000_000_000  # of any size; of blocks MOST_BLOCKS
# Our names in the order of the file, with the axes of one block's table there.
TABLES = {
    "wte": ("rows", "n_embd"), "wpe": ("n_positions", "n_embd"),
    "ln_1_g": ("n_embd",), "ln_1_b": ("n_embd",), "c_attn_w": ("qkv", "n_embd"),
    "c_attn_b": ("qkv",), "attn_c_proj_w": ("n_embd", "n_embd"), "attn_c_proj_b": ("n_embd",),
    "ln_2_g": ("n_embd",), "ln_2_b": ("n_embd",), "c_fc_w": ("hidden", "n_embd"),
    "c_fc_b": ("hidden",), "mlp_c_proj_w": ("n_embd", "hidden"), "mlp_c_proj_b": ("n_embd",),
    "ln_f_g": ("n_embd",), "ln_f_b": ("n_embd",)}
OUTSIDE = ("wte", "wpe", "ln_f_g", "ln_f_b")


def is_llmc(start: bytes) -> bool:
    """Whether a file that begins so is one of llm.c's."""
    return int.from_bytes(start[:4], "little") in (MAGIC, *OTHERS)


def read_llmc(path: Path) -> StateDict:
    """The tensors of a model of llm.c's, with its shape, which the header says.

    Raises:  CorruptFile for a file of llm.c's that holds no model, for one of another version, and
             for one that is shorter or longer than its header says
    """
    with path.open("rb") as file:
        header = np.frombuffer(file.read(HEADER_BYTES).ljust(HEADER_BYTES, b"\0"), "<i4").tolist()
    magic, version = header[:2]
    if magic in OTHERS:
        raise CorruptFile(f"{path.name} is {OTHERS[magic]}, and no model. Open the .bin of the "
                          "model, such as gpt2_124M.bin.")
    if version not in VERSIONS:
        raise CorruptFile(
            f"{path.name} is a model of llm.c's in version {version} of its format; 3 (float32) "
            "and 5 (bfloat16) can be read. Write it again with llm.c's own train_gpt2.py.")
    sizes: dict[str, int] = dict(zip(SIZES, header[2:], strict=False))
    _expect_sizes(path, sizes, VERSIONS[version])
    fields = {name: sizes[name] for name in SIZES if name != "rows"}
    return StateDict(_tensors(path, sizes, VERSIONS[version]), told=fields,
                     notes=["It is a model of llm.c's."])


def _shape(axes: tuple[str, ...], sizes: dict[str, int]) -> tuple[int, ...]:
    width = sizes["n_embd"]
    known = {**sizes, "qkv": 3 * width, "hidden": 4 * width}
    return tuple(known[axis] for axis in axes)


def _expect_sizes(path: Path, sizes: dict[str, int], dtype: str) -> None:
    """Check the header against itself and the file's length.  Raises:  CorruptFile"""
    wrong = [f"{name} {size}" for name, size in sizes.items()
             if not 0 < size <= (MOST_BLOCKS if name == "n_layer" else MOST)]
    if wrong or sizes["rows"] < sizes["vocab_size"]:
        raise CorruptFile(f"{path.name}: its header says "
                          f"{', '.join(wrong) or 'more tokens than rows'}, which no model has. "
                          "The file is damaged: get it again.")
    wanted = HEADER_BYTES + ITEM_BYTES[dtype] * sum(
        prod(_shape(axes, sizes)) * (1 if name in OUTSIDE else sizes["n_layer"])
        for name, axes in TABLES.items())
    if (found := path.stat().st_size) != wanted:
        raise CorruptFile(f"{path.name} has {found:,} bytes, and its header says {wanted:,}. It "
                          "is cut short or damaged: get it again.")


def _tensors(path: Path, sizes: dict[str, int], dtype: str) -> dict[str, StoredTensor]:
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    tensors, at = {}, HEADER_BYTES
    for name, axes in TABLES.items():
        shape = _shape(axes, sizes)
        places = [name] if name in OUTSIDE else [f"h{block}.{name}"
                                                 for block in range(sizes["n_layer"])]
        for place in places:
            end = at + prod(shape) * ITEM_BYTES[dtype]
            rows = (sizes["vocab_size"], *shape[1:]) if name == "wte" else shape
            tensor = _stored(path, place, dtype, rows, mapped[at:end].reshape(shape[0], -1))
            tensors[place] = tensor.transposed() if name.endswith("_w") else tensor
            at = end
    return tensors


def _stored(path: Path, name: str, dtype: str, shape: tuple[int, ...], data: np.ndarray
            ) -> StoredTensor:
    """A table of the file.  data: its bytes, row by row; those after the last token are left out"""
    return StoredTensor(Origin(path, name, dtype, shape),
                        lambda: numbers(data[:shape[0]].reshape(-1), dtype).reshape(shape))
