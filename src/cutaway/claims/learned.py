"""Claims about GPT-2's token table, which need OpenAI's weights."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.claims.claim import Subject
from cutaway.scratch.nearest import cosine, nearest

if TYPE_CHECKING:
    from cutaway.model import Model

EVERY = 12       # of the token table's rows: 4,189 of 50,257, and 8.8 million pairs of them
SAMPLED = 1_009  # of the weights, one in so many is written out as text

learned = Subject("Learned numbers")


@learned.claim(6, "M", "workshop 00:08:27", "All parameters as CSV files take about 1.5 GB",
               Decimal("1.5"))
def gigabytes_as_csv(model: "Model") -> float:
    """Write every 1,009th number as the shortest text that is the same float32, with a comma, and
    multiply."""
    characters = 0
    for name in model.weights:
        numbers = np.asarray(model.weights[name], np.float32).ravel()[::SAMPLED]
        mean = sum(len(str(number)) + 1 for number in numbers) / len(numbers)
        characters += mean * model.weights[name].size
    return characters / 1e9


@learned.claim(65, "M", "workshop 00:47:55", "The row of “ is” begins with .0097, .010",
               {"begins": [Decimal("0.0097"), Decimal("0.010")], "same in the prompt": True})
def row_of_is(model: "Model") -> dict[str, Any]:
    """Read the row of “ is” in the token table, and compare it with the prompt's second row."""
    row = _token_table(model)[model.tokenizer.id_of(" is")]
    run = model.run("Mike is quick. He moves")
    looked_up = run[run.book.role("token_embeddings")].array[1]
    return {"begins": [float(number) for number in row[:2]],
            "same in the prompt": bool(np.array_equal(row, looked_up))}


@learned.claim(70, "M", "workshop 00:37:24", "king - man + woman is nearest to queen",
               " queen", agrees=lambda claimed, measured: claimed == next(iter(measured), None))
def analogy(model: "Model") -> dict[str, float]:
    """Rank all tokens by the cosine with “ king” - “ man” + “ woman”, these three left out."""
    table, id_of = _token_table(model), model.tokenizer.id_of
    wanted = table[id_of(" king")] - table[id_of(" man")] + table[id_of(" woman")]
    return {one.token: one.cosine for one in _nearest(model, wanted, 5,
                                                      [" king", " man", " woman"])}


@learned.claim(82, "M", "workshop 00:45:30", "happy and sad are more alike than opposite",
               "above 0", agrees=lambda claimed, measured: measured > 0)
def happy_and_sad(model: "Model") -> float:
    """Calculate the cosine of “ happy” and “ sad”."""
    table, id_of = _token_table(model), model.tokenizer.id_of
    return cosine(table[id_of(" happy")], table[id_of(" sad")])


@learned.claim(82, "M", "workshop 00:45:49",
               "Very few cosines are negative, and those are near zero",
               {"negative": "under 1 %", "lowest": "near 0"},
               agrees=lambda claimed, measured: measured["negative"] < 0.01
               and measured["lowest"] > -0.2)
def negative_cosines(model: "Model") -> dict[str, float]:
    """Calculate the cosines of every twelfth token with each other; count those below 0."""
    rows = np.asarray(_token_table(model)[::EVERY], np.float32)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    n_negative, lowest = 0, 1.0
    for first in range(0, len(rows), 512):
        cosines = rows[first:first + 512] @ rows.T
        n_negative += int((cosines < 0).sum())
        lowest = min(lowest, float(cosines.min()))
    return {"negative": n_negative / len(rows) ** 2, "lowest": lowest}


@learned.claim(93, "M", "workshop 00:54:12", "happy at the places 3, 4, 5 stays beside happy",
               [" happy", " happy", " happy"])
def happy_at_some_places(model: "Model") -> list[str]:
    """Add the rows of the places 3, 4 and 5 to the row of “ happy”; take the nearest token of each.
    """
    row = _token_table(model)[model.tokenizer.id_of(" happy")]
    places = np.asarray(model.weights[model.book.role("position_table")])
    return [_nearest(model, row + places[place], 1)[0].token for place in (3, 4, 5)]


def _token_table(model: "Model") -> np.ndarray:
    return np.asarray(model.weights[model.book.role("token_table")])


def _nearest(model: "Model", vector: np.ndarray, count: int, leave_out: Any = ()) -> Any:
    from cutaway.scratch.tokens import TokenRows

    return nearest(_token_table(model), TokenRows(model.run([0])), vector, count, leave_out)
