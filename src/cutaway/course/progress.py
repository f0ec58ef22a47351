"""How far the lessons were read: one small file, the same for the page and the terminal."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cutaway.disk import whole_file
from cutaway.errors import CutawayError, DiskError
from cutaway.folders import data_folder
from cutaway.reading import json_of

MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Place:
    """The piece of a lesson that was open last, and whether the lesson was read to its end."""

    piece: int = 0
    done: bool = False


def progress_file() -> Path:
    """Where it is kept: beside the models and the workbooks."""
    return data_folder() / "course.json"


def places() -> dict[str, Place]:
    """For each lesson that was begun, where one is. A file that cannot be read counts as none."""
    try:
        found = json_of(progress_file(), MOST_BYTES)
        return {str(name): Place(int(one["piece"]), bool(one["done"]))
                for name, one in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, CutawayError):
        return {}


def remember(lesson: str, piece: int, done: bool = False) -> bool:
    """Keep where one is in a lesson; what was done stays done.

    returns  whether it could be kept: a place in a lesson is worth no error
    """
    known = places()
    place = Place(piece, done or known.get(lesson, Place()).done)
    if known.get(lesson) == place:
        return True
    try:
        with whole_file(progress_file(), parents=True) as draft:
            draft.write_text(json.dumps({name: asdict(one) for name, one in
                                         (known | {lesson: place}).items()}), encoding="utf-8")
    except DiskError:
        return False
    return True
