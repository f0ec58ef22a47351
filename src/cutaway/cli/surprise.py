"""`cutaway surprise`: how unexpected each token of a text is to a model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.options import (
    Calculating,
    Prompt,
    calculating_options,
    examples,
    json_option,
    model_option,
)

if TYPE_CHECKING:
    from cutaway.look import Surprise
    from cutaway.model import Model


class TextOrFile(Prompt):
    """A text, or what the file of that name holds. What comes on standard input names no file."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from cutaway.cli.files import read_bytes
        from cutaway.tokenizer.text import check_text

        if value != "-" and _is_file(value):
            return check_text(read_bytes(Path(value)))
        return super().convert(value, param, ctx)


def _is_file(words: str) -> bool:
    try:
        return len(words) < 1000 and Path(words).is_file()
    except (OSError, ValueError):  # no name that a file can have
        return False


@click.command(epilog=examples(
    'cutaway surprise "Once upon a time, there was a little elephant"',
    'cutaway surprise "The king was a very happy fox" --all --likelier 5',
    'cutaway surprise "<|endoftext|>Once upon a time" --special',
    'cutaway surprise "Once upon a time" --csv -',
    'cutaway surprise "Once upon a time" --json'))
@click.argument("text", type=TextOrFile(), metavar="TEXT|FILE")
@click.option("--likelier", default=3, show_default=True, metavar="N", type=click.IntRange(0, 1000),
              help="How many of the likeliest tokens to show in the place of each.")
@click.option("--all", "everything", is_flag=True,
              help="A line for every token, not for the most unexpected alone.")
@click.option("--csv", metavar="FILE|-", help="Write a line for every token as CSV.")
@model_option
@calculating_options
@json_option
def surprise(*, text: str, likelier: int, everything: bool, csv: str | None, model: str,
             calculating: Calculating, as_json: bool) -> None:
    """How unexpected each token of a text is: its probability, its rank, what was likelier.

    What is the name of a file is read from it. Surprise is counted in bits: 1 for a probability of
    a half, 10 for one in a thousand. The first token has none, unless the text begins with the
    model's own mark (--special). A text longer than the model's positions is read in windows.
    """
    from cutaway.look import surprises
    from cutaway.model import open_model

    opened = open_model(model)
    ids = calculating.ids(opened, text)
    found = list(surprises(lambda some: calculating.run_of(opened, some, keep=()), ids,
                           opened.config.n_positions, likelier))
    if csv:
        _write_csv(found, csv)
    elif as_json:
        _print_as_json(opened, found)
    else:
        _draw(opened, found, everything)


def _draw(model: "Model", found: "Sequence[Surprise]", everything: bool) -> None:
    from cutaway.cli.drawing.surprise import draw_table, draw_text
    from cutaway.cli.screen import counted, open_screen
    from cutaway.look import loss

    screen, whole, most = open_screen(), loss(found), model.config.n_positions
    screen.heading("Surprise", f"{counted(len(found), 'token')} as {model.name} reads them")
    draw_text(screen, found)
    if everything:
        screen.heading("Every token")
        draw_table(screen, found)
    else:
        screen.heading("The most unexpected")
        draw_table(screen, sorted(found, key=lambda one: -(one.nats or 0))[:8])
    screen.heading("The whole text", f"{counted(whole.n_tokens, 'token')} predicted")
    screen.table(["", ""], [
        ["in all", f"{whole.bits:,.2f} bits, {whole.nats:,.2f} nats"],
        ["mean loss", f"{whole.mean:.4f} nats a token"],
        ["perplexity", f"{whole.perplexity:,.2f}"]])
    if whole.n_tokens > most:
        screen.note(f"The text is longer than the model's {most:,} positions: it was read in "
                    f"windows, each token predicted from at least {max(1, most // 2):,} before it.")


def _print_as_json(model: "Model", found: "Sequence[Surprise]") -> None:
    from dataclasses import asdict

    from cutaway.cli.screen import print_json
    from cutaway.look import loss

    whole = loss(found)
    print_json({
        "model": model.name, "n_predicted": whole.n_tokens, "nats": whole.nats, "bits": whole.bits,
        "mean_loss": whole.mean, "perplexity": whole.perplexity,
        "tokens": [{**asdict(one), "bits": one.bits, "probability": one.probability}
                   for one in found]})


def _write_csv(found: "Sequence[Surprise]", path: str) -> None:
    import csv
    import sys
    from typing import TextIO

    from cutaway.cli.files import write_whole
    from cutaway.studio.share.labels import csv_label

    def write(file: TextIO) -> None:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["place", "id", "token", "bits", "probability", "rank"])
        writer.writerows([one.place, one.id, csv_label(one.text), one.bits, one.probability,
                          one.rank] for one in found)

    if path == "-":
        write(sys.stdout)
    else:
        write_whole(Path(path), write)
