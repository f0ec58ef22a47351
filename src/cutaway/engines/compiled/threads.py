"""The threads that calculate together."""

import threading
from queue import SimpleQueue

import numpy as np

from cutaway.engines.compiled import machine
from cutaway.engines.compiled.processor import n_threads


class Team:
    """The calling thread and its helpers, which sleep until there is work.

    A helper that the system does not let run is not waited for: the others take its share.
    """

    def __init__(self, count: int | None = None):
        self.count = count or n_threads()
        self._work: list[SimpleQueue] = []
        self._scratch = [np.empty(0, np.float32) for _ in range(self.count)]
        self._one_at_a_time = threading.Lock()

    def run(self, program: np.ndarray, numbers: np.ndarray, first: int, scratch_floats: int, *,
            alone: bool = False) -> None:
        """Run a program to its end.

        program  (instruction field), numbers (instruction), as `machine.run` takes them
        first    the position of the first row
        alone    for work so short that waking the helpers would take longer
        """
        with self._one_at_a_time:
            control = np.zeros((len(program), (self.count + 1) * machine.LINE), np.int64)
            if len(self._scratch[0]) < scratch_floats:
                self._scratch = [np.empty(scratch_floats, np.float32) for _ in range(self.count)]
            if not alone:
                self._wake(program, numbers, control, first)
            machine.run(program, numbers, control, first, self._scratch[0], 0, self.count)

    def _wake(self, *work: object) -> None:
        while len(self._work) < self.count - 1:
            queue: SimpleQueue = SimpleQueue()
            helper = threading.Thread(target=_help, args=(queue,), daemon=True,
                                      name=f"cutaway-{len(self._work) + 1}")
            self._work.append(queue)
            helper.start()
        for own, queue in enumerate(self._work, 1):
            queue.put((*work, self._scratch[own], own, self.count))


def _help(queue: SimpleQueue) -> None:
    while True:
        machine.run(*queue.get())
