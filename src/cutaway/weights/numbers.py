"""Bytes of a file as numbers."""

import numpy as np

ITEM_BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}


def numbers(data: np.ndarray, dtype: str) -> np.ndarray:
    """A file's bytes as little-endian numbers of `dtype`: the same memory, except for bfloat16.

    NumPy has no bfloat16. Each is the upper half of the float32 that it becomes here, exactly.
    """
    if dtype == "bfloat16":
        return (data.view("<u2").astype(np.uint32) << 16).view(np.float32)
    found = np.asarray(data.view(np.dtype(dtype).newbyteorder("<")))
    return np.require(found, requirements="A")  # a copy only where the file put them at an odd byte
