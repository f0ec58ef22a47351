"""One contestant in a process of its own, blocked while the others have their turn.

Several libraries in one process disturb each other: their threads go on turning for a while after
the work is done. Here each has its own process, told what to do by lines of JSON. A contestant is
a class; its methods are called by name with plain values, and give plain values.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

REPOSITORY = Path(__file__).parents[1]


class NotHere(Exception):
    """A contestant cannot take part: what is missing, and what to install."""


class Worker:
    """A contestant that runs elsewhere.

        with Worker("bench.contestants.ours:Generation", folder=str(folder)) as worker:
            worker.call("run", count=128)

    Raises:  NotHere when the contestant cannot be made
    """

    def __init__(self, contestant: str, **settings: Any):
        self.contestant = contestant
        command = [sys.executable, "-m", "bench.worker", contestant, json.dumps(settings)]
        self.process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment(), text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            self.facts = self._answer()
        except BaseException:
            self.close()
            raise

    def call(self, method: str, **arguments: Any) -> Any:
        """What a method gives."""
        return self._ask({"method": method, "arguments": arguments})["value"]

    def times(self, method: str, at_least_seconds: float = 0.0, **arguments: Any) -> list[float]:
        """How long each call of a method took, repeated until so much time is spent."""
        return self._ask({"method": method, "arguments": arguments,
                          "at_least_seconds": at_least_seconds})["seconds"]

    def _ask(self, question: dict) -> dict:
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise NotHere(f"{self.contestant} has ended by itself.") from None
        return self._answer()

    def _answer(self) -> dict:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise NotHere(f"{self.contestant} ended with code {self.process.wait()}.")
        answer = json.loads(line)
        if "error" in answer:
            raise NotHere(answer["error"])
        return answer

    def close(self) -> None:
        """End it, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def threads() -> int:
    """How many threads everybody has: 2, or what BENCH_THREADS says."""
    return int(os.environ.get("BENCH_THREADS", "2"))


def environment() -> dict[str, str]:
    """The same number of threads for every library, nothing asked of the network."""
    counts = dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS",
         "RAYON_NUM_THREADS", "BENCH_THREADS"), str(threads()))
    paths = [str(REPOSITORY / "src"), str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, **counts, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONWARNINGS": "ignore"}


# ---- In the worker's process ----------------------------------------------------------------

def main() -> None:
    """Make the contestant, then answer one line after the other until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    try:
        contestant = _made(sys.argv[1], json.loads(sys.argv[2]))
    except Exception as error:
        _write(answers, {"error": _in_words(error)})
        return
    _write(answers, {"value": None})
    for line in sys.stdin:
        try:
            answer = _answered(contestant, json.loads(line))
        except Exception as error:
            answer = {"error": _in_words(error)}
        _write(answers, answer)


def _made(contestant: str, settings: dict) -> Any:
    module, _, name = contestant.partition(":")
    return getattr(importlib.import_module(module), name)(**settings)


def _answered(contestant: Any, question: dict) -> dict:
    """One question answered: how long each call took, and what the last one gave."""
    method, arguments = getattr(contestant, question["method"]), question["arguments"]
    seconds: list[float] = []
    value = None
    while not seconds or sum(seconds) < question.get("at_least_seconds", 0):
        value = None  # what the last call gave is let go outside of the measured time
        started = time.perf_counter()
        value = method(**arguments)
        seconds.append(time.perf_counter() - started)
    return {"seconds": seconds, "value": value if "at_least_seconds" not in question else None}


def _in_words(error: Exception) -> str:
    if isinstance(error, ImportError) and error.name:
        return f"{error.name} is not installed"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".strip()


def _write(answers: IO[str], answer: dict) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
