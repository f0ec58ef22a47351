"""The compiled engine: the same steps as native code, for speed.

    from cutaway.engines.compiled import CompiledEngine
"""

from cutaway.engines.compiled.engine import CompiledEngine

__all__ = ["CompiledEngine"]
