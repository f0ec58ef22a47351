"""`cutaway add`: take a model's files into the store."""

import click

from cutaway.cli.options import TOKENIZER, TOKENIZER_HELP, examples
from cutaway.cli.say import say


@click.command(epilog=examples("cutaway add my-model", "cutaway add my-model --name other",
                               "cutaway add my-model --name third --tokenizer my-model"))
@click.argument("path")
@click.option("--name", metavar="NAME",
              help="What to call it; else what its folder or file is called.")
@click.option("--tokenizer", metavar=TOKENIZER,
              help=f"When none is beside the weights: {TOKENIZER_HELP}")
@click.option("--heads", type=click.IntRange(1), metavar="N",
              help="How many heads each block has, when no file says it.")
@click.option("--replace", is_flag=True, help="Take the place of the model of that name.")
def add(path: str, name: str | None, tokenizer: str | None, heads: int | None,
        replace: bool) -> None:
    """Take the model at PATH into the store, so that --model NAME opens it from anywhere.

    PATH is a folder or a file: safetensors or a PyTorch state dict as Hugging Face writes them, or
    as nanoGPT, minGPT and LLMs-from-scratch do, OpenAI's checkpoint (model.ckpt.index), or the
    workshop's CSV files in a folder or a zip. Give the weights of a GPT-2 that came without a
    vocabulary OpenAI's, with --tokenizer gpt2.
    """
    from cutaway.cli.added import tell_added
    from cutaway.cli.drawing.progress import shown_progress
    from cutaway.model import GPT2, tokenizer_path
    from cutaway.tokenizer import N_GPT2_TOKENS, fits
    from cutaway.weights import Store

    store, files = Store(), None if tokenizer is None else tokenizer_path(tokenizer)
    with shown_progress() as show:
        take = store.replace if replace else store.add
        model = take(path, name, show, tokenizer=files, n_head=heads)
    tell_added(model)
    if store.open(model.name).tokenizer_folder is None:
        which = GPT2 if fits(N_GPT2_TOKENS, model.config.vocab_size) else "FOLDER"
        say("It has no tokenizer, so it cannot read a text. Give it one with: cutaway add "
            f"{path} --name {model.name} --tokenizer {which} --replace", err=True)
