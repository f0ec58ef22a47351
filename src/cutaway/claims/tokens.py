"""Claims about GPT-2's tokens, which its own vocabulary settles."""

from typing import TYPE_CHECKING

from cutaway.claims.claim import Subject
from cutaway.tokenizer import letters

if TYPE_CHECKING:
    from cutaway.tokenizer import Tokenizer

PROMPT = "Mike is quick. He moves"
# The list keeps the counts of its two samples, not their texts. These have the same counts.
STRAIGHT = "it doesn't matter in what order the letters in a word are"
JUMBLED = "it deosn't mttaer in waht oredr the ltteers in a wrod are"
JAPANESE = "こんにちは世界"

tokens = Subject("Tokens")


@tokens.claim(37, "V", "workshop 00:17:54", f"“{PROMPT}”: every word is one token",
              [16073, 318, 2068, 13, 679, 6100])
def ids_of_the_prompt(vocabulary: "Tokenizer") -> list[int]:
    """Encode the prompt."""
    return vocabulary.encode(PROMPT)


@tokens.claim(38, "V", "workshop 00:19:26", "“ reinjury” is “ rein” + “jury”",
              {" rein": 6865, "jury": 21871})
def tokens_of_reinjury(vocabulary: "Tokenizer") -> dict[str, int]:
    """Encode “ reinjury”."""
    return _pieces(vocabulary, " reinjury")


@tokens.claim(39, "V", "workshop 00:19:48", "“ reindeer” is “ re” + “ind” + “eer”",
              {" re": 302, "ind": 521, "eer": 28153})
def tokens_of_reindeer(vocabulary: "Tokenizer") -> dict[str, int]:
    """Encode “ reindeer”."""
    return _pieces(vocabulary, " reindeer")


@tokens.claim(40, "V", "workshop 00:20:48", "“TL;DR” is three tokens", [14990, 26, 7707])
def ids_of_tldr(vocabulary: "Tokenizer") -> list[int]:
    """Encode “TL;DR”."""
    return vocabulary.encode("TL;DR")


@tokens.claim(42, "V", "workshop 00:22:29", "A sentence with jumbled letters costs more tokens",
              {"straight": 13, "jumbled": 25})
def tokens_of_jumbled_letters(vocabulary: "Tokenizer") -> dict[str, int]:
    """Count the tokens of a sentence of the chain letter, straight and jumbled. The source keeps
    the counts and not the sentence; this one is chosen here."""
    return {"straight": len(vocabulary.encode(STRAIGHT)),
            "jumbled": len(vocabulary.encode(JUMBLED))}


@tokens.claim(49, "", "GPT in 500 lines of SQL, Tokenizer", "Each byte is a token to start from",
              256)
def starting_tokens(vocabulary: "Tokenizer") -> int:
    """Count the tokens of one byte."""
    return sum(len(token) == 1 for token in vocabulary.vocabulary)


@tokens.claim(50, "", "workshop 00:28:37",
              "The prompt is cut into words: punctuation is alone, a space stays with its word",
              ["Mike", " is", " quick", ".", " He", " moves"])
def pieces_of_the_prompt(vocabulary: "Tokenizer") -> list[str]:
    """Cut the prompt by OpenAI's regular expression."""
    return list(vocabulary.pieces(PROMPT))


@tokens.claim(51, "V", "workshop 00:28:46", "The first merges, and how many there are",
              {"first": ["Ġ t", "Ġ a", "h e"], "merges": 50_000})
def first_merges(vocabulary: "Tokenizer") -> dict[str, object]:
    """Read the first three merges and count all of them."""
    return {"first": [" ".join(letters(side) for side in pair) for pair in vocabulary.merges[:3]],
            "merges": len(vocabulary.merges)}


@tokens.claim(52, "", "workshop 00:47:35", "The map from tokens to ids has 50,257 rows", 50_257)
def size_of_the_vocabulary(vocabulary: "Tokenizer") -> int:
    """Count the tokens."""
    return len(vocabulary)


@tokens.claim(54, "V", "workshop 00:29:40", "“ quick” merge by merge, with each merge's rank",
              {"ic": 35, "qu": 165, "ick": 368, "Ġqu": 371, "Ġquick": 1812})
def merges_of_quick(vocabulary: "Tokenizer") -> dict[str, int | None]:
    """Follow the merges of “ quick”: each time, of all pairs the one with the lowest rank."""
    (piece,) = vocabulary.encode_visibly(" quick").pretokens
    return {letters(step.chosen.pair[0] + step.chosen.pair[1]): step.chosen.rank
            for step in piece.steps}


