"""How functions become native code, which is kept on the disk.

Numba looks only at a function's own file to see whether what it kept is still right. Here one
file's functions call another's, so the kept code lies in a folder named after all of them.
"""

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numba
from numba import njit

from cutaway.engines.compiled import processor
from cutaway.folders import cache_folder


@cache
def code_folder() -> Path:
    """Where native code is kept: of exactly these files, for exactly this processor.

    Below NUMBA_CACHE_DIR where that is set, otherwise in the user's folder for caches.
    """
    text = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
    name = sha256(text + " ".join(sorted(processor.features())).encode()).hexdigest()[:16]
    place = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(place) / "cutaway" if place else cache_folder()) / "native" / name


def _native(fastmath: set[str]) -> Callable[[Callable], Any]:
    def compiled_on_first_use(function: Callable) -> Any:
        config = cast(Any, numba).config
        before, config.CACHE_DIR = config.CACHE_DIR, str(code_folder())
        try:
            return njit(nogil=True, cache=True, error_model="numpy", fastmath=fastmath)(function)
        finally:
            config.CACHE_DIR = before

    return compiled_on_first_use


# A sum may be taken in another order, which depends on its length alone as long as the loop writes
# nothing. A loop that writes must not be changed so: how it is done depends on where tables lie.
summing = _native({"reassoc", "contract", "nsz"})
writing = _native({"contract"})
exact = _native(set())
