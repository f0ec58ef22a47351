"""The page Tokens: byte-pair encoding by formulas, from the prompt's characters to its ids.

Characters, bytes and tokens run from left to right, what happens to them from the top down:

    characters   code point, class, where GPT-2's pattern starts a new piece
    bytes        of UTF-8, each a token to begin with
    rounds       in each, the neighbours whose merge was learnt first become one token
    tokens       what is left, side by side
"""

from dataclasses import dataclass

from xlsxwriter.utility import xl_rowcol_to_cell

from cutaway.engines.xlsx.cells import Page
from cutaway.engines.xlsx.formulas import text as quoted
from cutaway.engines.xlsx.ladder import FIRST, TOKENS, At, Ladder, Tokens
from cutaway.engines.xlsx.style import Styles
from cutaway.engines.xlsx.token_pieces import byte_rows, character_rows
from cutaway.engines.xlsx.token_tables import Capacity, TokenTables
from cutaway.engines.xlsx.token_values import NO_RANK, Round, bytes_of, round_of


@dataclass(frozen=True)
class Encoded:
    """What the page found for the prompt that it is written with.

    names   the defined names of its cells
    ids     of the tokens
    status  why the prompt is refused; empty when it is not
    """

    names: dict[str, str]
    ids: list[int]
    status: str


def token_page(page: Page, styles: Styles, tables: TokenTables, prompt: str,
               capacity: Capacity) -> Encoded:
    """Puts the whole page together."""
    ladder = Ladder(page, styles, tables, capacity)
    characters = character_rows(ladder, prompt)
    now = byte_rows(ladder, bytes_of(prompt, characters, tables, capacity.characters))
    for number in range(capacity.rounds):
        now = _round(ladder, number, now)
    left = _left_over(ladder, now)
    found = [one for one in now.ids if one >= 0]
    _tokens(ladder, now)
    status = _status(prompt, left, len(found), capacity)
    page.formula(2, FIRST, status_formula(capacity), status, styles.status)
    ladder.names["t_status"] = f"'{TOKENS}'!{xl_rowcol_to_cell(2, FIRST, True, True)}"
    return Encoded(ladder.names, found, status)


# ---- Merging -----------------------------------------------------------------------------------

def _round(ladder: Ladder, number: int, given: Tokens) -> Tokens:
    """The rows of one round: the tokens after it."""
    values, styles = round_of(given.ids, given.pieces, ladder.tables), ladder.styles
    ladder.heading(f"Round {number + 1}", "In every piece, the neighbours with the lowest rank "
                   "become one token." if number == 0 else "")
    ids = ladder.row + 6
    _add_tokens(ladder, ids, values.id)
    rank = _ranks(ladder, given, values)
    before, piece, so_far = given.ids_row, given.pieces_row, ladder.row
    ladder.add("lowest so far", lambda at, place:
               f"MIN({at(rank)},IF({at(piece)}={at(piece, -1)},{at(so_far, -1)},{NO_RANK}))",
               values.lowest_so_far, styles.working)
    lowest = ladder.row
    ladder.add("lowest of the piece", lambda at, place:
               f"IF({at(piece)}={at(piece, 1)},{at(lowest, 1)},{at(so_far)})",
               values.lowest, styles.working)
    merges = ladder.row
    ladder.add("takes in the next", lambda at, place:
               f"IF({at(before)}<0,{at(merges, -1)},IF(AND({at(rank)}<{NO_RANK},"
               f"{at(rank)}={at(lowest)},{at(merges, -1)}=0),1,0))", values.merges, styles.working)
    ladder.add("id", lambda at, place:
               f"IF({at(before)}<0,-1,IF({at(merges)}=1,INDEX(t_merge_id,{at(rank)}+1),"
               f"IF({at(merges, -1)}=1,-1,{at(before)})))", values.id, styles.working)
    return Tokens(ids, piece, values.id, given.pieces)


def _add_tokens(ladder: Ladder, ids: int, values: list[int]) -> None:
    """A row of tokens for people to read, their spaces to be seen."""
    ladder.add("token", lambda at, place:
               f'IF({at(ids)}<0,"",SUBSTITUTE(INDEX(t_vocabulary,{at(ids)}+1)," ","␣"))',
               ["" if one < 0 else ladder.tables.texts[one].replace(" ", "␣")
                for one in values],
               ladder.styles.symbol)


