"""How much memory there is for a process."""

import os
from contextlib import suppress
from pathlib import Path

LIMIT = Path("/sys/fs/cgroup/memory.max")


def machine_memory() -> int | None:
    """The bytes of this machine, or of its container; None where the system does not say."""
    if not hasattr(os, "sysconf"):  # Windows
        return None
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit: "max"
        machine = min(machine, int(LIMIT.read_text("ascii")))
    return machine
