"""The journal's changes: only what is well made gets in, and each is told in a line."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import MessageError
from cutaway.studio.messages.changes import KINDS, MOST_NUMBERS, checked_change, words_of

GOOD = [
    ({"kind": "prompt", "text": "Sally is slow."}, "the prompt is “Sally is slow.”"),
    ({"kind": "append", "ids": [261]}, "1 token written"),
    ({"kind": "append", "ids": [261, 3]}, "2 tokens written"),
    ({"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0},
     "h3.attention[head=1] = 0"),
    ({"kind": "numbers", "table": "wte", "cells": {"vocabulary": [2, 5], "embed": 0},
      "value": [[1.5], [2], [3]]}, "wte[vocabulary=2:5, embed=0] = numbers"),
    ({"kind": "mean", "table": "h3.mixed", "cells": {}}, "h3.mixed = its mean over positions"),
    ({"kind": "from_prompt", "table": "h3.mixed", "cells": {"head": 0}, "prompt": "Hi"},
     "h3.mixed[head=0] = as for “Hi”"),
    ({"kind": "formula", "step": "attention", "formula": "softmax( scores )"},
     "attention is “softmax( scores )”"),
    ({"kind": "operation", "name": "gelu", "source": "def gelu(table):\n    return table"},
     "the operation gelu has other code"),
]


@pytest.mark.parametrize(("change", "words"), GOOD)
def test_a_good_change_is_taken_as_it_is_and_told_in_a_line(change, words):
    checked = checked_change(change)
    assert checked == change
    assert words_of(checked) == words
    assert checked_change(json.loads(json.dumps(checked))) == checked


def test_every_kind_is_among_the_good_ones():
    assert {change["kind"] for change, _ in GOOD} == set(KINDS)


def test_fields_that_a_kind_does_not_have_are_left_out():
    assert checked_change({"kind": "prompt", "text": "a", "cells": 3, "__class__": "x"}) == {
        "kind": "prompt", "text": "a"}


@pytest.mark.parametrize(("change", "message"), [
    ({}, "'kind' is missing; one of prompt, append"),
    ({"kind": "shell"}, "'kind' is 'shell'"),
    ({"kind": "prompt", "text": 3}, "'text' is 3; a text is expected"),
    ({"kind": "append", "ids": []}, r"'ids' is \[\]; a list of 1 to 100,000 is expected"),
    ({"kind": "append", "ids": [1.0]}, r"'ids\[0\]' is 1.0; a whole number"),
    ({"kind": "append", "ids": [-1]}, r"'ids\[0\]' is -1; a whole number"),
    ({"kind": "numbers", "table": "wte", "cells": {"row": 1}, "value": 0}, "'row' is no axis"),
    ({"kind": "numbers", "table": "wte", "cells": {"embed": -1}, "value": 0}, "embed is -1"),
    ({"kind": "numbers", "table": "wte", "cells": {"embed": [1, 2, 3]}, "value": 0}, r"\[1, 2, 3"),
    ({"kind": "numbers", "table": "wte", "cells": {}, "value": math.nan}, "a finite number"),
    ({"kind": "numbers", "table": "wte", "cells": {}, "value": [1, math.inf]}, "a finite number"),
    ({"kind": "numbers", "table": "wte", "cells": {}, "value": [[1], 2]}, "a ragged list"),
    ({"kind": "numbers", "table": "wte", "cells": {}, "value": []}, "an empty or a ragged list"),
    ({"kind": "numbers", "table": "wte", "cells": {}, "value": "0"}, "'value' is '0'"),
    ({"kind": "numbers", "table": "wte", "cells": {}, "value": [0] * (MOST_NUMBERS + 1)},
     "more than 250,000 numbers"),
    ({"kind": "numbers", "table": "x" * 201, "cells": {}, "value": 0}, "at most 200"),
])
def test_a_change_that_is_not_well_made_is_refused_by_name(change, message):
    with pytest.raises(MessageError, match=message):
        checked_change(change)


@given(st.recursive(st.none() | st.floats() | st.integers() | st.text(max_size=3),
                    lambda inner: st.lists(inner, max_size=3), max_leaves=20))
def test_only_blocks_of_finite_numbers_are_numbers(value):
    try:
        change = checked_change({"kind": "numbers", "table": "wte", "cells": {}, "value": value})
    except MessageError:
        return
    json.dumps(change, allow_nan=False)
    assert isinstance(change["value"], float | list)
