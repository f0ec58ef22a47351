"""`cutaway train`: a model of your own from your own text."""

import shlex
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.group import EXIT_INTERRUPTED
from cutaway.cli.options import TOKENIZER, TOKENIZER_HELP, examples, reading_options
from cutaway.cli.say import say
from cutaway.cli.train_settings import (
    OF_THE_MODEL,
    check_folder,
    expect_no_settings,
    expect_no_shape,
    expect_one_vocabulary,
    make_folder,
)

if TYPE_CHECKING:
    from cutaway.texts import Reading
    from cutaway.tokenizer import Tokenizer
    from cutaway.train.data import Source

FILE = click.Path(path_type=Path)
RATE, RATE_FROM = 0.0015, 0.0003  # a model that knows much is moved less
CONTEXT = 256


@click.command(epilog=examples(
    "cutaway train story.txt --out my-model",
    "cutaway train story.txt poems.txt --out my-model --steps 5000 --valid other.txt",
    "cutaway train story.txt --out my-model --blocks 2 --heads 2 --embed 64 --context 64",
    "cutaway train story.txt --out my-model --tokenizer gpt2",
    "cutaway train poems.txt --out poet --from storybook --steps 300",
    "cutaway train chats.jsonl --out chatty --column answer",
    "cutaway train story.txt --out my-model --resume",
    "torchrun --nproc-per-node 2 -m cutaway train story.txt --out my-model"))
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...", type=FILE)
@click.option("--out", "folder", required=True, metavar="FOLDER", type=FILE,
              help="Where the model will stand.")
@click.option("--from", "origin", metavar="NAME|PATH",
              help="Go on from the weights of this model, with its tokenizer, instead of from "
                   "random ones.")
@click.option("--blocks", "n_layer", default=6, show_default=True, metavar="N", help="Blocks.")
@click.option("--heads", "n_head", default=6, show_default=True, metavar="N", help="Heads a block.")
@click.option("--embed", "n_embd", default=192, show_default=True, metavar="N",
              help="Numbers that describe a token; a multiple of the heads.")
@click.option("--context", "n_positions", type=int, metavar="N",
              help="The most tokens that the model can read at once.  [default: 256; with --from "
                   "as many as that model can, or fewer a window]")
@click.option("--architecture", default="gpt2", show_default=True, metavar="NAME",
              help="The kind of model, as a config.json calls it.")
@click.option("--vocab-size", default=4096, show_default=True, metavar="N",
              help="Tokens to learn, the 256 bytes among them.")
@click.option("--tokenizer", metavar=TOKENIZER,
              help=f"Instead of a vocabulary learned from the TEXT: {TOKENIZER_HELP}")
@click.option("--steps", default=2000, show_default=True, metavar="N",
              help="How many times the weights are changed.")
@click.option("--batch", default=16, show_default=True, metavar="N", help="Windows of text a step.")
@click.option("--rate", type=float, metavar="R",
              help=f"The learning rate at its highest.  [default: {RATE}; with --from {RATE_FROM}]")
@click.option("--warmup", default=100, show_default=True, metavar="N",
              help="Steps in which the rate rises.")
@click.option("--stride", type=int, metavar="N",
              help="Tokens from one window of text to the next; else the context, no overlap.")
@click.option("--precision", type=click.Choice(["float32", "bfloat16"]),
              help="Of the products; the weights stay float32.  [default: bfloat16 on a GPU, else "
                   "float32]")
@click.option("--seed", default=0, show_default=True, metavar="N",
              help="Of the first weights and of the order of the text.")
@click.option("--valid", "held_out", multiple=True, metavar="FILE", type=FILE,
              help="Text to measure the loss on; else a fiftieth of the TEXT is kept for it.")
@click.option("--every", default=400, show_default=True, metavar="N", type=click.IntRange(1),
              help="Steps between two measurements, each with a checkpoint.")
@click.option("--device", default="cpu", show_default=True, metavar="NAME",
              help="Where to calculate: cpu, or cuda for a GPU.")
