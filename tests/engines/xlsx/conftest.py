"""One LibreOffice a process, and workbooks that several tests open, written once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutaway import Model, open_model
from cutaway.engines.xlsx import write_xlsx
from tests.engines.xlsx.models import random_model, shared_keys_model
from tests.engines.xlsx.office import Office, running_office
from tests.profiles import many


@dataclass(frozen=True)
class Written:
    """A workbook on the disk, and what it was written from."""

    model: Model
    prompt: str
    positions: int
    path: Path


PROMPT = "Mike is quick. He moves"
STORYBOOK_GREEDY = many(3, 20)  # tokens after the prompt's eight: LibreOffice takes long for each
WORKBOOKS: dict[str, tuple[Callable[[], Model], str, int]] = {  # model, prompt, positions
    "one head": (lambda: random_model(4, 1, 1), PROMPT, 10),
    "heads of one number": (lambda: random_model(6, 2, 6, scale=1.0, eps=1e-2), PROMPT, 10),
    "odd heads": (lambda: random_model(35, 3, 7), PROMPT, 10),
    "two heads": (lambda: random_model(6, 2, 2), PROMPT, 24),
    "heads that share keys": (shared_keys_model, PROMPT, 9),
    "storybook": (open_model, PROMPT, 8 + STORYBOOK_GREEDY),
}


@pytest.fixture(scope="session")
def workbook(tmp_path_factory) -> Callable[[str], Written]:
    """A function that gives the workbook of a name in WORKBOOKS. Nobody may write to its file."""
    written: dict[str, Written] = {}

    def give(name: str) -> Written:
        if name not in written:
            make, prompt, positions = WORKBOOKS[name]
            model, path = make(), tmp_path_factory.mktemp("workbook") / "gpt.xlsx"
            write_xlsx(model, prompt, path, positions)
            written[name] = Written(model, prompt, positions, path)
        return written[name]

    return give


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[Office]:
    with running_office(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def office(running) -> Iterator[Office]:
    """LibreOffice without a document; what a test opens is closed after it."""
    yield running
    running.close()
