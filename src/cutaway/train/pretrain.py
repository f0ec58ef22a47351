"""From plain text to a model that every verb can open: tokenizer, training, weights, model card."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cutaway.disk import whole_file
from cutaway.errors import TrainingError
from cutaway.models.config import Config
from cutaway.tokenizer import END_OF_TEXT, Tokenizer, learn_tokenizer
from cutaway.train.card import model_card
from cutaway.train.data import Source, Windows, token_stream
from cutaway.train.loop import (
    Training,
    TrainingStep,
    begin,
    load_checkpoint,
    save_checkpoint,
    train,
)
from cutaway.train.plan import Plan
from cutaway.train.validate import HeldOut, Loss, validate
from cutaway.weights import export_huggingface

UNFINISHED = ".training"  # the folder, inside the model's, of what only training needs
ORDER_SEED = 2019         # the order of the documents in the token stream


@dataclass(frozen=True)
class Shape:
    """The shape of a model to train; its vocabulary is learned from the text."""

    vocab_size: int = 4096
    n_positions: int = 256
    n_embd: int = 192
    n_layer: int = 6
    n_head: int = 6


@dataclass(frozen=True)
class Prepared:
    """What there is to learn from, told before the first step."""

    documents: int
    tokens: int
    vocab_size: int
    parameters: int


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
             plan: Plan, every: int = 400, device: str = "cpu",
             ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    """Learn a tokenizer, train a model, and write both; a record after each thing done.

    Closing the iterator early (Ctrl-C in `cutaway train`) writes a checkpoint first;
    `continue_pretraining` goes on from it with the same digits.

    held_out  texts to validate on, by name
    folder    where the model will stand; made if it is not there
    every     steps between two validations and checkpoints
    device    where to calculate: "cpu", "cuda", ...
    Raises:   TrainingError, TokenizerError, DiskError
    """
    texts = [text for source in sources for text in source.documents * source.repeats]
    if not any(text.strip() for text in texts):
        raise TrainingError("There is no text to learn from: every file given is empty.")
    tokenizer = learn_tokenizer(texts, shape.vocab_size)
    tokenizer.save(folder / UNFINISHED)
    config = Config(**{**asdict(shape), "vocab_size": len(tokenizer)})
    yield from _pretrain(begin(config, plan, device=device), tokenizer, folder, every,
                         sources=sources, held_out=held_out)


def continue_pretraining(sources: Sequence[Source], held_out: Sequence[Source], folder: Path, *,
                         every: int = 400, device: str = "cpu",
                         ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    """Go on with a training run that was interrupted, on the same texts.

    Raises:  TrainingError when there is nothing to go on with; CorruptFile
    """
    unfinished = folder / UNFINISHED
    training = load_checkpoint(unfinished / "checkpoint.pt", device)
    yield from _pretrain(training, Tokenizer.open(unfinished), folder, every,
                         sources=sources, held_out=held_out)


def _pretrain(training: Training, tokenizer: Tokenizer, folder: Path, every: int, *,
              sources: Sequence[Source], held_out: Sequence[Source],
              ) -> Iterator[Prepared | TrainingStep | Validation | Finished]:
    config, plan = training.module.config, training.plan
    checkpoint = folder / UNFINISHED / "checkpoint.pt"
    end = tokenizer.id_of(END_OF_TEXT)
    stream = token_stream(sources, tokenizer.encode, end, np.random.default_rng(ORDER_SEED))
    _expect_same_text(folder, stream)
    windows = Windows(stream, config.n_positions, plan.stride or config.n_positions)
    texts = {source.name: HeldOut.of(source.documents, tokenizer.encode, end)
             for source in held_out if source.documents}
    yield Prepared(sum(len(source.documents) for source in sources), len(stream), len(tokenizer),
                   sum(weight.numel() for weight in training.module.parameters()))
    losses = validate(training.module, texts)
    try:
        for step in train(training, windows):
            yield step
            if step.step % every == 0 or step.step == plan.steps:
                losses = validate(training.module, texts)
                save_checkpoint(training, checkpoint)
                yield Validation(step.step, losses)
    except GeneratorExit:
        save_checkpoint(training, checkpoint)
        raise
    card = model_card(folder.name, config, plan, sources=sources, losses=losses,
                      stream_tokens=len(stream))
    export_huggingface(config, training.module.arrays(), folder / UNFINISHED, folder)
    with whole_file(folder / "README.md") as draft:
        draft.write_text(card, encoding="utf-8")
    shutil.rmtree(folder / UNFINISHED)
    yield Finished(folder, losses)


def _expect_same_text(folder: Path, stream: np.ndarray) -> None:
    """Nothing, when this is the text that the training began with, or when it begins now.

    Raises:  TrainingError, with the checkpoint as it was
    """
    record = folder / UNFINISHED / "text.sha256"
    found = hashlib.sha256(stream.tobytes()).hexdigest()
    if not (folder / UNFINISHED / "checkpoint.pt").exists():
        record.write_text(found, encoding="utf-8")
    elif record.read_text(encoding="utf-8") != found:
        raise TrainingError(f"The training in {folder} was begun on another text. Give the very "
                            f"same files to go on with it, or choose another folder.")
