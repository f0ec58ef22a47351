"""Small words of the spreadsheet's language that several pages use."""


def text(words: str) -> str:
    """A text within a formula."""
    return '"' + words.replace('"', '""') + '"'


def shown(words: str) -> str:
    """A formula for a token between quotation marks, its line breaks to be seen."""
    return f'""""&SUBSTITUTE({words},CHAR(10),"↵")&""""'


def shown_value(words: str) -> str:
    """What `shown` gives."""
    return '"' + words.replace("\n", "↵") + '"'
