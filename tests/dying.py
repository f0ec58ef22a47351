"""What a process leaves on the disk when it is killed at any of its operations there.

    for operation, folder in deaths(before, act, scratch):
        ...what `act(folder)` would leave, were it killed just before that operation...

Python tells of every file that is opened for writing, moved, made or deleted, whoever in the
process does it. Just before each of them the folder is copied: what a program still holds back is
not in the copy, as it is not on the disk when SIGKILL comes. So whatever `act` does more tomorrow
is tried as well. Where a file is opened, the next copy has it empty; libraries that write files
without Python are named in NATIVE: of what they write, a copy has the half.

`killed_at` does kill a process, to see that it leaves the same.
"""

import os
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What the system is asked to do, and where in its audit event an open folder is named.
FOLDER_ARGUMENT = {"os.rename": 2, "os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.link": 2,
                   "os.symlink": 2, "os.truncate": 2, "os.chmod": 2, "os.utime": 3}
NATIVE = {"safetensors.numpy": ("save_file", 1), "torch": ("save", 1)}  # function, argument: file

Act = Callable[[Path], object]
Change = Callable[[Path], object]  # of the folder that it is given: what was half done
At = Callable[[str, Change], object]  # is called just before an operation


def deaths(before: Path, act: Act, scratch: Path, one_in: int = 1) -> Iterator[tuple[str, Path]]:
    """Each operation of `act`, and what a death just before it leaves; at last what it ends with.

    Folders in which nothing has changed since the last operation are left out.
    before   the folder on a copy of which it acts
    scratch  where the copies are made
    one_in   of how many operations one is looked at
    """
    live, copies, numbers = scratch / "live", [], count()
    shutil.copytree(before, live, symlinks=True)

    def copy(operation: str, change: Change) -> None:
        if next(numbers) % one_in:
            return
        folder = scratch / f"{len(copies)}" / "live"
        shutil.copytree(live, folder, symlinks=True)
        change(folder)
        copies.append((operation, folder))

    with listening(live, copy):
        act(live)
    copies.append(("the end", live))
    seen = None
    for operation, folder in copies:
        if seen != (seen := contents(folder)):
            yield operation, folder


def killed_at(number: int, act: Act, folder: Path) -> bool:
    """Act on a folder in a child, and kill it at one of its operations. Whether it came so far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the threads that the child does not have
        child = os.fork()
    if not child:
        left = iter(range(number))

        def kill(_: str, change: Change) -> None:
            if next(left, None) is None:
                change(folder)
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with listening(folder, kill):
                act(folder)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status == signal.SIGKILL


class listening:
    """Within it, every operation below a folder is told to `at`, before it is done."""

    def __init__(self, folder: Path, at: At):
        self.folder, self.at, self.lock = folder, at, threading.RLock()
        self.within, self.native = False, {}

    def __enter__(self) -> None:
        for module in NATIVE.keys() & sys.modules.keys():
            name, argument = NATIVE[module]
            self.native[module] = getattr(sys.modules[module], name)
            setattr(sys.modules[module], name, self._told(self.native[module], argument))
        if not hooked:
            sys.addaudithook(_tell_the_newest)  # it stays for ever
            hooked.append(True)
        listeners.append(self._hear)

    def __exit__(self, *_: object) -> None:
        listeners.pop()
        for module, function in self.native.items():
            setattr(sys.modules[module], NATIVE[module][0], function)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes | os.PathLike) and flags & WRITES:
                self._tell(f"open {path}", path)
                self._tell(f"write {path}", path, lambda file: os.close(
                    os.open(file, (flags | os.O_CREAT) & ~os.O_EXCL, 0o644)))
        elif event in FOLDER_ARGUMENT:
            place = FOLDER_ARGUMENT[event]
            in_a_folder = len(arguments) > place and arguments[place] not in (-1, None)
            self._tell(f"{event} {arguments}", self.folder / "any" if in_a_folder else arguments[0])

    def _tell(self, operation: str, path: Any, begin: Callable[[Path], object] | None = None
              ) -> None:
        """Tell of an operation below the folder.  begin: what of it is done to the file"""
        path = Path(os.path.abspath(os.fsdecode(path)))
        if not path.is_relative_to(self.folder):
            return
        with self.lock:  # several threads may write
            if self.within:
                return
            self.within = True
            try:
                self.at(operation, lambda folder: begin and begin(
                    folder / path.relative_to(self.folder)))
            finally:
                self.within = False

    def _told(self, function: Callable[..., object], argument: int) -> Callable[..., object]:
        def told(*given: Any, **named: Any) -> object:
            path = given[argument]
            self._tell(f"before {path}", path)
            result = function(*given, **named)
            self._tell(f"half of {path}", path, lambda file: os.truncate(
                file, os.path.getsize(file) // 2))
            return result

        return told


hooked: list[bool] = []
listeners: list[Callable[[str, tuple[Any, ...]], None]] = []


def _tell_the_newest(event: str, arguments: tuple[Any, ...]) -> None:
    for listener in listeners[-1:]:
        listener(event, arguments)


def contents(folder: Path) -> dict[str, bytes | None]:
    """All that lies in a folder, at any depth, hidden or not; a folder holds None."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")}