def _ranks(ladder: Ladder, given: Tokens, values: Round) -> int:
    """Each token's neighbour on the right, and the rank of their merge; the row of ranks."""
    ids, piece, style, after = given.ids_row, given.pieces_row, ladder.styles.working, ladder.row
    ladder.add("next id", lambda at, place:
               f"IF(OR({at(piece)}=0,{at(piece)}<>{at(piece, 1)}),-1,"
               f"IF({at(ids, 1)}>=0,{at(ids, 1)},{at(after, 1)}))", values.next, style)

    def rank(at: At, place: int) -> str:
        key = f"{at(ids)}*{ladder.tables.n_vocabulary}+{at(after)}"
        found = f"MATCH({key},t_merge_key,1)"
        return (f"IF(OR({at(ids)}<0,{at(after)}<0),{NO_RANK},"
                f"IF(INDEX(t_merge_key,{found})={key},INDEX(t_merge_rank,{found}),{NO_RANK}))")

    return ladder.add("rank of the merge", rank, values.rank, style)


def _left_over(ladder: Ladder, given: Tokens) -> bool:
    """Whether another round would merge on: the prompt needs more than there are."""
    values = round_of(given.ids, given.pieces, ladder.tables)
    ladder.heading("Left over", "A merge that could still be made: then there are too few rounds.")
    rank = _ranks(ladder, given, values)
    ladder.name("t_left_over", rank, len(values.rank))
    return min(values.rank) < NO_RANK


# ---- Tokens ------------------------------------------------------------------------------------

def _tokens(ladder: Ladder, given: Tokens) -> None:
    """What is left, without the gaps."""
    capacity, ids, current = ladder.capacity, given.ids_row, given.ids
    styles, count = ladder.styles, ladder.row + 2
    ladder.heading("Tokens", "What the model reads: the page Embed begins with these ids.")
    alive = [int(one >= 0) for one in current]
    ladder.add("number", lambda at, place: f"{at(count, -1)}+IF({at(ids)}<0,0,1)",
               [sum(alive[:place + 1]) for place in range(len(alive))], styles.working)
    ladder.name("t_token_number", count, capacity.characters)
    ladder.name("t_merged_ids", ids, capacity.characters)
    found = [one for one in current if one >= 0][:capacity.positions]
    found += [-1] * (capacity.positions - len(found))
    row = ladder.add("id", lambda at, place:
                     f"IF({place}<MAX(t_token_number),"
                     f"INDEX(t_merged_ids,MATCH({place + 1},t_token_number,0)),-1)",
                     found, styles.whole)
    ladder.name("t_found_ids", row, capacity.positions)
    _add_tokens(ladder, row, found)


_EMPTY = "Type a prompt into the coloured cell."
_LONG = ("The prompt has more than {capacity.characters} characters, or bytes of UTF-8; this "
         "workbook has room for so many. Shorten it, or write one with more --positions.")
_ROUNDS = ("A word of the prompt needs more than {capacity.rounds} rounds of merging; this "
           "workbook has so many. Use shorter words.")
_POSITIONS = (" tokens are in the prompt; this workbook has {capacity.positions} positions. "
              "Shorten it, or write one with more --positions.")


def status_formula(capacity: Capacity) -> str:
    """Why the prompt is refused, or an empty text."""
    long, rounds, positions = (quoted(words.format(capacity=capacity))
                               for words in (_LONG, _ROUNDS, _POSITIONS))
    return (f"IF(LEN(t_text)=0,{quoted(_EMPTY)},"
            f"IF(OR(LEN(t_text)>{capacity.characters},"
            f"SUM(t_character_bytes)>{capacity.characters}),{long},"
            f"IF(MIN(t_left_over)<{NO_RANK},{rounds},"
            f"IF(MAX(t_token_number)>{capacity.positions},MAX(t_token_number)&{positions},\"\"))))")


def _status(prompt: str, left: bool, n_tokens: int, capacity: Capacity) -> str:
    if not prompt:
        return _EMPTY
    if left:
        return _ROUNDS.format(capacity=capacity)
    if n_tokens > capacity.positions:
        return f"{n_tokens}{_POSITIONS.format(capacity=capacity)}"
    return ""


def too_long(prompt: str, capacity: Capacity) -> str:
    """Why a prompt does not fit on the page at all; empty when it does."""
    if max(len(prompt.encode()), len(prompt.encode("utf-16-le")) // 2) <= capacity.characters:
        return ""
    return _LONG.format(capacity=capacity)
