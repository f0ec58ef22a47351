"""Text written token by token, and the choice of the next token stage by stage."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import MessageError, PromptTooLong
from cutaway.generate import Distribution, Sampling, distribution, shares_shown, stages_shown
from cutaway.generate.generate import random_generator
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.summary import summary
from cutaway.tokenizer import TextStream, hexadecimal
from cutaway.workbook import Run

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

ROWS = 40


def sampling_of(question: asked.Sampling) -> Sampling:
    """The settings of a question.  Raises:  SettingError"""
    return Sampling(question.temperature, question.top_k, question.top_p,
                    question.repetition_penalty, question.no_repeat_ngram)


def stages(workspace: "Workspace", question: asked.Stages) -> dict[str, Any]:
    """How the next token would be chosen: the likeliest tokens at every stage, and where a draw
    falls."""
    logits = workspace.table(workspace.run.book.role("next_logits")).array
    choice = distribution(logits, sampling_of(question), question.draw, workspace.run.ids)
    return stages_of(workspace, choice)


def stages_of(workspace: "Workspace", choice: Distribution) -> dict[str, Any]:
    """A distribution's best rows, how many each cut leaves, the draw and the token."""
    tokenizer, greedy = workspace.model.tokenizer, choice.sampling.greedy
    text_of, ways = tokenizer.text_of, choice.shares_on_the_way()
    stream = TextStream(tokenizer)
    for id in workspace.run.ids:
        stream.add(int(id))
    tables = dict(choice.stages())
    left = {name: int(np.isfinite(scores).sum()) for name, scores in tables.items()}
    ends = np.cumsum(choice.probabilities)
    token = choice.token if greedy or choice.draw is not None else None
    return {
        "headings": [{"words": words, "sentence": sentence} for words, sentence
                     in shares_shown(choice.sampling).items()],
        "rows": [{"id": row.id, "text": text_of(row.id), **_completed(stream, row.id),
                  "shares": [float(way[row.id]) for way in ways.values()], "logit": row.logit,
                  "after_penalty": row.after_penalty,
                  "repeats": bool(np.isinf(row.after_no_repeat)),
                  "scaled": row.scaled if np.isfinite(row.scaled) else None,
                  "in_top_k": bool(np.isfinite(row.after_top_k)),
                  "in_top_p": bool(np.isfinite(row.after_top_p)),
                  "probability": row.probability} for row in choice.rows(ROWS)],
        "shown": {stage.name: stage.sentence for stage in stages_shown(choice.sampling)},
        "n_vocabulary": len(choice.logits), "n_after_no_repeat": left["after_no_repeat"],
        "n_after_top_k": left["after_top_k"], "n_after_top_p": left["after_top_p"],
        "greedy": greedy, "draw": choice.draw, "token": token,
        "text": text_of(token) if token is not None else None,
        "interval": [float(ends[token] - choice.probabilities[token]), float(ends[token])]
        if token is not None else None}


def _completed(stream: TextStream, id: int) -> dict[str, str]:
    """The text that a token would complete, and the bytes that would then wait for the next."""
    adds, held = stream.would_add(id)
    return {"adds": adds, "held": hexadecimal(held)}


@dataclass
class Text:
    """A text that is being written.

    start   the run that it began with
    random  what draws a number for each token
    """

    sampling: Sampling
    random: np.random.Generator
    start: Run
    ids: list[int] = field(default_factory=list)


def write_begin(workspace: "Workspace", question: asked.WriteBegin) -> dict[str, Any]:
    """Begin a text with its settings; each token is a job of its own, so that views come between.

    Raises:  SettingError, PromptTooLong when no position is left
    """
    sampling, run = sampling_of(question), workspace.run
    random = random_generator(question.seed)
    most = workspace.model.config.n_positions
    if len(run.ids) >= most:
        raise PromptTooLong(f"All {most} positions of this model are in use. Shorten the prompt, "
                            f"or undo what was written.")
    workspace.writing = Text(sampling, random, run)
    return {}


def write_token(workspace: "Workspace", question: asked.WriteToken) -> dict[str, Any]:
    """Choose one token and append it; the tables have its row from now on.

    returns  {"id", "choice", "summary", "ended": why the text ends here, if it does}
    """
    text, run = _writing(workspace), workspace.run
    draw = None if text.sampling.greedy else text.random.random()
    choice = distribution(run[run.book.role("next_logits")].array, text.sampling, draw, run.ids)
    answer = {"id": choice.token, "choice": stages_of(workspace, choice), "ended": ""}
    if choice.token == workspace.model.tokenizer.end_of_text:
        return answer | {"id": None, "ended": "end of text", "summary": summary(workspace)}
    longer = run.append(choice.token)
    workspace.show_growing(longer)
    text.ids.append(choice.token)
    full = len(longer.ids) >= workspace.model.config.n_positions
    return answer | {"ended": "positions" if full else "", "summary": summary(workspace)}


def write_end(workspace: "Workspace", question: asked.WriteEnd) -> dict[str, Any]:
    """Take what was written as one change, which undo takes back as a whole."""
    text, run = _writing(workspace), workspace.run
    workspace.writing = None
    workspace.show_growing(text.start)
    if text.ids:
        workspace.enter({"kind": "append", "ids": text.ids}, run)
    return {"ids": text.ids, "summary": summary(workspace)}


def _writing(workspace: "Workspace") -> Text:
    if workspace.writing is None:
        raise MessageError("No text is being written. Begin one first.")
    return workspace.writing
