"""`cutaway fetch`: download a model from the Hugging Face hub into the store."""

import click

from cutaway.cli.options import examples


@click.command(epilog=examples("cutaway fetch gpt2", "cutaway fetch distilbert/distilgpt2"))
@click.argument("name", metavar="NAME|OWNER/NAME")
def fetch(name: str) -> None:
    """Download a model from the Hugging Face hub into the store.

    NAME is gpt2 (124 million parameters, 548 MB), gpt2-medium, gpt2-large or gpt2-xl; any other
    GPT-2 on the hub is OWNER/NAME. A download that broke off goes on where it stopped.
    """
    from cutaway.cli.added import tell_added
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.weights import Store
    from cutaway.weights import fetch as fetch_model

    with shown_progress() as show:
        model = fetch_model(name, Store(), show)
    tell_added(model)