@tokens.claim(56, "V", "workshop 00:31:15", "Nine ways to write strawberry", {
    "strawberry": [301, 1831, 8396], "Strawberry": [1273, 1831, 8396],
    " strawberry": [41236], " Strawberry": [42611],
    "STRAWBERRY": [2257, 20530, 13246, 18276], " STRAWBERRY": [3563, 20530, 13246, 18276],
    '"strawberry': [1, 301, 1831, 8396], '"Strawberry': [1, 1273, 1831, 8396],
    '"STRAWBERRY': [1, 2257, 20530, 13246, 18276]})
def ids_of_strawberry(vocabulary: "Tokenizer") -> dict[str, list[int]]:
    """Encode the word in three cases, as it is, with a space and with a quote in front."""
    word = "strawberry"
    return {front + written: vocabulary.encode(front + written) for front in ("", " ", '"')
            for written in (word, word.capitalize(), word.upper())}


@tokens.claim(59, "V", "Spreadsheets are all you need, Lesson 2",
              "Seven characters of Japanese are ten tokens", {"characters": 7, "tokens": 10})
def tokens_of_japanese(vocabulary: "Tokenizer") -> dict[str, int]:
    """Count the tokens of “こんにちは世界”. The source keeps the counts and not its sample; this
    one is chosen here."""
    return {"characters": len(JAPANESE), "tokens": len(vocabulary.encode(JAPANESE))}


@tokens.claim(60, "", "Building a language model from scratch, Process",
              "The id of the mark at the end of a text", 50_256)
def id_of_the_mark(vocabulary: "Tokenizer") -> int | None:
    """Look up <|endoftext|>."""
    return vocabulary.end_of_text


@tokens.claim(65, "", "workshop 00:47:55", "The id of “ is”, and its row counted from 1",
              {"id": 318, "row": 319})
def row_of_is(vocabulary: "Tokenizer") -> dict[str, int]:
    """Look up “ is”; counted from 1, its row is one more than its id."""
    id = vocabulary.id_of(" is")
    return {"id": id, "row": id + 1}


@tokens.claim(70, "V", "workshop 00:37:24", "The four words of the analogy are one token each", {
    " king": [5822], " man": [582], " woman": [2415], " queen": [16599], "queen": ["que", "en"]})
def ids_of_the_analogy(vocabulary: "Tokenizer") -> dict[str, list]:
    """Encode the words with a space in front; without one, cut “queen” into its pieces."""
    words = [" king", " man", " woman", " queen"]
    return {**{word: vocabulary.encode(word) for word in words},
            "queen": list(_pieces(vocabulary, "queen"))}


@tokens.claim(88, "V", "workshop 00:49:57", "Two sentences with the same tokens in another order", {
    "The dog chases the cat": [464, 3290, 442, 1386, 262, 3797],
    "The cat chases the dog": [464, 3797, 442, 1386, 262, 3290]})
def ids_of_dog_and_cat(vocabulary: "Tokenizer") -> dict[str, list[int]]:
    """Encode both sentences."""
    return {text: vocabulary.encode(text)
            for text in ("The dog chases the cat", "The cat chases the dog")}


@tokens.claim(135, "V", "workshop 01:20:19", "The token with the id 0", "!")
def token_of_id_0(vocabulary: "Tokenizer") -> str:
    """Look up the token of the id 0."""
    return vocabulary.text_of(0)


@tokens.claim(136, "V", "workshop 01:22:43", "The token with the id 2952", " quickly")
def token_of_id_2952(vocabulary: "Tokenizer") -> str:
    """Look up the token of the id 2952."""
    return vocabulary.text_of(2952)


@tokens.claim(147, "V", "A beginners' course on language models",
              "The ids of a die's faces: without a space 16 to 21, with one 352 … 604",
              {"1 to 6": [16, 17, 18, 19, 20, 21], " 1": 352, " 4": 604})
def ids_of_a_die(vocabulary: "Tokenizer") -> dict[str, object]:
    """Look up the digits 1 to 6, and two of them with a space in front."""
    return {"1 to 6": [vocabulary.id_of(digit) for digit in "123456"],
            " 1": vocabulary.id_of(" 1"), " 4": vocabulary.id_of(" 4")}


def _pieces(vocabulary: "Tokenizer", text: str) -> dict[str, int]:
    return {vocabulary.text_of(id): id for id in vocabulary.encode(text)}
