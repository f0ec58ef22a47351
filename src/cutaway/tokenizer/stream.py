"""Text that appears while tokens are still coming."""

import codecs
from collections.abc import Iterable, Iterator

from cutaway.tokenizer.tokenizer import Tokenizer


class TextStream:
    """Turns ids into text one by one, holding bytes back until they are whole characters.

    A token may end in the middle of a character: an emoji is four bytes, often in three tokens.

        stream = TextStream(tokenizer)
        for id in ids:
            print(stream.add(id), end="")
        print(stream.finish())
    """

    def __init__(self, tokenizer: Tokenizer):
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, id: int) -> str:
        """The text that this token completes; empty while a character is not whole.

        Raises:  UnknownToken when the vocabulary has no such id
        """
        return self._decoder.decode(self._tokenizer.bytes_of(id))

    @property
    def held(self) -> bytes:
        """The bytes that are held back: the beginning of a character."""
        return self._decoder.getstate()[0]

    def would_add(self, id: int) -> tuple[str, bytes]:
        """The text that a token would complete, and the bytes that would be held back then."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(self.held + self._tokenizer.bytes_of(id))
        return text, decoder.getstate()[0]

    def finish(self) -> str:
        """What was held back at the end: U+FFFD for a character that was never completed."""
        return self._decoder.decode(b"", final=True)


def pieces_of_text(tokenizer: Tokenizer, ids: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """For each id the text that it completes, and the bytes that are held back after it."""
    stream = TextStream(tokenizer)
    for id in ids:
        yield stream.add(int(id)), stream.held
