"""`cutaway compare`: two prompts, or two models on one prompt, table by table."""

import click

from cutaway.cli.options import (
    PROMPT,
    Calculating,
    calculating_options,
    examples,
    json_option,
    model_option,
)


@click.command(epilog=examples(
    'cutaway compare "The dog chases the cat" "The cat chases the dog"',
    'cutaway compare "Mike is quick. He moves" --with storybook',
    'cutaway compare "Mike is quick" "Mike is slow" --tables 20 --json'))
@click.argument("prompt", type=PROMPT)
@click.argument("other_prompt", type=PROMPT, required=False)
@click.option("--with", "other_model", metavar="NAME|PATH",
              help="Another model, on the same prompt.")
@click.option("--top", default=8, show_default=True, metavar="N", type=click.IntRange(1),
              help="How many candidates for the next token to show.")
@click.option("--tables", default=10, show_default=True, metavar="N", type=click.IntRange(0),
              help="How many of the tables that differ to show.")
@model_option
@calculating_options
@json_option
def compare(*, prompt: str, other_prompt: str | None, other_model: str | None, top: int,
            tables: int, model: str, calculating: Calculating, as_json: bool) -> None:
    """PROMPT and OTHER_PROMPT, or one prompt in two models: the tables that differ, worst first.

    Tables of different sizes are compared in the cells that both have, from the first row on.
    """
    from cutaway.cli.drawing.comparison import comparison_as_json, draw_comparison
    from cutaway.cli.screen import open_screen, print_json
    from cutaway.errors import TokenizerError
    from cutaway.model import open_model
    from cutaway.words import quoted

    if (other_prompt is None) == (other_model is None):
        raise click.UsageError("Give a second prompt, or a second model as --with NAME|PATH.")
    first, second = open_model(model), open_model(other_model or model)
    if first.tokenizer.vocabulary != second.tokenizer.vocabulary:
        raise TokenizerError(
            f"{first.name} and {second.name} have different vocabularies: the same row means "
            "different tokens in them, so their tables cannot be compared.")
    before = calculating.run(first, prompt)
    after = calculating.run(second, prompt if other_prompt is None else other_prompt)
    tables_of_both = [name for name in (*before.book.weights, *before.book.nodes)
                      if name in after.book and (other_model or name in before.book.nodes)]
    found = before.diff(after, tables_of_both)
    if as_json:
        print_json(comparison_as_json(before, after, found, top))
    else:
        names = (prompt, other_prompt) if other_prompt is not None else (model, str(other_model))
        screen = open_screen()
        screen.heading("Compared")
        sides = ("first", "second")
        rows = zip(sides, map(quoted, names), strict=True)
        screen.table(["", ""], list(rows), wrap=[1])
        draw_comparison(screen, before, after, found, sides=sides, top=top, tables=tables)
