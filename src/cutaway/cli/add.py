"""`cutaway add`: take a model's files into the store."""

import click

from cutaway.cli.options import examples


@click.command(epilog=examples("cutaway add my-model", "cutaway add my-model --name other",
                               "cutaway add my-model --replace"))
@click.argument("path")
@click.option("--name", metavar="NAME",
              help="What to call it; else what its folder or file is called.")
@click.option("--replace", is_flag=True, help="Take the place of the model of that name.")
def add(path: str, name: str | None, replace: bool) -> None:
    """Take the model at PATH into the store, so that --model NAME opens it from anywhere.

    PATH is a folder or a file: safetensors or a PyTorch state dict as Hugging Face writes them,
    OpenAI's checkpoint (model.ckpt.index), or the workshop's CSV files in a folder or a zip.
    """
    from pathlib import Path

    from cutaway.cli.added import tell_added
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.weights import Store

    store = Store()
    with shown_progress() as show:
        if replace:
            model = store.replace(path, name or Path(path).resolve().stem, show)
        else:
            model = store.add(path, name, show)
    tell_added(model)
