"""Labels in a CSV: a token such as "=1+1" must stay a text in whatever program opens the file.

Spreadsheets take a cell that begins with one of a few signs for a formula. A single quote in front
makes it a text, as OWASP advises. Programs part cells at different signs, so what follows a sign
that some program parts at is treated like the beginning of a cell. What would steer a terminal that
shows the file, and line breaks, are written as the characters' numbers.

    csv_label("=1+1")         "'=1+1"
    csv_label("a\\x1b\\n")      "a<0x1B><0x0A>"
    label_itself("'=1+1")     "=1+1"

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

from cutaway.words import STEERING

_PARTS = r"(?:\A|(?<=[,;|\t\r\n]))"
_FORMULA = r"(?=[^\S\t\r\n]*['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
_BEFORE_FORMULA = re.compile(_PARTS + _FORMULA)
_QUOTE_BEFORE_FORMULA = re.compile(_PARTS + "'" + _FORMULA)
_LONE_BYTE = "0x[89A-F][0-9A-F]>"  # as the tokenizer writes a byte that is no character: <0xE3>
_TO_HIDE = re.compile(f"{STEERING.pattern}|[\t\n]|<(?=0x[0-9A-F]+>)(?!{_LONE_BYTE})")
_HIDDEN = re.compile(f"<(?!{_LONE_BYTE})0x([0-9A-F]{{2}}|[0-9A-F]{{4}})>")


def csv_label(text: str) -> str:
    """A token as a cell of CSV has it; `label_itself` gives the token again."""
    return harmless_label(visible_label(text))


def label_itself(cell: str) -> str:
    """The token of which `csv_label` made a cell."""
    return _HIDDEN.sub(lambda found: chr(int(found[1], 16)), plain_label(cell))


def visible_label(text: str) -> str:
    """A token with its control characters as a token of single bytes has them: <0x0A>.

    Characters above 127 have four digits, for two are a byte that is no character: <0x202E>. What
    only looks so has its first sign written so: <0x3C>0x0A>.
    """
    return _TO_HIDE.sub(lambda found: _number(ord(found[0])), text)


def _number(code: int) -> str:
    return f"<0x{code:02X}>" if code < 0x80 else f"<0x{code:04X}>"


def harmless_label(text: str) -> str:
    """A text that no program takes for a formula; `plain_label` gives the text itself again.

        harmless_label("=1+1")         "'=1+1"
        harmless_label(" quick")       " quick"
    """
    return _BEFORE_FORMULA.sub("'", text)


def plain_label(text: str) -> str:
    """A text without the quotes that `harmless_label` has put into it."""
    return _QUOTE_BEFORE_FORMULA.sub("", text)
