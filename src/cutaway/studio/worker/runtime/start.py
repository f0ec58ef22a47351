"""How a worker begins: its socket, its limits, and its verbs; or why it cannot."""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

from cutaway.studio.process.frames import packed
from cutaway.studio.process.limits import (
    MemoryLimit,
    start_watcher,
    tame_this_process,
    usual_memory,
)


def start(load: Callable[[], tuple[Mapping[Any, Any], Mapping[Any, Any], Any]]) -> None:
    """Be a worker. Never returns.

    load  imports and gives the verbs: views, jobs, and what makes a workspace
    """
    number, watched, most_bytes = map(int, sys.argv[1:4])
    del sys.argv[1:]
    tame_this_process()
    start_watcher(watched, number)
    memory = MemoryLimit(most_bytes or usual_memory())
    connection = socket.socket(fileno=number)
    try:
        from cutaway.studio.worker.runtime.output import out_of_the_way
        from cutaway.studio.worker.runtime.threads import run_worker

        verbs = load()
        connection = socket.socket(fileno=out_of_the_way(connection.detach()))
        run_worker(connection, *verbs, memory)
    except BaseException as error:
        connection.sendall(packed({"failed": f"{type(error).__name__}: {error}"[:2000]}))
        os._exit(1)
