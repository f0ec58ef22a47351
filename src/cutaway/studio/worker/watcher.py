"""A small process beside the worker that ends it when the server is gone.

The worker's own threads see that as well, but not while compiled code holds the interpreter.
"""

import os

from cutaway.studio.worker.limits import end_this_group


def start_watcher(descriptor: int, *others: int) -> None:
    """Begin to watch; before there are threads, which do not survive a fork.

    descriptor  a pipe's end whose other end the server holds, and no other process
    others      what the watcher is not to keep open
    """
    child = os.fork()
    if child:
        os.close(descriptor)
        os.waitpid(child, 0)
        return
    # A grandchild: code of the user's that waits for its children must not wait for this one.
    if os.fork() == 0:
        for other in others:
            os.close(other)
        while os.read(descriptor, 1):
            pass
        end_this_group()
    os._exit(0)
