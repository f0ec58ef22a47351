"""What this machine's processor can do in one instruction."""

import os
import platform
from functools import cache


@cache
def features() -> frozenset[str]:
    """The processor's abilities by LLVM's names; none where CUTAWAY_PROCESSOR=portable."""
    if os.environ.get("CUTAWAY_PROCESSOR") == "portable":
        return frozenset()
    import llvmlite.binding as llvm

    return frozenset(name for name, has in llvm.get_host_cpu_features().items() if has)


def lanes() -> int:
    """How many float32 numbers one instruction works on."""
    if "avx512f" in features():
        return 16
    return 8 if {"avx2", "fma"} <= features() else 4


def tile_rows() -> int:
    """How many rows' sums, two vectors each, fit into the registers."""
    return 6 if lanes() == 8 else 12  # AVX2 has 16 registers; AVX-512 and ARM's NEON have 32


def byte_products() -> bool:
    """Whether four products of bytes and their sum are one instruction (VNNI)."""
    return lanes() == 16 and "avx512vnni" in features()


def is_x86() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")


def n_threads() -> int:
    """How many threads calculate: OMP_NUM_THREADS, or the cores that this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
