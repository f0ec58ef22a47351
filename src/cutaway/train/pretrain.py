"""From plain text to a model that every verb can open: tokenizer, training, weights, model card."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cutaway.disk import remove_whole, whole_file, whole_files
from cutaway.errors import TrainingError
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.tokenizer import END_OF_TEXT, Tokenizer, learn_tokenizer
from cutaway.train.card import model_card
from cutaway.train.checkpoint import is_there, load_checkpoint, read_plan, save_checkpoint
from cutaway.train.data import Source, Windows, token_stream
from cutaway.train.feed import open_tokens, write_tokens
from cutaway.train.grown import GrownFrom
from cutaway.train.loop import Training, TrainingStep, begin, train
from cutaway.train.plan import Plan
from cutaway.train.processes import ALONE, Processes, all_weights
from cutaway.train.speed import choose_speed
from cutaway.train.validate import HeldOut, Loss, validate
from cutaway.weights.export import write_model
from cutaway.weights.tokenizer_files import files_instead_of

if TYPE_CHECKING:
    from cutaway.model import Model

__all__ = ["Finished", "Prepared", "Shape", "Validation", "continue_pretraining", "hold_out",
           "load_checkpoint", "pretrain", "pretrain_from", "read_plan"]

UNFINISHED = ".training"  # the folder, inside the model's, of what only training needs
CHECKPOINT = "checkpoint.pt"  # in it
TOKENS = "tokens.npy"
WRITTEN = "written"       # is there once the model beside it is that of this training run
ORDER_SEED = 2019         # the order of the documents in the token stream


@dataclass(frozen=True)
class Shape:
    """The shape of a model to train.

    vocab_size    how many tokens to learn from the text
    tokenizer     one that is there already: then none is learned, and it has the vocabulary's size
    architecture  the kind of model; whatever else its configuration has is as it says by itself
    """

    vocab_size: int = 4096
    n_positions: int = 256
    n_embd: int = 192
    n_layer: int = 6
    n_head: int = 6
    tokenizer: Tokenizer | None = None
    architecture: Architecture = GPT2

    def config(self, n_tokens: int) -> ModelConfig:
        """The configuration with a vocabulary of so many tokens.  Raises:  ConfigError"""
        return self.architecture.config_class(
            vocab_size=n_tokens, n_positions=self.n_positions, n_embd=self.n_embd,
            n_layer=self.n_layer, n_head=self.n_head)


@dataclass(frozen=True)
class Prepared:
    """What there is to learn from, told before the first step.

    duplicates  how many documents are there once more
    first       the first document
    """

    documents: int
    tokens: int
    vocab_size: int
    parameters: int
    duplicates: int
    first: str


@dataclass(frozen=True)
class Validation:
    """The losses on held-out text after a step, by source and for "all"."""

    step: int
    losses: Mapping[str, Loss]


@dataclass(frozen=True)
class Finished:
    """The model is written."""

    folder: Path
    losses: Mapping[str, Loss]


def hold_out(source: Source, one_in: int = 50) -> tuple[Source, Source]:
    """A source in two: what to train on, and every 50th document to validate on.

    A source of fewer than 50 documents gives the last fiftieth of its last document's text.
    """
    if not source.documents:
        kept, held = (), ()
    elif len(source.documents) >= one_in:
        kept = tuple(d for i, d in enumerate(source.documents) if (i + 1) % one_in)
        held = source.documents[one_in - 1::one_in]
    else:
        *front, last = source.documents
        cut = len(last) - max(1, len(last) // one_in)
        kept, held = (*front, last[:cut]), (last[cut:],)
    return Source(source.name, kept, source.repeats), Source(source.name, held)


def pretrain(sources: Sequence[Source], held_out: Sequence[Source], folder: Path, *, shape: Shape,
             plan: Plan, every: int = 400, device: str = "cpu", compiling: str = "auto",
             processes: Processes = ALONE,
             ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    """Learn a tokenizer, train a model, and write both; a record after each thing done.

    Closing the iterator early (Ctrl-C in `cutaway train`) writes a checkpoint first;
    `continue_pretraining` goes on from it with the same digits.

    held_out  texts to validate on, by name
    folder    where the model will stand; made if it is not there
    every     steps between two validations and checkpoints
    device    where to calculate: "cpu", "cuda", ...
    compiling whether through `torch.compile`: "yes", "no", "auto" where the run is long enough
    processes all those that train this model; each of them calls this
    Raises:   TrainingError, TokenizerError, DiskError
    """
    texts = _expect_text(sources)
    given = shape.tokenizer
    if given is not None and given.end_of_text is None:
        raise TrainingError(f"The tokenizer has no {END_OF_TEXT}, which ends each document. Choose "
                            "another, or have one learned.")
    if processes.rank == 0:
        (given or _learned(texts, shape)).save(folder / UNFINISHED)
    processes.wait()
    tokenizer = Tokenizer.open(folder / UNFINISHED)
    kind, config = shape.architecture, shape.config(len(tokenizer))
    speed = choose_speed(config, plan, device, compiling, processes, architecture=kind)
    yield from _pretrain(begin(config, plan, device=device, speed=speed, processes=processes,
                               architecture=kind),
                         tokenizer, folder, every, sources=sources, held_out=held_out)


def pretrain_from(model: "Model", sources: Sequence[Source], held_out: Sequence[Source],
                  folder: Path, *, plan: Plan, every: int = 400, device: str = "cpu",
                  compiling: str = "auto", processes: Processes = ALONE,
                  ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    """Go on from a model's weights on other texts, with its tokenizer: a new model in a folder.

    The model that was given stays as it is. The first record after `Prepared` is its own loss on
    the held-out texts, as the validation of step 0. `continue_pretraining` goes on here as well.

    model    of any architecture
    plan     `length` is how many tokens a window has, at most the model's positions
    Raises:  as `pretrain`; TrainingError when the model has no token that ends a document
    """
    _expect_text(sources)
    if model.tokenizer.end_of_text is None:
        raise TrainingError(f"The tokenizer of {model.name} has no {END_OF_TEXT}, which ends each "
                            "document. Choose another model, or train one from the beginning.")
    if processes.rank == 0:
        model.tokenizer.save(folder / UNFINISHED)
    processes.wait()
    speed = choose_speed(model.config, plan, device, compiling, processes,
                         architecture=model.architecture)
    training = begin(model.config, plan, model.weights, device, speed=speed, processes=processes,
                     architecture=model.architecture)
    training.grown_from = GrownFrom.of(model)
    yield from _pretrain(training, Tokenizer.open(folder / UNFINISHED), folder, every,
                         sources=sources, held_out=held_out)


def _expect_text(sources: Sequence[Source]) -> list[str]:
    """All documents, as often as they are read in a pass.

    Raises:  TrainingError when there is nothing in them
    """
    texts = [text for source in sources for text in source.documents * source.repeats]
    if not any(text.strip() for text in texts):
        raise TrainingError("There is no text to learn from: every file given is empty.")
    return texts


def _learned(texts: Sequence[str], shape: Shape) -> Tokenizer:
    """A vocabulary as the shape's architecture has them."""
    rule = shape.architecture.tokenizer
    return learn_tokenizer(texts, shape.vocab_size, rule.special, rule=rule)


