"""`cutaway generate`: the text that follows a prompt, token by token."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.options import (
    PROMPT,
    Calculating,
    Writing,
    calculating_options,
    examples,
    json_option,
    model_option,
    writing_options,
)

if TYPE_CHECKING:
    from cutaway.cli.screen import Screen
    from cutaway.generate import Distribution, Token
    from cutaway.model import Model
    from cutaway.workbook import Run


@click.command(epilog=examples(
    'cutaway generate "Once upon a time"',
    'cutaway generate "Once upon a time" --temperature 0.8 --top-k 40 --seed 1',
    'cutaway generate "The king" --top-p 0.9 --seed 7 --stop "." --max-tokens 30',
    'cutaway generate "The king" --temperature 0.8 --top-k 5 --seed 1 --max-tokens 2 --stages',
    'cutaway generate "The king" --max-tokens 5 --json',
    'cutaway generate "The king" --engine int8'))
@click.argument("prompt", type=PROMPT)
@writing_options(max_tokens=200)
@click.option("--stop", "stops", multiple=True, metavar="TOKEN",
              help="A token that ends the text; may be given several times.")
@click.option("--stages", is_flag=True, help="How each token was chosen, stage by stage.")
@model_option
@calculating_options
@json_option
def generate(*, prompt: str, writing: Writing, stops: tuple[str, ...], stages: bool, model: str,
             calculating: Calculating, as_json: bool) -> None:
    """The text that follows PROMPT, as it is written.

    Always the likeliest token, unless an option asks for chance. The text ends at --max-tokens, at
    a --stop token, or where the model itself ends it. When all positions of the model are taken,
    the newest half of the text goes on as a prompt of its own.
    """
    from cutaway.cli.drawing.flow import write_text
    from cutaway.cli.screen import open_screen
    from cutaway.model import open_model

    opened = open_model(model)
    run = calculating.run(opened, prompt, keep=(), long=writing.max_tokens >= 50)
    written = following(opened, run, writing, stops)
    if as_json:
        _print_as_json(opened, prompt, written)
    elif stages:
        _draw_stages(opened, written)
    else:
        write_text(open_screen(), prompt, written)


def following(model: "Model", run: "Run", writing: Writing,
              stops: Iterable[str] = ()) -> "Iterator[Token]":
    """The tokens that follow a run, up to one that ends the text.

    stops    texts of single tokens, besides the model's own end of a text
    Raises:  UnknownToken when one of them is no token or several
    """
    from cutaway.generate import generate as generate_tokens

    ends = {model.tokenizer.id_of(stop) for stop in stops} | {model.tokenizer.end_of_text}
    return generate_tokens(run, writing.sampling, max_tokens=writing.max_tokens, seed=writing.seed,
                           stop_tokens={end for end in ends if end is not None})


def _draw_stages(model: "Model", written: "Iterable[Token]") -> None:
    """For each token the candidates with every stage of the choice, and the draw."""
    from cutaway.cli.screen import open_screen, quoted

    screen = open_screen()
    for number, token in enumerate(written, 1):
        screen.heading(f"Token {number}: {quoted(model.tokenizer.text_of(token.id))}",
                       _how(token.distribution))
        _draw_choice(screen, model, token.distribution)


def _how(choice: "Distribution") -> str:
    """The settings of a choice, and the random number that decided it."""
    sampling = choice.sampling
    if sampling.greedy:
        return "greedy: the highest logit"
    settings = [f"temperature {sampling.temperature:g}",
                *([f"top-k {sampling.top_k}"] if sampling.top_k else []),
                *([f"top-p {sampling.top_p:g}"] if sampling.top_p else [])]
    return f"{', '.join(settings)}; the draw was {choice.draw:.4f}"


def _draw_choice(screen: "Screen", model: "Model", choice: "Distribution") -> None:
    from math import isinf

    from cutaway.cli.drawing.bars import Bar
    from cutaway.cli.screen import percent, quoted

    rows: list[list[Any]] = []
    for row in choice.rows(10):
        stages = [row.logit, row.scaled, row.after_top_k, row.after_top_p]
        rows.append([">" if row.id == choice.token else "", quoted(model.tokenizer.text_of(row.id)),
                     str(row.id), *("cut" if isinf(stage) else f"{stage:.3f}" for stage in stages),
                     percent(row.probability), Bar(row.probability)])
    if choice.token not in [row.id for row in choice.rows(10)]:
        chosen = model.tokenizer.text_of(choice.token)
        rows.append([">", quoted(chosen), str(choice.token), "", "", "", "",
                     percent(float(choice.probabilities[choice.token])), ""])
    screen.table(["", "token", "id", "logit", "scaled", "top-k", "top-p", "probability", ""], rows,
                 right=range(2, 8))


def _print_as_json(model: "Model", prompt: str, written: "Iterable[Token]") -> None:
    from cutaway.cli.screen import print_json

    made = list(written)
    print_json({
        "model": model.name, "prompt": prompt, "text": "".join(token.text for token in made),
        "tokens": [{"id": token.id, "text": model.tokenizer.text_of(token.id),
                    "probability": float(token.distribution.probabilities[token.id]),
                    "draw": token.distribution.draw, "restarted": token.restarted}
                   for token in made]})
