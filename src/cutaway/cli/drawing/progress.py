"""How far a long piece of work has come, on standard error: a bar on a terminal, else nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cutaway.words import harmless

if TYPE_CHECKING:
    from cutaway.weights import Progress


@contextmanager
def shown_progress() -> "Iterator[Callable[[Progress], None]]":
    """A callback that draws what is reported, one bar a piece of work."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    bars = Progress(TextColumn("{task.description}", markup=False), BarColumn(),
                    TextColumn("{task.fields[amount]}", markup=False), TimeRemainingColumn(),
                    console=console, disable=not console.is_terminal)
    tasks: dict[str, TaskID] = {}

    def show(report: "Progress") -> None:
        if report.doing not in tasks:
            tasks[report.doing] = bars.add_task(harmless(report.doing), amount="")
        bars.update(tasks[report.doing], completed=report.done, total=report.total or None,
                    amount=_amount(report))

    with bars:
        yield show


def _amount(report: "Progress") -> str:
    if report.unit == "bytes":
        return f"{report.done / 1e6:,.1f} of {report.total / 1e6:,.1f} MB"
    return f"{report.done:,} of {report.total:,} {report.unit}"
