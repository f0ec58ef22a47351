"""`cutaway add`: take a model's files into the store."""

from pathlib import Path

import click

from cutaway.cli.options import examples


@click.command(epilog=examples("cutaway add my-model", "cutaway add my-model --name other",
                               "cutaway add my-model --name third --tokenizer my-model"))
@click.argument("path")
@click.option("--name", metavar="NAME",
              help="What to call it; else what its folder or file is called.")
@click.option("--tokenizer", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where its vocabulary lies, when that is not beside the weights.")
@click.option("--replace", is_flag=True, help="Take the place of the model of that name.")
def add(path: str, name: str | None, tokenizer: Path | None, replace: bool) -> None:
    """Take the model at PATH into the store, so that --model NAME opens it from anywhere.

    PATH is a folder or a file: safetensors or a PyTorch state dict as Hugging Face writes them,
    OpenAI's checkpoint (model.ckpt.index), or the workshop's CSV files in a folder or a zip.
    """
    from cutaway.cli.added import tell_added
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.weights import Store

    store = Store()
    with shown_progress() as show:
        take = store.replace if replace else store.add
        model = take(path, name, show, tokenizer=tokenizer)
    tell_added(model)
    if store.open(model.name).tokenizer_folder is None:
        click.echo("It has no tokenizer, so it cannot read a text. Give it one with: "
                   f"cutaway add {path} --name {model.name} --tokenizer FOLDER --replace", err=True)
