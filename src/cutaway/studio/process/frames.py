"""What passes between the server and a child process: frames, each whole.

A frame is its length (4 bytes, big-endian), one byte for its kind, and a body. The body is JSON, or
the length of a JSON head, that head, and numbers as they lie in memory. Both sides use this file,
so it imports no NumPy.

    request   {"id": 7, "do": "tile", "args": {...}}
    reply     {"re": 7, "ok": {...}}  or  {"re": 7, "error": {"kind", "message", "line"}}
    pushes    {"pushes": [{...}, ...]}
    hello     {"hello": process id}  or  {"failed": "why it could not start"}
    running   {"running": true}       a job has begun that can be interrupted, or has ended
"""

import json
import struct
from typing import Any

from cutaway.errors import MessageError

MOST_BYTES = 64 * 2**20
LENGTH = struct.Struct(">I")
JSON, WITH_NUMBERS = b"j", b"n"


def packed(head: dict[str, Any], numbers: bytes | None = None, what: str = "message") -> bytes:
    """A frame.

    numbers  what goes along as it lies in memory
    what     how an error calls it: "answer to 'tile'"
    Raises:  MessageError when it is no JSON, or larger than MOST_BYTES
    """
    text = as_json(head, what)
    body = JSON + text if numbers is None else \
        b"".join((WITH_NUMBERS, LENGTH.pack(len(text)), text, numbers))
    if len(body) > MOST_BYTES:
        raise MessageError(f"The {what} has {len(body) / 1e6:,.0f} MB; at most "
                           f"{MOST_BYTES // 2**20} MB are passed on. Ask for a part of it.")
    return LENGTH.pack(len(body)) + body


def as_json(value: Any, what: str = "message") -> bytes:
    """A value as JSON, ASCII only.  Raises:  MessageError when JSON cannot say it"""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise MessageError(f"The {what} cannot be passed on ({error}): it must be texts, finite "
                           f"numbers, lists and objects.") from None


def packed_pushes(pushes: list[bytes]) -> bytes:
    """One frame with several pushes that are JSON already."""
    body = JSON + b'{"pushes":[' + b",".join(pushes) + b"]}"
    return LENGTH.pack(len(body)) + body


def body_length(beginning: bytes) -> int:
    """How long the body is that follows a frame's first 4 bytes.

    Raises:  MessageError for more than MOST_BYTES: these are no frames
    """
    (length,) = LENGTH.unpack(beginning)
    if not 0 < length <= MOST_BYTES:
        raise MessageError(f"A frame of {length:,} bytes; 1 to {MOST_BYTES:,} are expected.")
    return length


def unpacked(body: bytes) -> tuple[dict[str, Any], bytes | None]:
    """The head and the numbers of a frame's body.  Raises:  MessageError when it is none"""
    kind, rest, numbers = body[:1], body[1:], None
    if kind == WITH_NUMBERS and len(rest) >= LENGTH.size:
        end = LENGTH.size + LENGTH.unpack_from(rest)[0]
        rest, numbers = rest[LENGTH.size:end], rest[end:] if end <= len(rest) else None
    try:
        head = json.loads(rest)
    except (ValueError, RecursionError):
        head = None
    whole = kind == JSON or (kind == WITH_NUMBERS and numbers is not None)
    if not whole or not isinstance(head, dict):
        raise MessageError(f"A frame that begins {body[:20]!r} cannot be read.")
    return head, numbers