def continue_pretraining(sources: Sequence[Source], held_out: Sequence[Source], folder: Path, *,
                         every: int = 400, device: str = "cpu", compiling: str = "auto",
                         processes: Processes = ALONE,
                         ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    """Go on with a training run that was interrupted, on the same texts.

    The processes may be more or fewer than those that were interrupted.

    Raises:  TrainingError when there is nothing to go on with; CorruptFile
    """
    unfinished = folder / UNFINISHED
    training = load_checkpoint(unfinished / CHECKPOINT, device, compiling=compiling,
                               processes=processes)
    yield from _pretrain(training, Tokenizer.open(unfinished), folder, every,
                         sources=sources, held_out=held_out)


def _pretrain(training: Training, tokenizer: Tokenizer, folder: Path, every: int, *,
              sources: Sequence[Source], held_out: Sequence[Source],
              ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    config, plan = training.module.config, training.plan
    checkpoint = folder / UNFINISHED / CHECKPOINT
    end = tokenizer.id_of(END_OF_TEXT)
    stream = _stream(sources, tokenizer, folder, training.processes)
    length = plan.length or config.n_positions
    windows = Windows(stream, length, plan.stride or length)
    texts = {source.name: HeldOut.of(source.documents, tokenizer.encode, end)
             for source in held_out if source.documents}
    documents = [text for source in sources for text in source.documents]
    yield Prepared(len(documents), len(stream), len(tokenizer),
                   sum(weight.numel() for weight in training.module.parameters()),
                   len(documents) - len(set(documents)), documents[0])
    losses = _validate(training, texts)
    if training.grown_from and not training.done:
        training.grown_from = replace(training.grown_from, losses=losses)
        yield Validation(0, losses)
    try:
        for step in train(training, windows):
            yield step
            if step.step % every == 0 or step.step == plan.steps:
                losses = _validate(training, texts)
                save_checkpoint(training, checkpoint)
                yield Validation(step.step, losses)
    except GeneratorExit:
        save_checkpoint(training, checkpoint)
        raise
    arrays = training.module.arrays()
    if training.processes.rank == 0:
        _write_model(folder, training, arrays, sources=sources, losses=losses,
                     stream_tokens=len(stream))
    training.processes.wait()
    yield Finished(folder, losses)


def _validate(training: Training, texts: Mapping[str, HeldOut]) -> dict[str, Loss]:
    with all_weights(training.objective, training.processes):
        return validate(training.module, texts)


def _stream(sources: Sequence[Source], tokenizer: Tokenizer, folder: Path,
            processes: Processes) -> np.ndarray:
    """All tokens in a file, mapped: written by the first process, read by all.

    Raises:  TrainingError when the training was begun on another text; DiskError
    """
    file = folder / UNFINISHED / TOKENS
    if processes.rank == 0:
        stream = token_stream(sources, tokenizer.encode, tokenizer.id_of(END_OF_TEXT),
                              np.random.default_rng(ORDER_SEED))
        _expect_same_text(folder, stream)
        write_tokens(stream, file)
    processes.wait()
    return open_tokens(file)


def _write_model(folder: Path, training: Training, arrays: Mapping[str, np.ndarray], *,
                 sources: Sequence[Source], losses: Mapping[str, Loss],
                 stream_tokens: int) -> None:
    """The files that every verb opens, in place of what only training needed."""
    config, plan = training.module.config, training.plan
    kind = training.module.architecture
    card = model_card(folder.name, config, plan, kind=kind.name, sources=sources, losses=losses,
                      stream_tokens=stream_tokens, grown_from=training.grown_from)
    unfinished = folder / UNFINISHED
    (unfinished / WRITTEN).touch()
    with whole_files(folder, instead_of=files_instead_of(unfinished)) as draft:
        write_model(draft, config, arrays, unfinished, kind)
        (draft / "README.md").write_text(card, encoding="utf-8")
    remove_whole(unfinished)


def _expect_same_text(folder: Path, stream: np.ndarray) -> None:
    """Nothing, when this is the text that the training began with, or when it begins now.

    Raises:  TrainingError, with the checkpoint as it was
    """
    record = folder / UNFINISHED / "text.sha256"
    found = hashlib.sha256(stream.tobytes()).hexdigest()
    if not is_there(folder / UNFINISHED / CHECKPOINT):
        with whole_file(record) as draft:
            draft.write_text(found, encoding="utf-8")
    elif record.read_text(encoding="utf-8") != found:
        raise TrainingError(f"The training in {folder} was begun on another text. Give the very "
                            f"same files to go on with it, or choose another folder.")
