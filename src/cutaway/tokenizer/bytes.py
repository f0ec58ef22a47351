"""GPT-2's alphabet: the 256 bytes, in its own order, each with a letter that can be printed.

A tokenizer on bytes needs no "unknown" token: every text is bytes, and every byte is a token.
Its files are text, though, and most bytes cannot be printed, so GPT-2 gives each byte a letter:
the printable ones stand for themselves, the others take the letters from U+0100 on. That is why a
space looks like Ġ and a line break like Ċ in a vocabulary.
Source: openai/gpt-2, src/encoder.py, bytes_to_unicode (2019)
"""

from cutaway.errors import TokenizerError

_PRINTABLE = (*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1),
              *range(ord("®"), ord("ÿ") + 1))
_OTHERS = tuple(byte for byte in range(256) if byte not in _PRINTABLE)

# The token with id 0 is "!", the one with id 220 is the space: printable bytes come first.
FIRST_TOKENS = tuple(bytes([byte]) for byte in (*_PRINTABLE, *_OTHERS))

_LETTER_OF_BYTE = {byte: chr(byte) for byte in _PRINTABLE} | {
    byte: chr(256 + place) for place, byte in enumerate(_OTHERS)}
# The other way round; a byte that is no letter itself becomes what is no byte either.
_BYTE_OF_LETTER = dict.fromkeys(_OTHERS, "\ufffd") | {
    ord(letter): chr(byte) for byte, letter in _LETTER_OF_BYTE.items()}


def letters(token: bytes) -> str:
    """The token as GPT-2's files write it, one letter a byte: b" the" is Ġthe."""
    return token.decode("latin-1").translate(_LETTER_OF_BYTE)


def from_letters(text: str) -> bytes:
    """The token that GPT-2's files write like this: Ġthe is b" the".

    Raises:  TokenizerError naming a letter that stands for no byte
    """
    try:
        return text.translate(_BYTE_OF_LETTER).encode("latin-1")
    except UnicodeEncodeError as error:
        raise TokenizerError(
            f"the token {text!r} holds {text[error.start]!r}, which is none of the 256 letters "
            "that GPT-2 writes bytes with. Cutaway opens vocabularies of GPT-2's kind (byte-level "
            "BPE).") from None


def label(token: bytes) -> str:
    """The token for people to read: its text, and <0xE3> for a byte that is no whole character."""
    text = token.decode("utf-8", "surrogateescape")
    return "".join(f"<0x{ord(letter) - 0xDC00:02X}>" if 0xDC80 <= ord(letter) <= 0xDCFF else letter
                   for letter in text)


def hexadecimal(token: bytes) -> str:
    """The token's bytes, two digits each: b" a" is 20 61."""
    return token.hex(" ").upper()
