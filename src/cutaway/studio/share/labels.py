"""Labels in a CSV: a token such as "=1+1" must stay a text in whatever program opens the file.

Spreadsheets take a cell that begins with one of a few signs for a formula. A single quote in front
makes it a text, as OWASP advises. Programs part cells at different signs, so what follows a sign
that some program parts at is treated like the beginning of a cell.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
import unicodedata

_PARTS = r"(?:\A|(?<=[,;|\t\r\n]))"
_FORMULA = r"(?=[^\S\t\r\n]*['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
_BEFORE_FORMULA = re.compile(_PARTS + _FORMULA)
_QUOTE_BEFORE_FORMULA = re.compile(_PARTS + "'" + _FORMULA)


def visible_label(text: str) -> str:
    """A token with its control characters as a token of single bytes has them: <0x0A>."""
    return "".join(f"<0x{ord(one):02X}>" if unicodedata.category(one) == "Cc" else one
                   for one in text)


def harmless_label(text: str) -> str:
    """A text that no program takes for a formula; `plain_label` gives the text itself again.

        harmless_label("=1+1")         "'=1+1"
        harmless_label(" quick")       " quick"
    """
    return _BEFORE_FORMULA.sub("'", text)


def plain_label(text: str) -> str:
    """A text without the quotes that `harmless_label` has put into it."""
    return _QUOTE_BEFORE_FORMULA.sub("", text)
