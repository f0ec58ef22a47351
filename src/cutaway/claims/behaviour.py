"""Claims about what GPT-2 calculates and writes, which need OpenAI's weights."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cutaway.claims.claim import Subject
from cutaway.generate import generate_text

if TYPE_CHECKING:
    from cutaway.model import Model
    from cutaway.workbook import Table

PROMPT = "Mike is quick. He moves"
N_WRITTEN = 40  # tokens that follow a prompt whose text is looked at
FACES = (" 1", " 2", " 3", " 4", " 5", " 6")

behaviour = Subject("What it calculates and writes")


def _mentions_all(claimed: list[str], measured: str) -> bool:
    return all(word.lower() in measured.lower() for word in claimed)


def _mentions_one(claimed: list[str], measured: str) -> bool:
    return any(word.lower() in measured.lower() for word in claimed)


@behaviour.claim(102, "M", "workshop 01:02:39",
                 "Last block, first head: “ moves” reads 16 % from “Mike” and 23 % from “ is”",
                 {"Mike": Decimal("0.16"), " is": Decimal("0.23")})
def what_moves_reads(model: "Model") -> dict[str, float]:
    """Read the last row of the last block's attention table for the head 0."""
    run = model.run(PROMPT)
    row = run[run.book.role("attention", run.book.blocks[-1])].array[0, -1]
    return {model.tokenizer.text_of(int(run.ids[source])): float(row[source])
            for source in (0, 1)}


@behaviour.claim(135, "M", "workshop 01:20:19", "The logit of the token 0 is -135.9",
                 Decimal("-135.9"))
def logit_of_id_0(model: "Model") -> float:
    """Read the next token's logit of the id 0 for the prompt."""
    return float(_next(model, PROMPT, "next_logits").array[0])


@behaviour.claim(136, "M", "workshop 01:22:36", "The largest logit is -129.44, of “ quickly”",
                 {"logit": Decimal("-129.44"), "id": 2952, "token": " quickly"})
def largest_logit(model: "Model") -> dict[str, Any]:
    """Find the largest of the next token's logits for the prompt."""
    logits = _next(model, PROMPT, "next_logits").array
    best = int(logits.argmax())
    return {"logit": float(logits[best]), "id": best, "token": model.tokenizer.text_of(best)}


@behaviour.claim(147, "M", "A beginners' course on language models",
                 "Asked to roll a die, “4” is far more likely than others", " 4",
                 agrees=lambda claimed, measured: max(measured, key=measured.get) == claimed)
def roll_of_a_die(model: "Model") -> dict[str, float]:
    """Read the probabilities of the six faces after “I rolled a six-sided die. It landed on a”. The
    source keeps no prompt; this one is chosen here."""
    shares = _next(model, "I rolled a six-sided die. It landed on a", "next_probabilities").array
    return {face: float(shares[model.tokenizer.id_of(face)]) for face in FACES}


@behaviour.claim(148, "M", "workshop 01:24:24", "“First name:” goes on as a form",
                 ["password", "email"], agrees=_mentions_all)
def text_after_first_name(model: "Model") -> str:
    """Write 40 tokens greedily after “First name:”, and look for both words. The source keeps
    neither the exact prompt nor how the tokens were chosen."""
    return _text_after(model, "First name:")


@behaviour.claim(149, "M", "workshop 01:24:47", "“Hello, class” goes on as code",
                 ["{", "public", "static", "void"], agrees=_mentions_one)
def text_after_hello_class(model: "Model") -> str:
    """Write 40 tokens greedily after “Hello, class”, and look for a word of code. How the source's
    prompt ended, and how its tokens were chosen, is not known."""
    return _text_after(model, "Hello, class")


@behaviour.claim(150, "M", "workshop 01:25:05", "“What is the capital of France?” is answered",
                 ["Paris"], agrees=_mentions_all)
def text_after_the_capital_of_france(model: "Model") -> str:
    """Write 40 tokens greedily after “What is the capital of France?”, and look for the name. How
    the source's tokens were chosen is not known."""
    return _text_after(model, "What is the capital of France?")


def _next(model: "Model", prompt: str, role: str) -> "Table":
    run = model.run(prompt)
    return run[run.book.role(role)]


def _text_after(model: "Model", prompt: str) -> str:
    return generate_text(model, prompt, max_tokens=N_WRITTEN)
