"""`cutaway export`: write a model as Hugging Face's files, or as the workshop's CSV files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cutaway.cli.options import examples, model_option

if TYPE_CHECKING:
    from cutaway.weights import ModelFiles


@click.command(epilog=examples("cutaway export storybook-files",
                               "cutaway export my-files --model my-model",
                               "cutaway export csvs.zip --csv --model my-model"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", "as_csv", is_flag=True,
              help="As the workshop has it instead: a CSV for each parameter, in a zip.")
@model_option
def export(folder: Path, as_csv: bool, model: str) -> None:
    """Write a model into FOLDER as Hugging Face's files: config, safetensors and tokenizer.

    `transformers.GPT2LMHeadModel.from_pretrained(FOLDER)` opens it and gives the same logits.
    With --csv, FOLDER is the zip: `cutaway add` and the page take it as they take the workshop's.
    """
    from cutaway.cli.screen import open_screen
    from cutaway.weights import export_huggingface, find_model

    found = find_model(model)
    if as_csv:
        _export_csvs(found, folder)
        return
    export_huggingface(found.config, found.weights, found.tokenizer_folder, folder)
    screen = open_screen()
    screen.print(f"{found.name} is written to {folder}:")
    screen.table(["", ""], [[file.name, f"{file.stat().st_size:,} bytes"]
                            for file in sorted(folder.iterdir())], right=[1])


def _export_csvs(found: "ModelFiles", file: Path) -> None:
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.cli.say import say
    from cutaway.weights.export_csv import export_csvs

    with shown_progress() as show:
        export_csvs(found.config, found.weights, found.tokenizer_folder, file, show)
    say(f"{found.name} is written to {file}: a CSV for each of its {len(found.weights)} "
        f"parameters, {file.stat().st_size:,} bytes.")
