"""Text to ids and back: byte-pair encoding, learnt and applied where one can watch."""

from cutaway.tokenizer.bytes import FIRST_TOKENS, hexadecimal, label, letters
from cutaway.tokenizer.corpus import byte_words, character_words
from cutaway.tokenizer.encode import Candidate, EncodedPretoken, MergeStep, VisibleEncoding
from cutaway.tokenizer.gpt2_files import N_TOKENS as N_GPT2_TOKENS
from cutaway.tokenizer.gpt2_files import gpt2_folder
from cutaway.tokenizer.learn import Merge, first_seen, learn_from_words, learn_merges, lowest_ids
from cutaway.tokenizer.padding import fits
from cutaway.tokenizer.pretokens import PATTERN, pretokens
from cutaway.tokenizer.prompt import Prompt, hints, read_prompt
from cutaway.tokenizer.special import END_OF_TEXT, marks_in
from cutaway.tokenizer.stream import TextStream, pieces_of_text
from cutaway.tokenizer.text import check_text
from cutaway.tokenizer.tokenizer import Tokenizer
from cutaway.tokenizer.vocabulary import learn_tokenizer

__all__ = [
    "END_OF_TEXT", "FIRST_TOKENS", "N_GPT2_TOKENS", "PATTERN", "Candidate", "EncodedPretoken",
    "Merge", "MergeStep", "Prompt", "TextStream", "Tokenizer", "VisibleEncoding", "byte_words",
    "character_words", "check_text", "first_seen", "fits", "gpt2_folder", "hexadecimal",
    "hints", "label", "learn_from_words", "learn_merges", "learn_tokenizer", "letters",
    "lowest_ids", "marks_in", "pieces_of_text", "pretokens", "read_prompt",
]
