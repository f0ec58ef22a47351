"""Dropped files examined: what is there, missing or wrong; a whole model is kept."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cutaway.errors import CutawayError, SettingError, TokenizerError, WeightsError
from cutaway.look import sheets_of_weights
from cutaway.model import GPT2
from cutaway.studio.models.dropped_files import Verdict, kind_of, read_all
from cutaway.studio.models.shape import Shape, find_shape
from cutaway.studio.models.store import described, known_model
from cutaway.tokenizer import N_GPT2_TOKENS, Tokenizer, fits, gpt2_folder
from cutaway.weights import Store, Weights, bundled_names, export_huggingface
from cutaway.weights.progress import Progress, ProgressCallback
from cutaway.weights.settle import settled
from cutaway.weights.store import NAME
from cutaway.weights.tokenizer_files import MERGES, VOCABULARY
from cutaway.words import message, shape_in_words

DROPPED = Path("the dropped files")  # what errors call them


@dataclass(frozen=True)
class FoundTokenizer:
    """What can be said of a model's tokenizer.

    state   "there", "absent", or "wrong"
    words   in a sentence
    lenders names of tokenizers that would fit: GPT-2's own, and those of models here
    folder  where its files lie, when it is there
    """

    state: str
    words: str
    lenders: tuple[str, ...] = ()
    folder: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields, as the page has them."""
        return {"state": self.state, "words": self.words, "lenders": list(self.lenders)}


@dataclass(frozen=True)
class Examined:
    """Dropped files, looked into.

    tensors   one entry for each that the model needs, with its state: "there", "missing", "wrong"
    problems  sentences; while there is one, the model cannot be kept
    """

    weights: Weights
    verdicts: list[Verdict]
    shape: Shape
    tokenizer: FoundTokenizer
    tensors: list[dict[str, Any]]
    problems: list[str]

    @property
    def is_ready(self) -> bool:
        """Whether it is a whole model."""
        return (self.shape.config is not None and not self.problems and bool(self.tensors)
                and all(tensor["state"] == "there" for tensor in self.tensors))


