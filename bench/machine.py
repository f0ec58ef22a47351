"""The machine: its name, how busy others keep it, and waiting until they do not.

    python -m bench.machine

A measurement on a busy machine says nothing: on one, a peer fell from 64 to 5 tokens a second. So
the suite waits for a quiet one, and repeats what others' work has spoiled.
"""

import argparse
import importlib.metadata
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import psutil

QUIET_CORES = 0.05     # below so much of a core, others' work does not count
SPOILT_CORES = 0.10    # above it, a turn is repeated
TICKS_SECONDS = 0.03   # what the system's own counting of CPU time may be off by
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp", "i8mm")
PEERS = ("numpy", "numba", "torch", "transformers", "transformer-lens", "onnxruntime", "openvino",
         "ctranslate2", "llama-cpp-python", "tiktoken", "tokenizers")


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on.

    flags     what the processor can do, as far as it matters here
    versions  of the libraries that are installed, by their names
    """

    processor: str
    cores: int
    memory_gib: float
    flags: tuple[str, ...]
    python: str
    versions: dict[str, str]

    def __str__(self) -> str:
        libraries = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return (f"{self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB of memory "
                f"({', '.join(self.flags) or 'no vector flags known'}); Python {self.python}, "
                f"{libraries}")


def this_machine() -> Machine:
    """The machine that this runs on."""
    facts = _processor_facts()
    flags = tuple(flag for flag in FLAGS if flag in facts.get("flags", "").split())
    return Machine(facts.get("name") or platform.processor() or platform.machine(),
                   os.cpu_count() or 1, psutil.virtual_memory().total / 2**30, flags,
                   platform.python_version(), installed(PEERS))


def installed(names: tuple[str, ...]) -> dict[str, str]:
    """The versions of those that are installed."""
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _processor_facts() -> dict[str, str]:
    """The processor's name and flags, where the system tells them in a file."""
    words = {"model name": "name", "flags": "flags", "Features": "flags"}
    facts: dict[str, str] = {}
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                word, _, text = line.partition(":")
                if word.strip() in words:
                    facts.setdefault(words[word.strip()], text.strip())
    except OSError:
        pass
    return facts


# ---- Others' work ---------------------------------------------------------------------------

def busy_seconds() -> float:
    """CPU seconds that anyone has used since the machine began, and those stolen from it."""
    times = psutil.cpu_times()._asdict()
    # guest time is within user time already
    return sum(times.get(name, 0) for name in ("user", "nice", "system", "irq", "softirq", "steal"))


def own_seconds(process: int) -> float:
    """CPU seconds that a process and those below it have used."""
    total, top = 0.0, psutil.Process(process)
    for one in [top, *top.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # it has ended, and its parent counts it
            continue
        total += times.user + times.system
        total += (times.children_user + times.children_system) if one is top else 0
    return total


class Watch:
    """How much of the machine others use while one process works.

        watch = Watch(process)
        ...
        watch.foreign_cores()
    """

    def __init__(self, process: int):
        self.process = process
        self.begun = self._now()

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), busy_seconds(), own_seconds(self.process)

    def foreign_cores(self) -> float:
        """The others' share since the beginning, in cores: 0.5 is half a core all the time."""
        seconds, busy, own = (now - then for now, then in zip(self._now(), self.begun, strict=True))
        return max(0.0, busy - own - TICKS_SECONDS) / seconds if seconds else 0.0


def tell(words: str) -> None:
    """How the work goes, beside what is printed as its result."""
    print(words, file=sys.stderr, flush=True)


def wait_until_quiet(patience_seconds: float, say: Callable[[str], None] = tell, *,
                     look_seconds: float = 2.0,
                     foreign: Callable[[float], float] | None = None) -> bool:
    """Waits until others use less than QUIET_CORES; whether they came to.

    patience_seconds  how long to wait at most
    foreign           the share of others over so many seconds; measured when not given
    """
    foreign, began, told = foreign or foreign_load, time.perf_counter(), False
    while (load := foreign(look_seconds)) > QUIET_CORES:
        if time.perf_counter() - began > patience_seconds:
            say(f"The machine has not become quiet: others use {load:.2f} of a core.")
            return False
        if not told:
            say(f"Others use {load:.2f} of a core: waiting for a quiet machine, at most "
                f"{patience_seconds:.0f} seconds.")
            told = True
    return True


def foreign_load(seconds: float) -> float:
    """What others use of the machine in the coming seconds, in cores."""
    watch = Watch(os.getpid())
    time.sleep(seconds)
    return watch.foreign_cores()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.parse_args()
    for name, value in asdict(this_machine()).items():
        print(f"{name:<12} {value}")
    print(f"{'others use':<12} {foreign_load(2.0):.2f} of a core")


if __name__ == "__main__":
    main()
