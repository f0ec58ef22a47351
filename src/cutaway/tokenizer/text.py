"""What is text and what is not: the check before anything is encoded."""

from cutaway.errors import NotText


def check_text(text: str | bytes) -> str:
    """The text itself, once it is certain that it can be written as UTF-8.

    Raises:  NotText saying which byte, or which lone surrogate, and where
    """
    if isinstance(text, bytes):
        return _decoded(text)
    return text if text.isascii() else _without_surrogates(text)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotText(
            f"The byte 0x{text[error.start]:02X} at place {error.start} (counting from 0) is not "
            f"UTF-8 ({error.reason}). Text is expected: save it as UTF-8 and try again."
        ) from None


def _without_surrogates(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotText(
            f"The character U+{ord(text[error.start]):04X} at place {error.start} (counting from 0)"
            " is half of a pair (a lone surrogate), which is no character by itself. It is usually"
            " left over when an emoji is cut in two: remove it, or put the whole character there."
        ) from None
    return text
