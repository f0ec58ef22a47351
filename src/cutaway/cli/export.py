"""`cutaway export`: write a model as Hugging Face's files."""

from pathlib import Path

import click

from cutaway.cli.options import examples, model_option


@click.command(epilog=examples("cutaway export storybook-files",
                               "cutaway export my-files --model my-model"))
@click.argument("folder", type=click.Path(path_type=Path))
@model_option
def export(folder: Path, model: str) -> None:
    """Write a model into FOLDER as Hugging Face's files: config, safetensors and tokenizer.

    `transformers.GPT2LMHeadModel.from_pretrained(FOLDER)` opens it and gives the same logits.
    """
    from cutaway.cli.screen import open_screen
    from cutaway.weights import export_huggingface, find_model

    found = find_model(model)
    export_huggingface(found.config, found.weights, found.tokenizer_folder, folder)
    screen = open_screen()
    screen.print(f"{found.name} is written to {folder}:")
    screen.table(["", ""], [[file.name, f"{file.stat().st_size:,} bytes"]
                            for file in sorted(folder.iterdir())], right=[1])