def check(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """What the page shows of an upload.

    order  folder, files, store, n_head: see `examine`
    """
    found = examine(order, report)
    missing = [tensor["name"] for tensor in found.tensors if tensor["state"] == "missing"]
    return {
        "files": [verdict.to_dict() for verdict in found.verdicts],
        "shape": {**_counts(found.shape.fields), "said_by": found.shape.said_by},
        "tensors": found.tensors,
        "missing": missing,
        "there": sum(tensor["state"] == "there" for tensor in found.tensors),
        "parameters": found.weights.count,
        "problems": found.problems,
        "notes": list(found.shape.notes),
        "tokenizer": found.tokenizer.to_dict(),
        "ready": found.is_ready,
    }


def _counts(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that are numbers, or that nothing tells yet."""
    return {name: value for name, value in fields.items()
            if value is None or (isinstance(value, int | float) and not isinstance(value, bool))}


def examine(order: dict[str, Any], report: ProgressCallback) -> Examined:
    """All that can be found out about dropped files.

    order  `folder` of the upload, its `files` (index, name), the `store`, and `n_head` when the
           user has said how many heads there are
    """
    folder = Path(order["folder"])
    kind = kind_of(order["files"], folder)
    stored, verdicts = read_all(order["files"], folder, kind, report)
    problems = []
    try:
        weights = Weights.from_tensors(DROPPED, stored, kind)
    except WeightsError as error:
        problems.append(message(str(error)))
        stored.pop(kind.tied_head, None)
        weights = Weights.from_tensors(DROPPED, stored, kind)
    shape = find_shape(folder / "files", weights, order.get("n_head"))
    if shape.config is not None:
        try:
            config, weights = settled(shape.config, weights)
            shape = shape if config == shape.config else replace(shape, fields=config.to_dict())
        except WeightsError as error:
            problems.append(message(str(error)))
    tokenizer = find_tokenizer(folder / "files", shape.fields["vocab_size"],
                               Store(Path(order["store"])))
    tensors = _tensors(weights, shape) if weights or shape.said_by != "the tensors" else []
    problems += [shape.problem] if shape.problem else []
    problems += [tokenizer.words] if tokenizer.state == "wrong" else []
    problems += _too_many(weights, shape)
    return Examined(weights, verdicts, shape, tokenizer, tensors, problems)


def _tensors(weights: Weights, shape: Shape) -> list[dict[str, Any]]:
    sheets = sheets_of_weights(shape.book())
    return [{"sheet": sheets[name], **_tensor(name, axes, wanted, weights)}
            for name, (axes, wanted) in shape.wanted().items()]


def _tensor(name: str, axes: tuple[str, ...], wanted: tuple[int | None, ...], weights: Weights
            ) -> dict[str, Any]:
    """One line of the checklist."""
    entry = {"name": name, "axes": list(axes), "size": list(wanted), "words": ""}
    if name not in weights:
        return {**entry, "state": "missing"}
    origin = weights.origin(name)
    known = {**entry, "file": origin.file.name, "stored_as": origin.tensor, "dtype": origin.dtype}
    fits = len(origin.shape) == len(wanted) and all(
        size in (found, None) for found, size in zip(origin.shape, wanted, strict=True))
    if fits:
        return {**known, "size": list(origin.shape), "state": "there"}
    size = " x ".join("?" if size is None else str(size) for size in wanted)
    words = f"{shape_in_words(origin.shape)} in {origin.file.name}; {size} is expected"
    if len(wanted) == 2 and origin.shape == wanted[::-1]:
        words += ": it is transposed"
    return {**known, "state": "wrong", "words": words}


def _too_many(weights: Weights, shape: Shape) -> list[str]:
    """A sentence when there are tensors of more blocks than the config says."""
    wanted = shape.wanted()
    blocks = dict.fromkeys(name.partition(".")[0] for name in weights if name not in wanted)
    if not blocks or shape.fields["n_layer"] is None:
        return []
    return [f"n_layer is {shape.fields['n_layer']}, as {shape.said_by} says, but here are tensors "
            f"of {', '.join(list(blocks)[:5])} too. The files belong to different models: drop the "
            "right ones, or take the others away."]


def find_tokenizer(folder: Path, n_vocabulary: int | None, store: Store) -> FoundTokenizer:
    """The tokenizer among the files of a folder.

    n_vocabulary  how many tokens the model has, where that is known
    """
    if not any((folder / name).is_file() for name in (*VOCABULARY, *MERGES, "tokenizer.json")):
        return FoundTokenizer("absent", "No tokenizer has come: without one, the model cannot read "
                              "a text. Drop vocab.json and merges.txt, or tokenizer.json.",
                              _lenders(n_vocabulary, store))
    try:
        count = len(Tokenizer.open(folder))
    except TokenizerError as error:
        return FoundTokenizer("wrong", message(str(error)))
    if n_vocabulary is not None and not fits(count, n_vocabulary):
        return FoundTokenizer(
            "wrong", f"The tokenizer has {count:,} tokens, but the token table has "
            f"{n_vocabulary:,} rows. They belong to different models, or a part of the tokenizer's "
            "files is missing, such as its added tokens: drop the right ones, or take them away.")
    return FoundTokenizer("there", f"A tokenizer of {count:,} tokens.", folder=folder)


def _lenders(n_vocabulary: int | None, store: Store) -> tuple[str, ...]:
    """GPT-2's own and the models here that have a tokenizer of so many tokens, by name."""
    if n_vocabulary is None:
        return ()
    own = (GPT2,) if fits(N_GPT2_TOKENS, n_vocabulary) else ()
    return tuple(dict.fromkeys((*own, *(name for name in (*bundled_names(), *store.names())
                                        if _lends(name, n_vocabulary, store)))))


def _lends(name: str, n_vocabulary: int, store: Store) -> bool:
    try:
        model = known_model(name, store)
    except CutawayError:
        return False
    return model.tokenizer_folder is not None and model.config.vocab_size == n_vocabulary


def keep(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """The model, as the list shows it, once it is in the store.

    order    what `examine` takes, and its `name`; `replace`, when it takes the place of the one of
             that name; `tokenizer`, whose it is to have: "gpt2" for GPT-2's, else a model's name
    Raises:  WeightsError when the files are no whole model, and all that `Store.add` raises; the
             store is then as it was
    """
    store = Store(Path(order["store"]))
    _expect_name(order["name"], order["replace"], store)  # before the long work
    found = examine(order, report)
    report(Progress("putting the model together", 0, found.weights.count, "numbers"))
    folder = Path(order["folder"]) / "model"
    _write(found, tokenizer_folder(found, order["tokenizer"], store), folder,
           Path(order["folder"]) / "files")
    put = store.replace if order["replace"] else store.add
    name = put(folder, order["name"], report).name
    return {"model": described(name, "store", store.open(name))}


def _expect_name(name: str, replace: bool, store: Store) -> None:
    if not NAME.fullmatch(name):
        raise SettingError(f"{name!r} cannot be a model's name: up to 100 letters, digits, '.', "
                           "'-' and '_' are expected, with a letter or digit first.")
    if not replace:
        store.expect_free(name)


def _write(found: Examined, tokenizer_folder: Path | None, folder: Path, files: Path) -> None:
    """One folder with all that belongs to the model, in the format of the store."""
    config = found.shape.config
    if config is None or found.problems:
        raise WeightsError(" ".join(found.problems) or "The shape of the model is not known yet. "
                           "Drop its config.json.")
    found.weights.check(config)
    shutil.rmtree(folder, ignore_errors=True)
    export_huggingface(config, found.weights, tokenizer_folder, folder)
    if (files / "README.md").is_file():
        shutil.copy(files / "README.md", folder / "README.md")


def tokenizer_folder(found: Examined, lender: str | None, store: Store) -> Path | None:
    """Where the tokenizer's files are: those that were dropped, or the lender's; None for none."""
    if found.tokenizer.folder is not None or lender is None:
        return found.tokenizer.folder
    return gpt2_folder() if lender == GPT2 else known_model(lender, store).tokenizer_folder
