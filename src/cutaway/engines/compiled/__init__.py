"""The compiled engine: the same steps as native code, for speed.

    from cutaway.engines.compiled import CompiledEngine
"""

from pathlib import Path

from cutaway.engines.compiled.engine import CompiledEngine

__all__ = ["CompiledEngine", "compile_all", "compiled_before"]


def compiled_before() -> bool:
    """Whether the native code is on this machine's disk."""
    from cutaway.engines.compiled import machine

    return any(Path(str(machine.run.stats.cache_path)).glob("machine.run-*.nbi"))


def compile_all() -> None:
    """Compile the native code now, and keep it on the disk: some ten seconds, once."""
    import numpy as np

    from cutaway.engines.compiled import machine
    from cutaway.engines.compiled.threads import Team

    nothing = np.zeros((0, machine.FIELDS), np.int64)
    Team(1).run(nothing, np.zeros(0), 0, 1)
