"""Reading files that anybody may have made: never without end, and with one message for each fault.

    with readable(path.name, CorruptFile):     whatever a library raises of a damaged file
        fields = json_of(path, 1_000_000)      JSON of at most so many bytes

Writing is in `disk.py`.
"""

import errno
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from cutaway.errors import CorruptFile, CutawayError
from cutaway.words import in_one_line

DAMAGED = ("{name} cannot be read: {reason}. The file is damaged, or is something else: get it "
           "again.")
REPEATED = "{name}: {reason}. The file is damaged: get it again."
LETTERS = "meta.pkl"  # what nanoGPT keeps the ids of letters in
NOT_UNPICKLED = ("{file} is nanoGPT's vocabulary of letters: a pickle, which could run code as it "
                 "is opened, for a model that merges no bytes. Calculate such a model from ids: "
                 "open it with cutaway.weights.read_model_files, and give ids to "
                 "cutaway.start_run.")
LONGEST_REASON = 200
SMALL_FILE_BYTES = 10_000_000  # of a config, an index, a header: GPT-2 XL's header has 60,000
WHY = {
    RecursionError: "its parts lie in one another too deep",
    MemoryError: "it asks for more memory than there is",
    OverflowError: "a number in it is too large",
}


class RepeatedName(ValueError):
    """A name that JSON gives two values."""


@contextmanager
def readable(name: str, error: type[CutawayError], words: str = DAMAGED) -> Iterator[None]:
    """Whatever a library raises of a damaged file becomes one error that names the file.

    Our own errors pass, and so does what the system says of a file that cannot be reached; but
    "invalid argument" is how it answers a library that was led to a place before the file's start.
    name     the file's name
    words    what to say, with `{name}` and `{reason}` in it
    Raises:  `error`
    """
    try:
        yield
    except CutawayError:
        raise
    except Exception as found:
        if isinstance(found, OSError) and found.errno not in (None, errno.EINVAL):
            raise
        words = REPEATED if isinstance(found, RepeatedName) else words
        raise error(words.format(name=in_one_line(name, LONGEST_REASON),
                                 reason=reason_of(found))) from found


def reason_of(error: BaseException) -> str:
    """What a library says went wrong, in one line that is not long."""
    for kind, words in WHY.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, ValueError) and "set_int_max_str_digits" in str(error):
        return "a number in it has thousands of digits"
    return in_one_line(str(error), LONGEST_REASON).rstrip(".") or type(error).__name__


def expect_file(path: Path, error: type[CutawayError] = CorruptFile) -> None:
    """Check that a path is a file, and no pipe or device, which could be read for ever.

    Raises:  `error`
    """
    if path.exists() and not path.is_file():
        raise error(f"{in_one_line(str(path), LONGEST_REASON)} is no file but a folder, a pipe or "
                    "a device. Copy what comes out of it to a file, and name that one.")


def bytes_of(file: Traversable, most_bytes: int) -> bytes:
    """All that is in a file.  Raises:  ValueError when that is more than `most_bytes`"""
    with file.open("rb") as opened:
        content = opened.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"it has more than the {most_bytes:,} bytes that are expected at most")
    return content


def json_of(file: Traversable, most_bytes: int = SMALL_FILE_BYTES) -> Any:
    """What a JSON file holds.  Raises:  as `parsed_json`, and when it has more than `most_bytes`"""
    return parsed_json(bytes_of(file, most_bytes))


def parsed_json(text: bytes | str) -> Any:
    """What JSON says, where every name has one value.

    Raises:  ValueError, RecursionError, MemoryError: `readable` says which file it was
    """
    return json.loads(text, object_pairs_hook=_without_repeats)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise RepeatedName(f"{in_one_line(repr(name), 80)} stands in it twice; every name has one "
                           "value")
    return content
