"""`cutaway train`: a model of your own from your own text."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.group import EXIT_INTERRUPTED
from cutaway.cli.options import TOKENIZER, TOKENIZER_HELP, examples

if TYPE_CHECKING:
    from cutaway.tokenizer import Tokenizer
    from cutaway.train.data import Source

FILE = click.Path(path_type=Path)


@click.command(epilog=examples(
    "cutaway train story.txt --out my-model",
    "cutaway train story.txt poems.txt --out my-model --steps 5000 --valid other.txt",
    "cutaway train story.txt --out my-model --blocks 2 --heads 2 --embed 64 --context 64",
    "cutaway train story.txt --out my-model --tokenizer gpt2",
    "cutaway train story.txt --out my-model --resume",
    "torchrun --nproc-per-node 2 -m cutaway train story.txt --out my-model"))
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...", type=FILE)
@click.option("--out", "folder", required=True, metavar="FOLDER", type=FILE,
              help="Where the model will stand.")
@click.option("--blocks", "n_layer", default=6, show_default=True, metavar="N", help="Blocks.")
@click.option("--heads", "n_head", default=6, show_default=True, metavar="N", help="Heads a block.")
@click.option("--embed", "n_embd", default=192, show_default=True, metavar="N",
              help="Numbers that describe a token; a multiple of the heads.")
@click.option("--context", "n_positions", default=256, show_default=True, metavar="N",
              help="The most tokens that the model can read at once.")
@click.option("--architecture", default="gpt2", show_default=True, metavar="NAME",
              help="The kind of model, as a config.json calls it.")
@click.option("--vocab-size", default=4096, show_default=True, metavar="N",
              help="Tokens to learn, the 256 bytes among them.")
@click.option("--tokenizer", metavar=TOKENIZER,
              help=f"Instead of a vocabulary learned from the TEXT: {TOKENIZER_HELP}")
@click.option("--steps", default=2000, show_default=True, metavar="N",
              help="How many times the weights are changed.")
@click.option("--batch", default=16, show_default=True, metavar="N", help="Windows of text a step.")
@click.option("--rate", default=1.5e-3, show_default=True, metavar="R",
              help="The learning rate at its highest.")
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
@click.pass_context
def train(context: click.Context, *, texts: tuple[Path, ...], folder: Path,
          held_out: tuple[Path, ...], every: int, device: str, compiling: str, sharded: bool,
          resume: bool, **settings: Any) -> None:
    """Train a model on TEXT files and write it into a folder that every verb can open.

    A tokenizer is learned first, unless --tokenizer names one. Lines of <|endoftext|> in a text
    separate its documents. Ctrl-C finishes the step and saves a checkpoint; --resume goes on from
    it, with the same digits and the same settings. torchrun starts several processes, each with
    its part of every batch.
    """
    _check_folder(folder, resume)
    _expect_one_vocabulary(context, settings)
    sources, held = _sources(texts, held_out)
    if resume:
        _expect_no_settings(context, settings)
    with _processes(device, sharded) as processes, _warnings_as_lines():
        how = {"every": every, "device": processes.device, "compiling": compiling,
               "processes": processes}
        if resume:
            total, records = _continued(sources, held, folder, how)
        else:
            total, records = _begun(sources, held, folder, settings, how)
        finished = _drawn(records, total, processes)
    if not finished and processes.rank == 0:
        again = " ".join(map(str, texts)) + "".join(f" --valid {file}" for file in held_out)
        click.echo(f"Go on with: cutaway train {again} --out {folder} --resume", err=True)
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

    shape = {name: settings.pop(name) for name in
             ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")}
    kind = architecture_of(settings.pop("architecture"))
    tokenizer = _tokenizer(settings.pop("tokenizer"))
    kind.config_class(**shape)
    on_a_gpu = how["device"].startswith("cuda")
    settings["precision"] = settings["precision"] or ("bfloat16" if on_a_gpu else "float32")
    plan = Plan(**settings)
    _make(folder)
    pretrain = _pretraining()
    return plan.steps, pretrain.pretrain(sources, held, folder, plan=plan, **how,
                                         shape=pretrain.Shape(**shape, tokenizer=tokenizer,
                                                              architecture=kind))


def _continued(sources: "list[Source]", held: "list[Source]", folder: Path,
               how: dict[str, Any]) -> tuple[int, Iterator[Any]]:
    """The last step and the records of a training run that goes on."""
    pretrain = _pretraining()
    checkpoint = folder / pretrain.UNFINISHED / pretrain.CHECKPOINT
    return (pretrain.read_plan(checkpoint).steps,
            pretrain.continue_pretraining(sources, held, folder, **how))


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


def _sources(texts: Sequence[Path],
             held_out: Sequence[Path]) -> "tuple[list[Source], list[Source]]":
    """What to train on and what to validate on.

    Raises:  TrainingError when there is no text at all; NotText
    """
    from cutaway.errors import TrainingError

    sources, held = _read(texts), _read(held_out)
    if not sources:
        raise TrainingError("There is no text to learn from: every file given is empty.")
    if held_out:
        if not held:
            raise TrainingError("There is no text to validate on: every --valid file is empty.")
        return sources, held
    pairs = [_pretraining().hold_out(source) for source in sources]
    return [kept for kept, _ in pairs], [held for _, held in pairs]


def _read(files: Sequence[Path]) -> "list[Source]":
    """The documents of every file that has any."""
    from cutaway.cli.files import read_bytes
    from cutaway.tokenizer import check_text
    from cutaway.train.data import Source, split_documents

    names = [file.name for file in files]
    sources = []
    for file in files:
        documents = split_documents(check_text(read_bytes(file)))
        if documents:
            name = file.name if names.count(file.name) == 1 else str(file)
            sources.append(Source(name, documents))
    return sources


def _check_folder(folder: Path, resume: bool) -> None:
    """Nothing, when a model can be made in the folder.

    Raises:  TrainingError when one is there already, or an unfinished one that was not asked for
    """
    from cutaway.errors import TrainingError

    if (folder / "config.json").exists():
        raise TrainingError(f"{folder} holds a model already. Choose another folder with --out.")
    if not resume and list((folder / ".training").glob("checkpoint[.-]*")):
        raise TrainingError(f"{folder} holds a training run that was stopped. Go on with it with "
                            "--resume, or choose another folder with --out.")


def _tokenizer(name: str | None) -> "Tokenizer | None":
    """The tokenizer of that name.  Raises:  TokenizerError, MissingExtra"""
    from cutaway.model import open_tokenizer

    return None if name is None else open_tokenizer(name)


def _expect_one_vocabulary(context: click.Context, settings: dict[str, Any]) -> None:
    """Nothing, unless a vocabulary is both to be learned and named.  Raises:  click.UsageError"""
    given = context.get_parameter_source("vocab_size")
    if settings["tokenizer"] is not None and given is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--vocab-size is for a vocabulary that is learned, and --tokenizer "
                               "names one that is there: give one of the two.")


def _make(folder: Path) -> None:
    """The folder, empty or as it was.

    Raises:  DiskError when it cannot be made
    """
    from cutaway.errors import DiskError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"{folder} cannot be made: {error.strerror}. Choose another folder with "
                        "--out.") from None


def _expect_no_settings(context: click.Context, settings: dict[str, Any]) -> None:
    """Nothing, when --resume stands without settings, which are those of the checkpoint.

    Raises:  click.UsageError naming those that were given
    """
    given = [name for name in settings
             if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT]
    if given:
        options = {parameter.name: parameter.opts[0] for parameter in context.command.params}
        raise click.UsageError(
            f"--resume goes on with the settings that the training run began with: leave out "
            f"{', '.join(str(options[name]) for name in given)}.")


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Within it, a warning of the library is a line on standard error."""
    def tell(message: Any, *_: Any, **__: Any) -> None:
        click.echo(str(message), err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = tell
        yield
