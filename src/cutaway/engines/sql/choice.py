"""From logits to one token, in SQL: repeats held back, scaled, cut by k, cut by p, drawn.

The stages and what they keep are those of `generate/stages.py`. What looks back at the text is
there only when a setting asks for it.
"""

from collections.abc import Sequence

from cutaway.engines.sql.program import SqlTable
from cutaway.generate.sampling import Sampling

SETTINGS, CHOICE = "settings", "choice"
HISTORY, LOOKING_BACK = "history", "looking_back"
OF_THE_CHOICE = (HISTORY, LOOKING_BACK, SETTINGS, CHOICE, "chosen")
_LOOKING_BACK = """WITH seen AS (
  SELECT DISTINCT id FROM history
),
repeats AS (
  SELECT DISTINCT ends.id
  FROM looking_back
    JOIN history AS ends ON ends.place >= no_repeat_ngram - 1
    LEFT JOIN history AS before
      ON before.place BETWEEN ends.place - no_repeat_ngram + 1 AND ends.place - 1
    LEFT JOIN history AS newest ON newest.id = before.id
      AND newest.place = before.place - ends.place + (SELECT count(*) FROM history)
  GROUP BY ends.place, ends.id, no_repeat_ngram
  HAVING count(newest.id) = no_repeat_ngram - 1
),
penalised AS (
  SELECT vocabulary, value::FLOAT8 AS logit, CASE
    WHEN repetition_penalty IS NULL OR seen.id IS NULL THEN value::FLOAT8
    WHEN value < 0 THEN value::FLOAT8 * repetition_penalty
    ELSE value::FLOAT8 / repetition_penalty END AS after_penalty
  FROM next_logits
    CROSS JOIN looking_back
    LEFT JOIN seen ON seen.id = vocabulary
),
without_repeats AS (
  SELECT penalised.*,
    CASE WHEN repeats.id IS NULL THEN after_penalty ELSE '-Infinity' END AS after_no_repeat
  FROM penalised
    LEFT JOIN repeats ON repeats.id = vocabulary
),
scaled AS (
  SELECT without_repeats.*, CASE
    WHEN temperature = 0 THEN after_no_repeat ELSE after_no_repeat / temperature END AS scaled
  FROM without_repeats
    CROSS JOIN settings
),
"""
_SCALED = """WITH scaled AS (
  SELECT vocabulary, value::FLOAT8 AS logit,
    CASE WHEN temperature = 0 THEN value::FLOAT8 ELSE value::FLOAT8 / temperature END AS scaled
  FROM next_logits
    CROSS JOIN settings
),
"""
_CUTS = """ranked AS (
  SELECT *, rank() OVER (ORDER BY scaled DESC) AS place,
    row_number() OVER (ORDER BY scaled DESC, vocabulary) AS order_of_choice
  FROM scaled
),
cut_by_k AS (
  SELECT *,
    CASE WHEN top_k IS NULL OR place <= top_k THEN scaled ELSE '-Infinity' END AS after_top_k
  FROM ranked
    CROSS JOIN settings
),
powers AS (
  SELECT *, exp(after_top_k - max(after_top_k) OVER ()) AS power FROM cut_by_k
),
summed AS (
  SELECT *, sum(power) OVER (ORDER BY order_of_choice DESC) / sum(power) OVER () AS up_to_here
  FROM powers
),
cut_by_p AS (
  SELECT *, CASE
    WHEN top_p IS NULL OR order_of_choice = 1 OR up_to_here > 1 - top_p THEN after_top_k
    ELSE '-Infinity' END AS after_top_p
  FROM summed
),
kept AS (
  SELECT *, exp(after_top_p - max(after_top_p) OVER ()) AS kept FROM cut_by_p
)
"""
_SHARES = """
  kept / sum(kept) OVER () AS probability,
  sum(kept) OVER (ORDER BY vocabulary) / sum(kept) OVER () AS share_so_far
FROM kept"""

CHOSEN = SqlTable("chosen", "The token on which the draw falls; the highest logit's when the "
                            "temperature is 0.", """SELECT vocabulary AS id
FROM choice
  CROSS JOIN settings
WHERE scaled > '-Infinity'
  AND (temperature = 0 OR share_so_far > draw * (SELECT max(share_so_far) FROM choice))
ORDER BY CASE WHEN temperature = 0 THEN -scaled ELSE 0 END, vocabulary
LIMIT 1""")


def choosing(sampling: Sampling, draw: str, history: Sequence[int] | None = None) -> list[SqlTable]:
    """The tables of one choice, in their order.

    draw     an expression
    history  the ids so far, where they are more than those in `tokens`
    """
    before = [_history(history), _looking_back(sampling)] if sampling.looks_back else []
    return [*before, _settings(sampling, draw), _choice(sampling), CHOSEN]


def _settings(sampling: Sampling, draw: str) -> SqlTable:
    """How the next token is chosen, as a table of one row."""
    return SqlTable(SETTINGS, "How the next token is chosen. Temperature 0: the likeliest.", (
        f"SELECT {sampling.temperature}::FLOAT8 AS temperature, "
        f"{_or_null(sampling.top_k)}::INTEGER AS top_k,\n"
        f"  {_or_null(sampling.top_p)}::FLOAT8 AS top_p, ({draw})::FLOAT8 AS draw"))


def _looking_back(sampling: Sampling) -> SqlTable:
    return SqlTable(LOOKING_BACK, "What the text so far rules out, or makes less likely.", (
        f"SELECT {_or_null(sampling.repetition_penalty)}::FLOAT8 AS repetition_penalty,\n"
        f"  {_or_null(sampling.no_repeat_ngram)}::INTEGER AS no_repeat_ngram"))


def _or_null(setting: float | None) -> str:
    return "NULL" if setting is None else str(setting)


def _history(ids: Sequence[int] | None) -> SqlTable:
    if ids is None:
        query = "SELECT position AS place, value AS id\nFROM tokens"
    else:
        listed = ", ".join(f"({place}, {id})" for place, id in enumerate(ids))
        query = f"SELECT place, id\nFROM (VALUES {listed}) AS listed(place, id)"
    return SqlTable(HISTORY, "The text so far.", query)


def _choice(sampling: Sampling) -> SqlTable:
    begins, stages = _SCALED, "logit"
    if sampling.looks_back:
        begins, stages = _LOOKING_BACK, "logit, after_penalty, after_no_repeat"
    query = (f"{begins}{_CUTS}SELECT vocabulary, {stages}, scaled, after_top_k, after_top_p,"
             f"{_SHARES}")
    return SqlTable(CHOICE, "Every token at every stage of the choice; what is cut has minus "
                            "infinity from there on.", query)
