"""`cutaway generate`: the text that follows a prompt, token by token."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    from cutaway.generate import Distribution, Sampling, Token
    from cutaway.model import Model
    from cutaway.workbook import Run


@click.command(epilog=examples(
    'cutaway generate "Once upon a time"',
    'cutaway generate "Once upon a time" --temperature 0.8 --top-k 40 --seed 1',
    'cutaway generate "The king" --temperature 0.8 --seed 1 --samples 3',
    'cutaway generate "The king" --top-p 0.9 --seed 7 --stop "The end" --stop "!"',
    'cutaway generate "" --temperature 0.8',
    'cutaway generate "The end.<|endoftext|>" --special',
    'cutaway generate "The king" --repetition-penalty 1.2 --no-repeat-ngram 3',
    'cutaway generate "The king" --temperature 0.8 --top-k 5 --seed 1 --max-tokens 2 --stages',
    'cutaway generate "The king" --max-tokens 5 --json',
    'cutaway generate "The king" --engine int8'))
@click.argument("prompt", type=PROMPT)
@writing_options(max_tokens=200)
@click.option("--stop", "stops", multiple=True, metavar="TEXT",
              help="A phrase before which the text ends; may be given several times.")
@click.option("--samples", type=click.IntRange(1, 10_000), metavar="N",
              help="So many texts, each with a seed of its own, which is shown.")
@click.option("--stages", is_flag=True, help="How each token was chosen, stage by stage.")
@model_option
@calculating_options
@json_option
def generate(*, prompt: str, writing: Writing, stops: tuple[str, ...], samples: int | None,
             stages: bool, model: str, calculating: Calculating, as_json: bool) -> None:
    """The text that follows PROMPT, as it is written.

    Always the likeliest token, unless an option asks for chance. The text ends at --max-tokens,
    before a --stop phrase, or where the model itself ends it. An empty PROMPT begins with the
    model's own mark between texts. When all positions of the model are
    taken, the newest half of the text goes on as a prompt of its own.
    """
    from cutaway.cli.drawing.flow import write_text
    from cutaway.cli.screen import open_screen
    from cutaway.model import open_model

    opened = open_model(model)
    run = calculating.run(opened, prompt, keep=(), long=writing.max_tokens >= 50)
    if samples is not None:
        texts = {seed: following(opened, run, one, stops)
                 for seed, one in writing.samples(samples).items()}
        if as_json:
            _print_samples_as_json(opened, prompt, texts)
        else:
            _write_samples(opened, prompt, texts, stages)
        return
    written = following(opened, run, writing, stops)
    if as_json:
        _print_as_json(opened, prompt, written)
    elif stages:
        _draw_stages(opened, written)
    else:
        write_text(open_screen(), prompt, written)


def following(model: "Model", run: "Run", writing: Writing,
              stops: Sequence[str] = ()) -> "Iterator[Token]":
    """The tokens that follow a run, up to what ends the text.

    stops    phrases before which the text ends; one that is a special token's name is that token,
             which ends it as the model's own end of a text does
    Raises:  SettingError for an empty phrase
    """
    from cutaway.generate import generate as generate_tokens

    special = model.tokenizer.special
    ends = {special[stop] for stop in stops if stop in special} | {model.tokenizer.end_of_text}
    return generate_tokens(run, writing.sampling, max_tokens=writing.max_tokens, seed=writing.seed,
                           stop_tokens={end for end in ends if end is not None},
                           stop=[stop for stop in stops if stop not in special])


def _write_samples(model: "Model", prompt: str, texts: "Mapping[int, Iterator[Token]]",
                   stages: bool) -> None:
    """One text after the other, each under its seed."""
    from cutaway.cli.drawing.flow import write_text
    from cutaway.cli.screen import open_screen

    screen = open_screen()
    for number, (seed, written) in enumerate(texts.items(), 1):
        screen.heading(f"Sample {number} of {len(texts)}", f"--seed {seed}")
        if stages:
            _draw_stages(model, written)
        else:
            write_text(screen, prompt, written)


def _draw_stages(model: "Model", written: "Iterable[Token]") -> None:
    """For each token the candidates with every stage of the choice, and the draw."""
    from cutaway.cli.screen import open_screen
    from cutaway.words import quoted

    screen = open_screen()
    for number, token in enumerate(written, 1):
        screen.heading(f"Token {number}: {quoted(model.tokenizer.text_of(token.id))}",
                       _how(token.distribution))
        _draw_choice(screen, model, token.distribution)


def _how(choice: "Distribution") -> str:
    """The settings of a choice, and the random number that decided it."""
    words = settings_in_words(choice.sampling)
    return words if choice.draw is None else f"{words}; the draw was {choice.draw:.4f}"


def settings_in_words(sampling: "Sampling") -> str:
    """How a token is chosen: "temperature 0.8, top-k 40"."""
    return ", ".join([
        "greedy: the highest logit" if sampling.greedy else f"temperature {sampling.temperature:g}",
        *([f"top-k {sampling.top_k}"] if sampling.top_k and not sampling.greedy else []),
        *([f"top-p {sampling.top_p:g}"] if sampling.top_p and not sampling.greedy else []),
        *([f"repetition penalty {sampling.repetition_penalty:g}"]
          if sampling.repetition_penalty is not None else []),
        *([f"no {sampling.no_repeat_ngram}-gram twice"]
          if sampling.no_repeat_ngram is not None else [])])


def _draw_choice(screen: "Screen", model: "Model", choice: "Distribution") -> None:
    from math import isinf

    from cutaway.cli.drawing.bars import Bar
    from cutaway.cli.screen import percent
    from cutaway.generate import stages_shown
    from cutaway.words import quoted

    columns, best = stages_shown(choice.sampling), choice.rows(10)
    rows: list[list[Any]] = []
    for row in best:
        scores = [row.logit, *(getattr(row, stage.name) for stage in columns)]
        rows.append([">" if row.id == choice.token else "", quoted(model.tokenizer.text_of(row.id)),
                     str(row.id), *("cut" if isinf(score) else f"{score:.3f}" for score in scores),
                     percent(row.probability), Bar(row.probability)])
    if choice.token not in [row.id for row in best]:
        chosen = model.tokenizer.text_of(choice.token)
        rows.append([">", quoted(chosen), str(choice.token), "", *("" for _ in columns),
                     percent(float(choice.probabilities[choice.token])), ""])
    screen.table(["", "token", "id", "logit", *(stage.title for stage in columns), "probability",
                  ""], rows, right=range(2, 5 + len(columns)))


def _print_as_json(model: "Model", prompt: str, written: "Iterable[Token]") -> None:
    from cutaway.cli.screen import print_json

    print_json({"model": model.name, "prompt": prompt, **_text_as_json(model, written)})


def _print_samples_as_json(model: "Model", prompt: str, texts: "Mapping[int, Iterator[Token]]"
                           ) -> None:
    from cutaway.cli.screen import print_json

    print_json({"model": model.name, "prompt": prompt,
                "samples": [{"seed": seed, **_text_as_json(model, written)}
                            for seed, written in texts.items()]})


def _text_as_json(model: "Model", written: "Iterable[Token]") -> dict[str, Any]:
    made = list(written)
    return {
        "text": "".join(token.text for token in made),
        "stopped_by": made[-1].stopped_by if made else None,
        "tokens": [{"id": token.id, "text": model.tokenizer.text_of(token.id),
                    "probability": float(token.distribution.probabilities[token.id]),
                    "draw": token.distribution.draw, "restarted": token.restarted}
                   for token in made]}
