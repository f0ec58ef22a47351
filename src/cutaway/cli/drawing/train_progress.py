"""A training run on the screen: a line that moves on a terminal, a line now and then in a pipe."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cutaway.cli.interrupt import first_interrupt_waits
from cutaway.cli.screen import Screen, counted, open_screen
from cutaway.words import quoted

if TYPE_CHECKING:
    from cutaway.train.loop import TrainingStep

SHOWN = 60  # characters of the first document
LINES = 50  # about so many lines a training run prints into a pipe
WAIT = "Finishing this step and saving. Ctrl-C again stops at once."


class Pace:
    """How a training run goes: the mean loss since the last line, and the time that is left."""

    def __init__(self, total: int):
        self.total = total
        self._losses: list[float] = []
        self._speeds: list[float] = []
        self._began: float | None = None
        self._first = 0

    def add(self, step: "TrainingStep") -> None:
        """Count a step in."""
        if self._began is None:
            self._began, self._first = time.monotonic(), step.step
        self._losses.append(step.loss_nats)
        self._speeds.append(step.tokens_a_second)

    def words(self, step: "TrainingStep") -> str:
        """The loss, the rate, the speed and the time left; the next line begins anew."""
        loss = sum(self._losses) / len(self._losses)
        speed = sum(self._speeds) / len(self._speeds)
        self._losses, self._speeds = [], []
        used = "" if step.utilisation is None else f"{step.utilisation:.0%} of the GPU   "
        return (f"loss {loss:.4f}   rate {step.rate:.2e}   {speed:7,.0f} tokens a second   "
                f"{used}{self._time_left(step.step)}")

    def _time_left(self, step: int) -> str:
        if self._began is None or step == self._first:
            return ""
        seconds_a_step = (time.monotonic() - self._began) / (step - self._first)
        return f"{duration(seconds_a_step * (self.total - step))} left"


def duration(seconds: float) -> str:
    """A time for people: 48 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def alone(asked: bool) -> bool:
    """Whether to stop, where nobody else is to be asked."""
    return asked


def watch_training(records: Iterator[Any], total: int, stop: Callable[[bool], bool]) -> bool:
    """A training run in a process that draws nothing; it stops when any of the processes does.

    All as in `draw_training`.
    """
    from cutaway.train.loop import TrainingStep

    with first_interrupt_waits("") as interrupt:
        for record in records:
            if isinstance(record, TrainingStep) and stop(interrupt.asked) and record.step < total:
                records.close()  # type: ignore[attr-defined]
                return False
    return True


def draw_training(records: Iterator[Any], total: int,
                  stop: Callable[[bool], bool] = alone) -> bool:
    """Draws a training run while it goes on.

    total    its last step
    stop     from whether Ctrl-C was pressed here to whether it was in any of the processes
    returns  whether it came to its end; False when Ctrl-C stopped it, its checkpoint written
    """
    from cutaway.train.loop import TrainingStep
    from cutaway.train.pretrain import Finished, Prepared, Validation

    screen, pace, finished = open_screen(), Pace(total), None
    screen.print("Reading the text ...")
    with _line(screen, pace) as show, first_interrupt_waits(WAIT) as interrupt:
        for record in records:
            match record:
                case Prepared():
                    _draw_prepared(screen, record)
                case TrainingStep():
                    show(record)
                    if stop(interrupt.asked) and record.step < total:
                        records.close()  # type: ignore[attr-defined]  # it saves the checkpoint
                        screen.print(f"Stopped after step {record.step:,} of {total:,}.")
                        return False
                case Validation():
                    screen.print(f"after step {record.step:,}: {_losses_in_words(record.losses)}")
                case Finished():
                    finished = record
    _draw_finished(screen, finished)
    return True


@contextmanager
def _line(screen: Screen, pace: Pace) -> "Iterator[Callable[[TrainingStep], None]]":
    """What shows a step: a moving line on a terminal; elsewhere about fifty lines in all."""
    if not screen.is_terminal:
        yield lambda step: _print_now_and_then(screen, pace, step)
        return
    with screen.moving_line(pace.total) as redraw:
        def show(step: "TrainingStep") -> None:
            pace.add(step)
            redraw(step.step, pace.words(step))

        yield show


def _print_now_and_then(screen: Screen, pace: Pace, step: "TrainingStep") -> None:
    pace.add(step)
    if step.step % max(1, pace.total // LINES) == 0 or step.step == pace.total:
        width = len(f"{pace.total:,}")
        screen.print(f"step {step.step:>{width},} of {pace.total:,}   {pace.words(step)}")


def _draw_prepared(screen: Screen, prepared: Any) -> None:
    twice = f" ({counted(prepared.duplicates, 'duplicate')})" if prepared.duplicates else ""
    screen.print(f"{counted(prepared.documents, 'document')}{twice}, {prepared.tokens:,} tokens of "
                 f"a vocabulary of {prepared.vocab_size:,}; {prepared.parameters:,} parameters.")
    screen.print(f"The first document begins: {quoted(prepared.first[:SHOWN])}")


def _losses_in_words(losses: Mapping[str, Any]) -> str:
    """The loss on what was held out, in nats a token and bits a byte."""
    all_texts = losses["all"]
    return (f"held-out loss {all_texts.loss_nats:.4f} nats a token, "
            f"{all_texts.bits_a_byte:.4f} bits a byte")


def _draw_finished(screen: Screen, finished: Any) -> None:
    screen.heading("Trained", _losses_in_words(finished.losses))
    screen.table(["held-out text", "tokens", "nats a token", "bits a byte"],
                 [[name, f"{loss.tokens:,}", f"{loss.loss_nats:.4f}", f"{loss.bits_a_byte:.4f}"]
                  for name, loss in finished.losses.items()], right=[1, 2, 3])
    screen.print("", f"The model is in {finished.folder}, with its tokenizer and its model card.")
    screen.hint("Try it:", f'cutaway "Once upon a time" --model {finished.folder}')
