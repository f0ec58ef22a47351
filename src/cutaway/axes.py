"""The names of a table's axes, outer to inner, and what each counts.

A table's axes are a tuple of these names. Where a table has a row for each position that asks and
a column for each position that answers, the asking axis is `position` and the answering `source`.
"""

AXES = {
    "batch": "one prompt among several",
    "block": "one of the model's blocks, the first is 0",
    "head": "one attention head of a block",
    "key_head": "one head of keys and values, where several attention heads share it",
    "position": "a place in the prompt: the token that asks, and whose row this is",
    "source": "a place in the prompt: the token that answers",
    "embed": "one of the numbers that describe a token",
    "qkv": "the numbers of query, key and value side by side: three times embed",
    "joined": "the numbers of all heads side by side: as many as embed",
    "joined_keys": "the numbers of all heads of keys, or of values, side by side",
    "head_embed": "one of the numbers that a single head works with",
    "hidden": "one neuron of the MLP's wide layer",
    "vocabulary": "a token of the vocabulary, by its id",
}


def parse_axes(text: str) -> tuple[str, ...]:
    """The axes written in a step's `axes="head position source"`, checked.

    Raises:  ValueError naming a word that is no axis (a mistake in a model's definition)
    """
    axes = tuple(text.split())
    for axis in axes:
        if axis not in AXES:
            raise ValueError(f"{axis!r} is not an axis. The axes are: {', '.join(AXES)}.")
    return axes
