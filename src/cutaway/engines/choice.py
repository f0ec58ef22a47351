"""Which engine calculates when none is named.

The plain one, unless the model is large: then native code saves more than loading it costs. Code
that was never compiled on this machine is not waited for; whoever has long work asks for it.
CUTAWAY_ENGINE in the environment chooses for everybody: numpy, compiled, int8 or auto.
"""

import os
import re
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from cutaway.engines.numpy import NumpyEngine
from cutaway.errors import SettingError
from cutaway.workbook.book import Book
from cutaway.workbook.run import Engine

NAMES = ("auto", "numpy", "compiled", "int8")
THREADS = "NUMBA_NUM_THREADS"
LARGE = 30_000_000  # weights: what a token reads takes longer than Python does


def named_engine(name: str, book: Book, *, compile_now: bool = False) -> Engine:
    """An engine by its name.

    name         "auto" takes native code for a large book, "numpy" never; "int8" has weights of a
                 byte each
    compile_now  whether "auto" may compile what was never compiled on this machine
    Raises:      SettingError for another name, or where there is no Numba
    """
    if name not in NAMES:
        raise SettingError(f"There is no engine {name!r}; {', '.join(NAMES)} are. CUTAWAY_ENGINE "
                           f"in the environment names one for everybody.")
    if name == "numpy" or (name == "auto" and not _worth_it(book, compile_now)):
        return NumpyEngine(np.float32)
    if not has_numba():
        raise SettingError(f"The engine {name!r} needs Numba, which is not installed: "
                           f"pip install numba. Without it there is the engine 'numpy'.")
    from cutaway.engines.compiled import CompiledEngine

    return CompiledEngine("int8" if name == "int8" else "float32")


def default_engine(book: Book) -> Engine:
    """The engine that the environment names, or "auto".  Raises:  SettingError"""
    return named_engine(engine_of_environment(), book)


def engine_of_environment() -> str:
    return os.environ.get("CUTAWAY_ENGINE") or "auto"


def will_compile(name: str, book: Book) -> bool:
    """Whether this engine would have to be compiled first, which takes some ten seconds, once."""
    if name == "numpy" or (name == "auto" and not is_large(book)) or not has_numba():
        return False
    from cutaway.engines.compiled import compiled_before

    return not compiled_before()


def compile_for(name: str, book: Book, tell: Callable[[str], None]) -> None:
    """Compile an engine that will be needed, saying so; nothing where that is not needed."""
    if will_compile(name, book):
        from cutaway.engines.compiled import compile_all

        tell("Compiling the engine for this processor, once; some ten seconds ...")
        compile_all()


def has_numba() -> bool:
    """Whether native code can be made here.

    Raises:  SettingError when Numba is told to take no thread at all, which it refuses
    """
    threads = os.environ.get(THREADS, "1")
    if re.fullmatch(r"\s*(-\d+|0+)\s*", threads):
        raise SettingError(f"{THREADS} is {threads[:20]!r} in the environment; a whole number of "
                           f"at least 1 is expected. Take it out, or name the engine 'numpy'.")
    return find_spec("numba") is not None


def is_large(book: Book) -> bool:
    count = sum(int(np.prod([book.sizes[axis] for axis in axes]))
                for axes in book.weights.values())
    return count >= LARGE


def _worth_it(book: Book, compile_now: bool) -> bool:
    if not is_large(book) or not has_numba():
        return False
    return compile_now or not will_compile("auto", book)