@click.option("--compile", "compiling", type=click.Choice(["auto", "yes", "no"]), default="auto",
              show_default=True, help="Through torch.compile: half a minute at the beginning, then "
                                      "faster; auto: where the run is long enough.")
@click.option("--shard", "sharded", is_flag=True,
              help="Under torchrun: each process keeps a part of the weights (FSDP2), not all.")
@click.option("--resume", is_flag=True, help="Go on with a training run that was stopped.")
@reading_options
@click.pass_context
def train(context: click.Context, *, texts: tuple[Path, ...], folder: Path,
          held_out: tuple[Path, ...], device: str, sharded: bool, resume: bool,
          reading: "Reading", **settings: Any) -> None:
    """Train a model on TEXT files and write it into a folder that every verb can open.

    A tokenizer is learned first, unless --tokenizer names one, or --from a model to go on from.
    TEXT is a file or a folder: plain text in which <|endoftext|> ends each document, CSV, JSON
    lines or Parquet. Ctrl-C finishes the step and saves a checkpoint; --resume goes on from it,
    with the same digits and the same settings. torchrun starts several processes, each with its
    part of every batch.
    """
    check_folder(folder, resume)
    how = {name: settings.pop(name) for name in ("every", "compiling")}
    expect_one_vocabulary(context, settings)
    if resume:
        expect_no_settings(context, settings)
    elif settings["origin"]:
        expect_no_shape(context)
    sources, held = _sources(texts, held_out, reading)
    with _processes(device, sharded) as processes, _warnings_as_lines():
        how["device"], how["processes"] = processes.device, processes
        if resume:
            total, records = _continued(sources, held, folder, how)
        else:
            if settings["precision"] is None:
                on_a_gpu = how["device"].startswith("cuda")
                settings["precision"] = "bfloat16" if on_a_gpu else "float32"
            begin = _grown if settings["origin"] else _begun
            total, records = begin(sources, held, folder, settings, how)
        finished = _drawn(records, total, processes)
    if not finished and processes.rank == 0:
        encoding = None if reading.encoding == "utf-8" else reading.encoding
        options = [*(("--valid", str(file)) for file in held_out), ("--as", reading.kind),
                   ("--column", reading.column), ("--encoding", encoding),
                   ("--out", str(folder))]
        given = [word for option, value in options if value is not None
                 for word in (option, value)]
        again = shlex.join([*map(str, texts), *given])
        say(f"Go on with: cutaway train {again} --resume", err=True)
    if not finished:
        context.exit(EXIT_INTERRUPTED)


def _processes(device: str, sharded: bool) -> Any:
    """Within it, the processes that train together; this one alone without torchrun."""
    _pretraining()
    from cutaway.train.processes import join_processes

    return join_processes(device, sharded)


def _drawn(records: Iterator[Any], total: int, processes: Any) -> bool:
    """Whether the training came to its end; drawn by the first process, watched by the others."""
    from cutaway.cli.drawing.train_progress import draw_training, watch_training

    draw = draw_training if processes.rank == 0 else watch_training
    return draw(records, total, processes.any)


def _begun(sources: "list[Source]", held: "list[Source]", folder: Path, settings: dict[str, Any],
           how: dict[str, Any]) -> tuple[int, Iterator[Any]]:
    """The last step and the records of a new training run; its settings are checked at once."""
    from cutaway.models import architecture_of
    from cutaway.train.plan import Plan

    shape = {name: settings[name] for name in ("vocab_size", "n_embd", "n_layer", "n_head")}
    length = settings["n_positions"]
    shape["n_positions"] = CONTEXT if length is None else length
    kind = architecture_of(settings["architecture"])
    tokenizer = _tokenizer(settings["tokenizer"])
    kind.config_class(**shape)
    plan = Plan(**_of_the_plan(settings, RATE))
    pretrain = _pretraining()
    size = len(tokenizer) if tokenizer else shape["vocab_size"]
    _memory().expect_memory(kind, {**shape, "vocab_size": size}, plan, how["processes"])
    make_folder(folder)
    return plan.steps, pretrain.pretrain(sources, held, folder, plan=plan, **how,
                                         shape=pretrain.Shape(**shape, tokenizer=tokenizer,
                                                              architecture=kind))


