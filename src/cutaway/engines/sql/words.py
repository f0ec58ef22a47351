"""A prompt's way into ids, in SQL: characters, pieces, bytes, merges.

The pieces are those of `tokenizer/pretokens.py`. Neither database can match its pattern (one has
no look-ahead, the other no classes of letters in Unicode), so that each character is looked up in
the table `character_classes`, and decides with its neighbours whether a piece begins there.
"""

from cutaway.engines.sql.dialect import Dialect
from cutaway.engines.sql.program import SqlTable
from cutaway.errors import UnsupportedStep
from cutaway.tokenizer import Tokenizer
from cutaway.tokenizer_rule import GPT2_RULE

ON_THE_WAY = ("prompt", "characters", "contractions", "pieces", "bytes", "merging", "ids",
              "positions", "tokens")


def cuts_in_sql(tokenizer: Tokenizer) -> bool:
    """Whether the queries below cut a text as this tokenizer does."""
    return tokenizer.rule == GPT2_RULE


def expect_cut(tokenizer: Tokenizer) -> None:
    """Raises:  UnsupportedStep when they do not"""
    if not cuts_in_sql(tokenizer):
        raise UnsupportedStep("This model's tokenizer cuts texts by another pattern than GPT-2's, "
                              "which is the only one that is said in SQL. Give the ids instead of "
                              "the text: SqlRun.predict_ids.")


def tokenizing(dialect: Dialect) -> list[SqlTable]:
    """From the table `prompt(text)` to `ids`, as tables that can be looked at."""
    return [
        SqlTable("characters", "The prompt letter by letter; each is a letter, a number, a space "
                               "or something else.", _characters(dialect)),
        SqlTable("contractions", "Where 's 't 'm 'd 'll 've 're begin, and how long they are.",
                 _CONTRACTIONS),
        SqlTable("pieces", "The text cut into words, numbers, signs and spaces. No token crosses "
                           "a cut.", _PIECES),
        SqlTable("bytes", "Each piece as its bytes in UTF-8, every byte written as its letter.",
                 _bytes(dialect)),
        SqlTable("merging", "Step by step, the two neighbours whose merge was learnt first become "
                            "one token.", _MERGING),
        SqlTable("ids", "What is left when nothing merges any more, as ids.", _IDS),
    ]


POSITIONS = SqlTable("positions", "The place of each token: 0, 1, 2, ...",
                     "SELECT position, position AS value\nFROM ids")
TOKENS = SqlTable("tokens", "Every token so far: the prompt's, and those that were chosen.",
                  "SELECT position, value FROM ids")
NEW_TOKEN = SqlTable("tokens", "The token that was chosen is one of them now.",
                     "SELECT max(position) + 1 AS position, (SELECT id FROM chosen) AS value\n"
                     "FROM tokens", remembered=True)
NEW_IDS = SqlTable("ids", "What is new now: the chosen token.",
                   "SELECT position, value\nFROM tokens\n"
                   "WHERE position = (SELECT max(position) FROM tokens)")
ALL_IDS = SqlTable("ids", "All tokens are calculated again: a changed formula, or typed numbers, "
                          "may let earlier tokens read later ones.",
                   "SELECT position, value\nFROM tokens")


def _characters(dialect: Dialect) -> str:
    return f"""WITH places AS (
  SELECT text, {dialect.count_up('length(text)')} AS place FROM prompt
),
each AS (
  SELECT place, substr(text, (place + 1)::INTEGER, 1) AS character FROM places
)
SELECT place, character, coalesce(class, 'other') AS class
FROM each
  LEFT JOIN character_classes ON {dialect.code_point('character')} BETWEEN first AND last"""


_CONTRACTIONS = """WITH neighbours AS (
  SELECT *, lag(class) OVER along AS class_before, lag(character) OVER along AS before,
    lead(character) OVER along AS after, lead(character, 2) OVER along AS second
  FROM characters
  WINDOW along AS (ORDER BY place)
)
SELECT place, CASE WHEN after IN ('s', 't', 'm', 'd') THEN 2 ELSE 3 END AS length
FROM neighbours
WHERE character = '''' AND coalesce(class_before, '') <> 'other' AND coalesce(before, '') <> ' '
  AND (after IN ('s', 't', 'm', 'd') OR after || second IN ('ll', 've', 're'))"""

_PIECES = """WITH neighbours AS (
  SELECT characters.place, character, class, length,
    lag(class) OVER along AS class_before, lead(class) OVER along AS class_after,
    lag(character) OVER along AS before,
    max(contractions.place + length) OVER along AS contraction_end
  FROM characters
    LEFT JOIN contractions USING (place)
  WINDOW along AS (ORDER BY characters.place)
),
marked AS (
  SELECT place, character, CASE
    WHEN place = 0 OR length IS NOT NULL OR place = contraction_end THEN 1
    WHEN place < contraction_end THEN 0
    WHEN class = 'space' AND class_before <> 'space' THEN 1
    WHEN class = 'space' AND class_after <> 'space' THEN 1
    WHEN class = 'space' OR before = ' ' OR class = class_before THEN 0
    ELSE 1 END AS begins
  FROM neighbours
),
counted AS (
  SELECT place, character, sum(begins) OVER (ORDER BY place) - 1 AS piece FROM marked
)
SELECT piece, string_agg(character, '' ORDER BY place) AS text
FROM counted
GROUP BY piece"""


def _bytes(dialect: Dialect) -> str:
    return f"""WITH written AS (
  SELECT piece, {dialect.hexadecimal('text')} AS digits FROM pieces
),
places AS (
  SELECT piece, digits, {dialect.count_up(f'length(digits) {dialect.divide} 2')} AS place
  FROM written
)
SELECT piece, place, letter AS token
FROM places
  JOIN byte_letters ON byte = substr(digits, (2 * place + 1)::INTEGER, 2)"""


_MERGING = """WITH RECURSIVE merging(step, piece, place, token) AS (
  SELECT 0, piece, place, token FROM bytes
  UNION ALL
  SELECT step + 1, piece, place, CASE WHEN joins THEN token || after ELSE token END
  FROM (
    SELECT *, coalesce(lag(joins) OVER along, FALSE) AS gone
    FROM (
      SELECT *, chosen
        AND row_number() OVER (PARTITION BY piece, chosen, run ORDER BY place) % 2 = 1 AS joins
      FROM (
        SELECT *, row_number() OVER along
          - row_number() OVER (PARTITION BY piece, chosen ORDER BY place) AS run
        FROM (
          SELECT *, coalesce(rank = best, FALSE) AS chosen
          FROM (
            SELECT pairs.*, rank, min(rank) OVER (PARTITION BY piece) AS best
            FROM (
              SELECT *, lead(token) OVER (PARTITION BY piece ORDER BY place) AS after
              FROM merging
            ) AS pairs
              LEFT JOIN merges ON first_token = token AND second_token = after
          ) AS ranked
          WHERE best IS NOT NULL
        ) AS compared
        WINDOW along AS (PARTITION BY piece ORDER BY place)
      ) AS counted
    ) AS decided
    WINDOW along AS (PARTITION BY piece ORDER BY place)
  ) AS joined
  WHERE NOT gone
)
SELECT * FROM merging"""

_IDS = """WITH ends AS (
  SELECT piece, max(step) AS step FROM merging GROUP BY piece
)
SELECT row_number() OVER (ORDER BY piece, place) - 1 AS position, id AS value
FROM merging
  JOIN ends USING (piece, step)
  JOIN vocabulary USING (token)"""
