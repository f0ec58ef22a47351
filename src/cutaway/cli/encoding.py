"""What standard output cannot show: drawings by like signs, letters by their escapes; never lost.

    PYTHONIOENCODING=cp1252 cutaway generate "日"     # \\u65e5, and a remark on standard error
"""

import codecs
import sys
from io import TextIOWrapper

NAME = "cutaway.shown"
# What drawings are made of, and the sign of ASCII that says the same in as many columns.
LIKE = str.maketrans({"█": "#", "▓": "%", "▒": "+", "░": ":", "·": ".", "␣": "_", "×": "x",
                      "…": "~", "─": "-", "━": "-", "╸": "-", "╺": "-", "│": "|", "•": "*",
                      "▏": "'", "▎": "'", "▍": "'", "▌": "=", "▋": "=", "▊": "=", "▉": "#",
                      "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "−": "-", "→": ">"})


class Shown:
    """The error handler of standard output.

    escaped  how many characters were written as escapes
    """

    def __init__(self) -> None:
        self.escaped = 0

    def __call__(self, error: UnicodeError) -> tuple[str, int]:
        """What is written in place of characters that the encoding lacks, and where to go on."""
        if not isinstance(error, UnicodeEncodeError):
            raise error
        text = error.object[error.start:error.end].translate(LIKE)
        self.escaped += sum(not one.isascii() for one in text)
        return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


def show_everything() -> Shown:
    """Have standard output write every text, whatever its encoding is."""
    shown = Shown()
    codecs.register_error(NAME, shown)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=NAME)
    return shown


def remark(shown: Shown) -> str:
    """What to say of characters that could only be written as escapes; "" when there are none."""
    if not shown.escaped:
        return ""
    many = f"{shown.escaped:,} characters" if shown.escaped > 1 else "1 character"
    return (f"cutaway: {many} that the output's encoding, {sys.stdout.encoding}, does not have "
            f"{'were' if shown.escaped > 1 else 'was'} written as \\u and a number. "
            f"With PYTHONUTF8=1 the output is UTF-8.")
