"""From logits to one token, in SQL: scaled, cut by k, cut by p, drawn.

The stages and what they keep are those of `generate/distribution.py`.
"""

from cutaway.engines.sql.program import SqlTable
from cutaway.generate.sampling import Sampling

SETTINGS = "settings"
CHOICE = SqlTable("choice", "Every token at every stage of the choice; what is cut has minus "
                            "infinity from there on.", """WITH scaled AS (
  SELECT vocabulary, value::FLOAT8 AS logit,
    CASE WHEN temperature = 0 THEN value::FLOAT8 ELSE value::FLOAT8 / temperature END AS scaled
  FROM next_logits
    CROSS JOIN settings
),
ranked AS (
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
SELECT vocabulary, logit, scaled, after_top_k, after_top_p,
  kept / sum(kept) OVER () AS probability,
  sum(kept) OVER (ORDER BY vocabulary) / sum(kept) OVER () AS share_so_far
FROM kept""")

CHOSEN = SqlTable("chosen", "The token on which the draw falls; the highest logit's when the "
                            "temperature is 0.", """SELECT vocabulary AS id
FROM choice
  CROSS JOIN settings
WHERE temperature = 0 OR share_so_far > draw * (SELECT max(share_so_far) FROM choice)
ORDER BY CASE WHEN temperature = 0 THEN -logit ELSE 0 END, vocabulary
LIMIT 1""")


def settings_table(sampling: Sampling, draw: str) -> SqlTable:
    """How the next token is chosen, as a table of one row.  draw: an expression"""
    top_k = "NULL" if sampling.top_k is None else sampling.top_k
    top_p = "NULL" if sampling.top_p is None else sampling.top_p
    return SqlTable(SETTINGS, "How the next token is chosen. Temperature 0: the likeliest.", (
        f"SELECT {sampling.temperature}::FLOAT8 AS temperature, {top_k}::INTEGER AS top_k,\n"
        f"  {top_p}::FLOAT8 AS top_p, ({draw})::FLOAT8 AS draw"))

