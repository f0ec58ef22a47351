"""What a page asks about tokens: the prompt's, a text's, a vocabulary's, how they are learned."""

from typing import Annotated, Literal

from msgspec import Meta, field

from cutaway.studio.messages import token_answers as of_tokens
from cutaway.studio.messages.fields import Index, Key, Name
from cutaway.studio.messages.question import Question

ShortText = Annotated[str, Meta(max_length=1_000)]  # whose merges are shown


class Tokenizers(Question):
    """The tokenizers that can be chosen, the open model's first."""

    answer = of_tokens.Tokenizers


class OfTokenizer(Question):
    """Whose tokens: the open model's, or GPT-2's own."""

    tokenizer: Literal["model", "gpt2"] = "model"


class TokensPrompt(OfTokenizer):
    """The tokens of the run, each with its bytes, its piece and the text beside it.

    n_prompt  how many of the run's tokens are the prompt's; in the answer, how many of the tokens
              that are listed begin in the prompt
    """

    answer = of_tokens.PromptTokens
    n_prompt: Index | None = None


class TokensText(OfTokenizer):
    """Ids back to text."""

    answer = of_tokens.TokensText
    ids: Annotated[list[Index], Meta(max_length=4_096)] = field(default_factory=list)


class TokensSteps(OfTokenizer, kw_only=True):
    """The pieces of a text, and for each every merge with all the pairs that it beat."""

    answer = of_tokens.MergeSteps
    text: ShortText


class TokensSpellings(OfTokenizer):
    """The tokens of several texts; or of one word, in three cases, with space and quote."""

    answer = of_tokens.Spellings
    text: ShortText = ""
    texts: Annotated[list[ShortText], Meta(max_length=24)] | None = None


class Rows(OfTokenizer):
    """Rows of a long table that match a query."""

    query: Name = ""
    first: Index = 0
    count: Annotated[int, Meta(ge=1, le=500)] = 100


class Vocabulary(Rows):
    """Rows of the vocabulary."""

    answer = of_tokens.VocabularyRows


class Merges(Rows):
    """Rows of the table of merges."""

    answer = of_tokens.MergeRows


class VocabularyToken(OfTokenizer, kw_only=True):
    """One token: how the files write it, the merges that make it and those it takes part in."""

    answer = of_tokens.VocabularyToken
    token: Index


class Learn(Question):
    """Learn merges from a text; each pass is pushed.

    boundary  "front": GPT-2's pieces of bytes, the space in front; "end": words of letters with a
              mark at the end, as in the paper
    first     passes before this one are not pushed: the page has them already
    lesson    a word of the page's own that every push bears
    tokenizer the one whose merges are compared with, where one is named and the text is in bytes
    """

    answer = of_tokens.Learned
    text: Annotated[str, Meta(max_length=200_000)]
    merges: Annotated[int, Meta(ge=1, le=1_000)] = 10
    boundary: Literal["front", "end"] = "front"
    ties: Literal["first-seen", "lowest-ids"] = "first-seen"
    first: Annotated[int, Meta(ge=0, le=1_000)] = 0
    lesson: Key = ""
    tokenizer: Literal["model", "gpt2"] | None = None


class Surprise(Question):
    """How unexpected each token was to the model: of the open text, or of another one.

    special   whether marks in another text are the model's own tokens
    likelier  how many of the likeliest tokens to tell in the place of each
    """

    answer = of_tokens.Surprised
    text: Annotated[str, Meta(max_length=20_000)] | None = None
    special: bool = False
    likelier: Annotated[int, Meta(ge=0, le=20)] = 5


VERBS: tuple[type[Question], ...] = (
    Tokenizers, TokensPrompt, TokensText, TokensSteps, TokensSpellings, Vocabulary, VocabularyToken,
    Merges, Learn, Surprise)
