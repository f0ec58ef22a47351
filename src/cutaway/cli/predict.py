"""`cutaway "PROMPT"`: from a prompt to its next token, on one page."""

import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

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
    from collections.abc import Iterable

    from cutaway.cli.screen import Screen
    from cutaway.generate import Token
    from cutaway.look import Guess
    from cutaway.model import Model
    from cutaway.workbook import Book, Run


@dataclass(frozen=True)
class Stage:
    """One stage of the model: the table that it ends with, and the guess if it were the last."""

    name: str
    table: str
    shape: tuple[int, ...]
    does: str
    guess: "Guess"


@click.command(epilog=examples(
    'cutaway "Mike is quick. He moves"',
    'cutaway "Once upon a time" --temperature 0.8 --seed 1',
    'cutaway "Once upon a time" --max-tokens 0 --json',
    'echo "The king said" | cutaway -'))
@click.argument("prompt", type=PROMPT)
@writing_options(max_tokens=40)
@click.option("--top", default=8, show_default=True, metavar="N", type=click.IntRange(1),
              help="How many candidates for the next token to show.")
@model_option
@calculating_options
@json_option
def predict(*, prompt: str, writing: Writing, top: int, model: str, calculating: Calculating,
            as_json: bool) -> None:
    """From PROMPT to its next token, on one page.

    The tokens with their ids, the model from end to end with its guess after every block, the
    candidates for the next token, and the text that follows. The text is greedy unless an option
    asks for chance.
    """
    from cutaway.cli.generate import following
    from cutaway.model import open_model

    opened = open_model(model)
    run = calculating.run(opened, prompt)
    written = following(opened, run, writing)
    if as_json:
        _print_as_json(opened, run, prompt, top, written)
        return
    _draw(opened, run, top)
    if writing.max_tokens:
        _write_on(prompt, written, writing)


def stages(run: "Run") -> list[Stage]:
    """The model from end to end, each stage with the guess that it would make as the last one."""
    from cutaway.look import guess_after, guesses_by_block, likeliest

    book = run.book
    made = []
    if first := book.find_role("embeddings"):
        made.append(Stage("embed", first, run[first].shape, begins_with(book),
                          guess_after(run, first)))
    for block, guess in zip(book.blocks, guesses_by_block(run), strict=True):
        table = book.role("block_output", block)
        made.append(Stage(f"h{block}", table, run[table].shape, _work_of(run, block), guess))
    last = book.role("next_probabilities")
    made.append(Stage("head", last, run[last].shape, "last row -> whole vocabulary",
                      likeliest(run, 1)[0]))
    return made


def begins_with(book: "Book") -> str:
    """What the first block receives, in a few words."""
    return "token + place" if book.find_role("position_embeddings") else "token"


def _work_of(run: "Run", block: int) -> str:
    """What a block does, as shapes: heads x positions x sources, positions x neurons."""
    found = {"attention": run.book.find_role("attention", block),
             "MLP": run.book.find_role("neurons", block)}
    return ", ".join(f"{word} {' x '.join(map(str, run[name].shape))}"
                     for word, name in found.items() if name)


def _draw(model: "Model", run: "Run", top: int) -> None:
    from cutaway.cli.screen import counted, open_screen
    from cutaway.look import likeliest

    screen, config = open_screen(), model.config
    draw_tokens(screen, model, [int(id) for id in run.ids])
    screen.heading("The model", f"{model.name}: {counted(config.n_layer, 'block')}, "
                   f"{counted(config.n_head, 'head')}, {config.n_embd:,} wide, "
                   f"{model.weights.count:,} parameters")
    draw_stages(screen, stages(run))
    screen.heading("The next token")
    draw_candidates(screen, likeliest(run, top))


def draw_tokens(screen: "Screen", model: "Model", ids: list[int]) -> None:
    """The prompt's tokens with their ids."""
    from cutaway.cli.drawing.flow import print_tokens

    screen.heading("Tokens", f"{len(ids)} of at most {model.config.n_positions:,}")
    print_tokens(screen, [model.tokenizer.text_of(id) for id in ids], ids)


def draw_stages(screen: "Screen", made: list[Stage]) -> None:
    """The model from end to end, with its guess after every block."""
    from cutaway.cli.drawing.bars import Bar
    from cutaway.cli.screen import by, percent
    from cutaway.words import quoted

    screen.table(
        ["", "calculates", "gives", "next token", "", ""],
        [[stage.name, stage.does, by(stage.shape), quoted(stage.guess.text),
          percent(stage.guess.probability), Bar(stage.guess.probability)] for stage in made],
        right=[2, 4])
    screen.note("Attention: heads x positions x sources. MLP: positions x neurons. The next token "
                "is what the head would say if the model ended there.")


def draw_candidates(screen: "Screen", guesses: "list[Guess]") -> None:
    """Tokens with ids, probabilities and bars; the longest bar is the likeliest token's."""
    from cutaway.cli.drawing.bars import Bar
    from cutaway.cli.screen import percent
    from cutaway.words import quoted

    longest = max(guess.probability for guess in guesses)
    screen.table(
        ["token", "id", "probability", ""],
        [[quoted(guess.text), str(guess.id), percent(guess.probability),
          Bar(guess.probability / longest)] for guess in guesses],
        right=[1, 2])


def _write_on(prompt: str, written: "Iterable[Token]", writing: Writing) -> None:
    from cutaway.cli.drawing.flow import write_text
    from cutaway.cli.screen import open_screen

    screen = open_screen()
    screen.heading("The text that follows", "greedy: always the likeliest token"
                   if writing.sampling.greedy
                   else f"temperature {writing.sampling.temperature:g}")
    write_text(screen, prompt, written)
    text = shlex.quote(prompt)
    screen.hint("Look inside:", f"cutaway show 'h0.attention[head=0]' {text} --heat",
                f"cutaway edit {text} 'h0.attention[head=0]=0'", "cutaway steps")


def _print_as_json(model: "Model", run: "Run", prompt: str, top: int,
                   written: "Iterable[Token]") -> None:
    from cutaway.cli.screen import print_json
    from cutaway.look import likeliest

    print_json({
        "model": model.name,
        "prompt": prompt,
        "tokens": [{"position": place, "id": int(id), "text": model.tokenizer.text_of(int(id))}
                   for place, id in enumerate(run.ids)],
        "stages": [asdict(stage) for stage in stages(run)],
        "next": [asdict(guess) for guess in likeliest(run, top)],
        "following": "".join(token.text for token in written),
    })