def _grown(sources: "list[Source]", held: "list[Source]", folder: Path, settings: dict[str, Any],
           how: dict[str, Any]) -> tuple[int, Iterator[Any]]:
    """The last step and the records of a training run that begins with another model's weights."""
    from cutaway.errors import TrainingError
    from cutaway.model import open_model
    from cutaway.train.plan import Plan

    model, length = open_model(settings["origin"]), settings["n_positions"]
    if length is not None and length > model.config.n_positions:
        raise TrainingError(f"--context is {length}, but {model.name} reads at most "
                            f"{model.config.n_positions} tokens at once. Give that or fewer, or "
                            "leave it out.")
    plan = Plan(**_of_the_plan(settings, RATE_FROM), length=length)
    _memory().expect_memory(model.architecture, model.config.to_dict(), plan, how["processes"])
    make_folder(folder)
    return plan.steps, _pretraining().pretrain_from(model, sources, held, folder, plan=plan, **how)


def _of_the_plan(settings: dict[str, Any], rate: float) -> dict[str, Any]:
    """The settings that a plan has.  rate: the learning rate where none is given"""
    given = {name: value for name, value in settings.items()
             if name not in (*OF_THE_MODEL, "n_positions", "origin")}
    return given if given["rate"] is not None else {**given, "rate": rate}


def _continued(sources: "list[Source]", held: "list[Source]", folder: Path,
               how: dict[str, Any]) -> tuple[int, Iterator[Any]]:
    """The last step and the records of a training run that goes on."""
    pretrain = _pretraining()
    checkpoint = folder / pretrain.UNFINISHED / pretrain.CHECKPOINT
    return (pretrain.read_plan(checkpoint).steps,
            pretrain.continue_pretraining(sources, held, folder, **how))


def _memory() -> Any:
    """What says how much memory a training run takes: it needs torch, as training does."""
    from cutaway.train import memory

    return memory


def _pretraining() -> Any:
    """The library's part of the work.

    Raises:  MissingExtra where torch is not installed
    """
    from cutaway.errors import MissingExtra

    try:
        from cutaway.train import pretrain
    except ImportError as error:
        raise MissingExtra(f"Training needs {error.name or 'torch'}, which is not installed. "
                           'Install it where you cloned Cutaway: pip install --constraint '
                           'constraints.txt --editable ".[train]"') from None
    return pretrain


def _sources(texts: Sequence[Path], held_out: Sequence[Path],
             reading: "Reading") -> "tuple[list[Source], list[Source]]":
    """What to train on and what to validate on.

    Raises:  TrainingError when there is no text at all; NotText
    """
    from cutaway.errors import TrainingError

    sources, held = _read(texts, reading), _read(held_out, reading)
    if not sources:
        raise TrainingError("There is no text to learn from: every file given is empty.")
    if held_out:
        if not held:
            raise TrainingError("There is no text to validate on: every --valid file is empty.")
        return sources, held
    pairs = [_pretraining().hold_out(source) for source in sources]
    return [kept for kept, _ in pairs], [held for _, held in pairs]


def _read(files: Sequence[Path], reading: "Reading") -> "list[Source]":
    """The documents of every file that has any."""
    from cutaway.cli.files import documents_of
    from cutaway.train.data import Source

    names = [file.name for file in files]
    sources = []
    for file in files:
        documents = documents_of(file, reading)
        if documents:
            name = file.name if names.count(file.name) == 1 else str(file)
            sources.append(Source(name, documents))
    return sources


def _tokenizer(name: str | None) -> "Tokenizer | None":
    """The tokenizer of that name.  Raises:  TokenizerError, MissingExtra"""
    from cutaway.model import open_tokenizer

    return None if name is None else open_tokenizer(name)


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Within it, a warning of the library is a line on standard error."""
    def tell(message: Any, *_: Any, **__: Any) -> None:
        say(str(message), err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = tell
        yield
