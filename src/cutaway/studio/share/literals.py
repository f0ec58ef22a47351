"""Texts, numbers and lists as they are written in a Python file: exact, and pleasant to read.

A source of several lines stands between triple quotes on lines of its own, so that code looks like
code; `unframed` takes off the line breaks that this adds.
"""

from collections.abc import Sequence

WIDTH = 100
CHUNK = 84  # characters of a text in one line, where it takes several
INDENT = "    "

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def literal(text: str) -> str:
    """A text between double quotes, or single ones if that saves escapes; what cannot be seen is
    escaped.

        literal("two\nlines")          "two\\nlines"
        literal('say "no"')            'say "no"'
        literal("\u202ehidden")        "\\u202ehidden"
    """
    mark = "'" if '"' in text and "'" not in text else '"'
    inside = "".join(map(_escaped, text)).replace(mark, f"\\{mark}")
    return f"{mark}{inside}{mark}"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def written_text(text: str, room: int = WIDTH) -> str:
    """A text in one line where there is room, else in several between brackets."""
    line = literal(text)
    if len(line) <= room or len(text) < 2:
        return line
    return "(\n" + "".join(f"{INDENT}{literal(chunk)}\n" for chunk in _chunks(text)) + ")"


def _chunks(text: str) -> list[str]:
    """A text in pieces that each fit a line, parted at line breaks and between words."""
    chunks, start = [], 0
    while start < len(text):
        end = _fitting(text, start)
        newline = text.find("\n", start, end)
        space = text.rfind(" ", start + 1, end)
        if newline >= 0:
            end = newline + 1
        elif end < len(text) and space > start:
            end = space + 1
        chunks.append(text[start:end])
        start = end
    return chunks


def _fitting(text: str, start: int) -> int:
    """Where the longest piece ends that takes no more than CHUNK characters when it is written."""
    length, end = 0, start
    while end < len(text) and (length := length + len(_escaped(text[end]))) <= CHUNK:
        end += 1
    return max(end, start + 1)


def written_source(source: str) -> str:
    """A source: in one line, or framed by line breaks between triple quotes; see `unframed`."""
    if "\n" not in source:
        return written_text(source)
    framed = f"\n{source}\n"
    if is_plain(source):
        for quotes in ("'''", '"""'):
            if quotes not in source:
                return f"r{quotes}{framed}{quotes}"
    return written_text(framed, room=0)


def unframed(text: str) -> str:
    """A source without the line break at each end that `written_source` framed it with."""
    return text.removeprefix("\n").removesuffix("\n")


def is_plain(source: str) -> bool:
    """Whether every character of some code can be seen, besides line breaks and tabs."""
    return all(character.isprintable() or character in "\n\t" for character in source)


def written_number(number: float) -> str:
    """The shortest digits that give the same number again."""
    whole = float(number).is_integer() and abs(number) < 1e15
    negative_zero = number == 0 and str(number).startswith("-")
    return str(int(number)) if whole and not negative_zero else repr(float(number))


def written_numbers(value: float | list) -> str:
    """A number, or nested lists of numbers: a line for each row, long rows wrapped."""
    if not isinstance(value, list):
        return written_number(value)
    line = _in_one_line(value)
    if line is not None:
        return line
    if isinstance(value[0], list):
        inside = "".join(f"{indented(written_numbers(row))},\n" for row in value)
    else:
        inside = _wrapped([written_number(number) for number in value])
    return f"[\n{inside}]"


def _in_one_line(value: list) -> str | None:
    """A short list in one line; nothing when it is long, or a list of several rows."""
    if (isinstance(value[0], list) and len(value) > 1) or len(value) > WIDTH:
        return None
    line = f"[{', '.join(written_numbers(item) for item in value)}]"
    return line if len(line) <= CHUNK and "\n" not in line else None


def _wrapped(words: list[str]) -> str:
    """Words with commas behind them, in lines that are indented and not too long."""
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) + 2 > CHUNK:
            lines.append(line)
            line = ""
        line += f"{' ' if line else ''}{word},"
    return "".join(f"{INDENT}{line}\n" for line in [*lines, line])


def indented(text: str) -> str:
    """Every line of a text moved to the right by one step."""
    return "\n".join(INDENT + line for line in text.split("\n"))


def written_call(function: str, arguments: Sequence[str]) -> str:
    """A call: in one line, or with a line for each argument where that is too long."""
    line = f"{function}({', '.join(arguments)})"
    if "\n" not in line and len(line) <= WIDTH:
        return line
    inside = "".join(f"{indented(argument)},\n" for argument in arguments)
    return f"{function}(\n{inside})"
