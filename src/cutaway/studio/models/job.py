"""`python -m cutaway.studio.models.job`: one order in, reports of progress and one answer out.

The order is a line of JSON on the standard input. When that input ends, whoever asked has gone or
no longer wants it: the work stops, as at Ctrl-C, and tidies up.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, TextIO

from cutaway.errors import CutawayError
from cutaway.studio.models.check import check, keep
from cutaway.studio.models.store import fetch_model, list_models, list_tensors, remove_model
from cutaway.studio.process.limits import tame_this_process
from cutaway.weights.progress import Progress, ProgressCallback

Work = Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]
WORKS: dict[str, Work] = {
    "list": list_models,
    "tensors": list_tensors,
    "remove": remove_model,
    "fetch": fetch_model,
    "check": check,
    "keep": keep,
}


def main() -> None:
    """The work that the first line of the input orders."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tame_this_process()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    try:
        _work(answers)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(1)


def _work(answers: TextIO) -> None:
    order = json.loads(sys.stdin.buffer.readline() or b"{}")
    is_done = threading.Event()
    threading.Thread(target=_stop_at_the_end_of_input, args=[is_done], daemon=True).start()

    def tell(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    def report(progress: Progress) -> None:
        tell({"progress": {"what": progress.doing, "done": progress.done, "of": progress.total,
                           "unit": progress.unit}})

    if order:
        answer = _answer(order, report)
        is_done.set()
        tell(answer)


def _answer(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """The answer, or the error in its place."""
    try:
        return {"answer": WORKS[order.pop("work")](order, report)}
    except (CutawayError, MemoryError) as error:
        message = str(error) or "There is not enough memory for this model. Nothing was changed."
        return {"error": {"kind": type(error).__name__, "message": message}}
    except Exception as error:
        traceback.print_exc()
        return {"error": {"kind": type(error).__name__, "message":
                          f"Cutaway failed at this ({type(error).__name__}: {error}), which is a "
                          "mistake of its own. Nothing was changed."}}


def _stop_at_the_end_of_input(is_done: threading.Event) -> None:
    os.read(0, 1)
    main_thread = threading.main_thread().ident
    if not is_done.is_set() and main_thread is not None:
        signal.pthread_kill(main_thread, signal.SIGINT)  # which also wakes a read that waits


if __name__ == "__main__":
    main()
