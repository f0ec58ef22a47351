"""Writing measured parts into a document whose other paragraphs are somebody's own.

A part's place is between two comments, which a reader of the page does not see:

    <!-- measured: prefill -->
    ...
    <!-- end: prefill -->
"""

from collections.abc import Mapping


def written(text: str, sections: Mapping[str, str]) -> str:
    """The document with new sections in their places; all else is as it was.

    A section without a place comes to the end, with its place.
    Raises:  ValueError when a place has no end
    """
    for name, section in sections.items():
        begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
        place = f"{begin}\n{section.strip()}\n{end}"
        if begin not in text:
            text = f"{text.rstrip()}\n\n{place}\n"
            continue
        before, _, rest = text.partition(begin)
        if end not in rest:
            raise ValueError(f"the document has {begin}, but no {end} behind it: put it back")
        text = before + place + rest.partition(end)[2]
    return text
