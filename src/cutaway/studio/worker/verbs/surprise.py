"""How unexpected each token of a text was to the model, as it is open: with its edits."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from cutaway.look.surprise import LEVELS, Surprise, loss, surprises
from cutaway.studio.messages import token_questions as asked
from cutaway.tokenizer import pieces_of_text, read_prompt
from cutaway.workbook import Run

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def surprise(workspace: "Workspace", question: asked.Surprise) -> dict[str, Any]:
    """The surprise of every token: bits, rank, and the likelier tokens.

    Raises:  EmptyPrompt, NotText; NoSuchRole for a model without every position's logits
    """
    run, tokenizer = workspace.run, workspace.model.tokenizer
    ids = [int(id) for id in run.ids] if question.text is None else \
        read_prompt(tokenizer, question.text, special=question.special).ids

    def start(some: Sequence[int]) -> Run:
        return run if question.text is None else run.edit("ids", list(some))

    n_positions = workspace.model.config.n_positions
    found = list(surprises(start, ids, n_positions, question.likelier))
    whole = loss(found)
    tokens = [_told(one, adds)
              for one, (adds, _) in zip(found, pieces_of_text(tokenizer, ids), strict=True)]
    return {"tokens": tokens, "levels": list(LEVELS), "n_predicted": whole.n_tokens,
            "bits": whole.bits, "nats": whole.nats, "mean": whole.mean,
            "perplexity": whole.perplexity if isfinite(whole.perplexity) else None,
            "in_windows": len(ids) > n_positions}


def _told(one: Surprise, adds: str) -> dict[str, Any]:
    """A token's surprise; `adds` is what the token adds to the text before it."""
    return {"place": one.place, "id": one.id, "text": one.text, "adds": adds, "rank": one.rank,
            "bits": one.bits, "level": one.level, "probability": one.probability,
            "likelier": [{"id": guess.id, "text": guess.text, "probability": guess.probability}
                         for guess in one.likelier]}
