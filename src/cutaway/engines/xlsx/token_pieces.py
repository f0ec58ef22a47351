"""The upper part of the page Tokens: from characters to pieces, and to bytes.

Excel counts UTF-16 units where LibreOffice counts characters, so an emoji is two characters there.
The second half of one has no class, no bytes, and is passed over.
"""

from cutaway.engines.xlsx.ladder import At, Ladder, Tokens
from cutaway.engines.xlsx.token_tables import NOTHING, OTHER, SPACE
from cutaway.engines.xlsx.token_values import Bytes, Characters, characters_of
from cutaway.tokenizer.classes import SURROGATES

# ---- Characters --------------------------------------------------------------------------------

def character_rows(ladder: Ladder, prompt: str) -> Characters:
    """The rows about characters, and their values."""
    capacity, styles = ladder.capacity, ladder.styles
    values = characters_of(prompt, capacity.characters)
    ladder.heading("Characters", "Pieces are words with the space in front of them, numbers, "
                   "punctuation and runs of spaces; no token crosses from one into the next.")
    shown = ["" if code < 0 else "␣" if code == ord(" ") else chr(code) for code in values.code]
    code_row = ladder.row + 1
    ladder.add("character", lambda at, place:
               f'IF({at(code_row)}<0,"",IF({at(code_row)}=32,"␣",'
               f'IFERROR(_xlfn.UNICHAR({at(code_row)}),"")))', shown, styles.symbol)
    low, high = SURROGATES.start, SURROGATES.stop - 1
    code = ladder.add("code point", lambda at, place:
                      f"IF({place + 1}>LEN(t_text),-1,"
                      f"IFERROR(_xlfn.UNICODE(MID(t_text,{place + 1},2)),{high}))",
                      values.code, styles.working)

    def half(at: At) -> str:
        return f"AND({at(code)}>={low},{at(code)}<={high})"

    kind = ladder.row
    ladder.add("class: 1 letter, 2 number, 3 space, 4 other", lambda at, place:
               f"IF({at(code)}<0,{NOTHING},IF({half(at)},{at(kind, -1)},"
               f"INDEX(t_class,MATCH({at(code)},t_class_from,1))))", values.kind, styles.working)
    contraction = ladder.add("contraction of so many", lambda at, place:
                             _contraction(at, code, kind), values.contraction, styles.working)
    start = ladder.add("starts a piece", lambda at, place:
                       _start(at, code, kind, contraction, half(at)), values.start, styles.working)
    n_bytes = ladder.add("bytes", lambda at, place:
                         f"IF(OR({at(kind)}={NOTHING},{half(at)}),0,1+({at(code)}>=128)"
                         f"+({at(code)}>=2048)+({at(code)}>=65536))",
                         values.n_bytes, styles.working)
    before = ladder.row
    ladder.add("bytes before it", lambda at, place:  # half a byte less, so that none are equal
               f"IF({half(at)},{at(before, -1)}+{at(n_bytes, -1)}-0.5,"
               f"INT({at(before, -1)}+{at(n_bytes, -1)}+0.5))", values.before, styles.working)
    for name, row in (("code", code), ("start", start), ("bytes", n_bytes), ("before", before)):
        ladder.name(f"t_character_{name}", row, capacity.characters)
    return values


def _contraction(at: At, code: int, kind: int) -> str:
    """2 for 's 'd 'm 't, 3 for 'll 've 're, where the apostrophe starts a piece."""
    def follow(pair: str) -> str:
        return f"AND({at(code, 1)}={ord(pair[0])},{at(code, 2)}={ord(pair[1])})"

    single = ",".join(f"{at(code, 1)}={ord(letter)}" for letter in "sdmt")
    double = ",".join(map(follow, ("ll", "ve", "re")))
    return (f"IF(AND({at(code)}=39,{at(kind, -1)}<>{OTHER},{at(code, -1)}<>32),"
            f"IF(OR({single}),2,IF(OR({double}),3,0)),0)")


def _start(at: At, code: int, kind: int, contraction: int, half: str) -> str:
    """Whether a piece starts here: GPT-2's pattern, decided by the neighbours.

    Nothing starts within a contraction, something does at one and after one. Of a run of spaces
    the first starts a piece, and the last one does when a word follows: it belongs to the word.
    Everything else starts a piece unless its own class, or a space, stands before it.
    """
    after = f"AND({at(kind, 1)}<>{SPACE},{at(kind, 1)}<>{NOTHING})"
    spaces = f"IF({at(kind, -1)}<>{SPACE},1,IF({after},1,0))"
    return (f"IF(OR({at(kind)}={NOTHING},{half}),0,"
            f"IF(OR({at(contraction, -1)}>0,{at(contraction, -2)}=3),0,"
            f"IF(OR({at(contraction, -2)}=2,{at(contraction, -3)}=3,{at(contraction)}>0,"
            f"{at(kind, -1)}={NOTHING}),1,"
            f"IF({at(kind)}={SPACE},{spaces},"
            f"IF(OR({at(kind, -1)}={at(kind)},{at(code, -1)}=32),0,1)))))")


# ---- Bytes -------------------------------------------------------------------------------------

def byte_rows(ladder: Ladder, values: Bytes) -> Tokens:
    """The rows about bytes."""
    style = ladder.styles.working
    ladder.heading("Bytes", "Every byte of UTF-8 is a token to begin with.")
    character = ladder.add("of character", lambda at, place:
                           f"IF({place}<SUM(t_character_bytes),"
                           f"MATCH({place},t_character_before,1),0)", values.character, style)
    byte = ladder.add("byte", lambda at, place: _byte(at(character), place), values.byte, style)
    piece = ladder.row
    ladder.add("piece", lambda at, place:
               f"IF({at(character)}=0,0,{at(piece, -1)}+INDEX(t_character_start,{at(character)})"
               f"*IF(INDEX(t_character_before,{at(character)})={place},1,0))", values.piece, style)
    ids = ladder.add("id", lambda at, place:
                     f"IF({at(byte)}<0,-1,INDEX(t_byte_ids,{at(byte)}+1))", values.id, style)
    return Tokens(ids, piece, values.id, values.piece)


def _byte(character: str, place: int) -> str:
    """One byte of a character: six bits of its code point, the first byte what is left of it."""
    code, count = (f"INDEX(t_character_{row},{character})" for row in ("code", "bytes"))
    behind = f"({place}-INDEX(t_character_before,{character}))"
    return (f"IF({character}=0,-1,IF({behind}=0,"
            f"INT({code}/64^({count}-1))+CHOOSE({count},0,192,224,240),"
            f"128+MOD(INT({code}/64^({count}-1-{behind})),64)))")
