"""Reading dropped files one by one: a file that is not what it says harms no other."""

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.errors import ConfigError, CorruptFile, CutawayError, WeightsError
from cutaway.models import ARCHITECTURES
from cutaway.models.architecture import BLOCK, Architecture
from cutaway.weights.archive import open_zip
from cutaway.weights.config_files import find_architecture
from cutaway.weights.csv_files import csv_names, read_csv
from cutaway.weights.mapping import Origin, StoredTensor, Weights
from cutaway.weights.names import find_name, is_vector, our_name
from cutaway.weights.open import is_csv_zip, read_file
from cutaway.weights.progress import Progress, ProgressCallback
from cutaway.weights.state_dict import StateDict
from cutaway.weights.tokenizer_files import MERGES, OTHERS, VOCABULARY
from cutaway.words import message

TEXT_BYTES = 1_024
BESIDE = {
    "config.json": "says the model's shape", "hparams.json": "says the model's shape",
    "README.md": "the model's card",
    **dict.fromkeys((*VOCABULARY, *MERGES, *OTHERS), "part of the tokenizer"),
    "*.data-?????-of-?????": "holds the numbers that the .index lists",
    "*.index.json": "lists the parts of the model",
    "*.json": "not needed", "*.txt": "not needed", "*.bpe": "not needed", "*.md": "not needed",
}


@dataclass(frozen=True)
class Verdict:
    """What was found out about a dropped file.

    state    "read" when tensors are in it, "beside" when it is no weights, or "refused"
    words    what it is, or why it was refused
    tensors  our names of those that it holds
    """

    index: int
    state: str
    words: str = ""
    tensors: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields, as the page has them."""
        return {"index": self.index, "state": self.state, "words": self.words,
                "n_tensors": len(self.tensors)}


def kind_of(files: Iterable[dict[str, Any]], folder: Path) -> Architecture:
    """The kind of model that files are of: as their config.json says, or else as whose tensors
    most of theirs are called.

    files, folder  as in `read_all`
    """
    if (folder / "files" / "config.json").is_file():
        try:
            return find_architecture(folder / "files")
        except ConfigError:  # what is wrong with it is said where the shape is read
            pass
    names = [name for file in files for name in _names_in(folder / "files" / file["name"])]
    return max(ARCHITECTURES.values(),
               key=lambda kind: sum(our_name(name, kind) is not None for name in names))


def read_all(files: Iterable[dict[str, Any]], folder: Path, kind: Architecture,
             progress: ProgressCallback) -> tuple[dict[str, StoredTensor], list[Verdict]]:
    """The tensors of all files by our names, and what is to be said of each file.

    A tensor that several files hold is taken from the one that was dropped last.
    files   number and name of each, as they were dropped; they are in `folder`/files
    kind    the kind of model whose files they are
    """
    files = list(files)
    tensors: dict[str, StoredTensor] = {}
    verdicts = []
    for done, file in enumerate(files):
        progress(Progress(f"reading {file['name']}", done, len(files), "files"))
        found, verdict = _read_one(file["index"], folder / "files" / file["name"], kind,
                                   _Cache(folder / "read", file["index"], kind), progress)
        tensors |= found
        verdicts.append(verdict)
    return tensors, verdicts


def _words_beside(path: Path) -> str:
    """What a file is that holds no weights; "" for one that may hold some."""
    return next((words for pattern, words in BESIDE.items() if fnmatchcase(path.name, pattern)), "")


def _names_in(path: Path) -> list[str]:
    """What the tensors of a file are called in it; nothing for one that cannot be read."""
    if _words_beside(path):
        return []
    if path.name.casefold().endswith(".csv"):
        return [path.name[:-len(".csv")]]
    try:
        if is_csv_zip(path):
            return [name for kind in ARCHITECTURES.values()
                    for name in csv_names(open_zip(path), kind)]
        return list(read_file(path))
    except MemoryError:
        raise
    except Exception:  # what is wrong with it is said when it is read
        return []


def _read_one(index: int, path: Path, kind: Architecture, cache: "_Cache",
              progress: ProgressCallback) -> tuple[dict[str, StoredTensor], Verdict]:
    if words := _words_beside(path):
        return {}, Verdict(index, "beside", words)
    try:
        stored = _tensors_of(path, kind, cache, progress)
        weights = Weights.from_tensors(path, stored, kind)  # which refuses what is none's
        if not weights:
            raise WeightsError(f"{path.name}: none of {kind.name}'s tensors are in it; it holds "
                               f"{', '.join(list(stored)[:3]) or 'no tensor at all'}.")
    except CutawayError as error:
        return {}, Verdict(index, "refused", message(str(error)))
    except MemoryError:
        raise
    except Exception as error:  # whatever a library says of a strange file concerns no other file
        reason = getattr(error, "strerror", None) or error
        return {}, Verdict(index, "refused", f"{path.name} cannot be read: {reason}. Get the file "
                                             "again.")
    kept = {}
    for spelled, tensor in stored.items():
        if found := find_name(spelled, kind):
            kept[found.name] = tensor.transposed() if found.transposed else tensor
        elif spelled == kind.tied_head:
            kept[spelled] = tensor
    return kept, Verdict(index, "read", "", tuple(weights))


def _tensors_of(path: Path, kind: Architecture, cache: "_Cache", progress: ProgressCallback
                ) -> Mapping[str, StoredTensor]:
    """The tensors of a file of any format, by the names that it gives them."""
    if path.name.casefold().endswith(".csv"):
        name = our_name(path.name[:-len(".csv")], kind)
        if name is None:
            raise WeightsError(f"{path.name}: no tensor of {kind.name} is called so. "
                               f"{_expected_csvs(kind)}")
        return {name: cache.tensor(name, path, path)}
    if not is_csv_zip(path):
        stored = read_file(path)
        if isinstance(stored, StateDict) and stored.told:
            raise WeightsError(f"{path.name} has its tensors by another program's names, and the "
                               f"page takes only OpenAI's and Hugging Face's. Take it into the "
                               f"store with `cutaway add {path.name}`: it is then in the list of "
                               f"models.")
        return stored
    files = csv_names(open_zip(path), kind)
    if not files:
        raise WeightsError(f"{path.name} holds none of the workshop's CSV files. "
                           f"{_expected_csvs(kind)} If a model of another format is in it, unpack "
                           f"it and drop its files.")
    tensors = {}
    for done, (name, file) in enumerate(files.items()):
        progress(Progress(f"reading {file.name}", done, len(files), "files"))
        tensors[name] = cache.tensor(name, file, path)
    return tensors


def _expected_csvs(kind: Architecture) -> str:
    """What a kind's CSV files are called, in a sentence."""
    with_rows = [one for one in kind.parameters if one.openai and not is_vector(
        f"h0.{one.name}" if one.in_block else one.name, kind)]
    if not with_rows:
        return f"A {kind.name} comes in no CSV files: drop its model.safetensors."
    outside, inside = ([one for one in with_rows if one.in_block is where]
                       for where in (False, True))
    names = [f"{one.spelled('csv').replace(BLOCK, '0')}.csv" for one in (*outside[:1], *inside[:1])]
    return f"Names such as {' and '.join(names)} are expected: rename the file."


class _Cache:
    """The numbers of a file's tables, so that a text is read but once however often it is asked."""

    def __init__(self, folder: Path, index: int, kind: Architecture):
        self.folder = folder
        self.index = index
        self.kind = kind

    def tensor(self, name: str, file: Traversable, path: Path) -> StoredTensor:
        """The table of a CSV file, mapped.  path: the dropped file that it is in"""
        kept = self.folder / f"{self.index}-{name}.npy"
        if not kept.exists():
            self._write(kept, _finite_table(name, file, path, self.kind))
        array = np.load(kept, mmap_mode="r")
        return StoredTensor(Origin(path, file.name.rpartition(".")[0], "float32", array.shape),
                            array.view)

    def _write(self, kept: Path, table: np.ndarray) -> None:
        self.folder.mkdir(exist_ok=True)
        draft = kept.with_suffix(".part")
        with draft.open("wb") as opened:
            np.save(opened, table)
        draft.replace(kept)


def _finite_table(name: str, file: Traversable, path: Path, kind: Architecture) -> np.ndarray:
    """Raises:  CorruptFile, NotFinite"""
    _expect_text(file)
    table = read_csv(file)
    if is_vector(name, kind) and 1 in table.shape:
        table = table.ravel()
    Weights.from_arrays({name: table}, path, kind).check_finite()
    return table


def _expect_text(file: Traversable) -> None:
    with file.open("rb") as opened:
        start = opened.read(TEXT_BYTES)
    try:
        is_text = "\0" not in codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        raise CorruptFile(
            f"{file.name} is no table of numbers: it begins with bytes that are no text, as a "
            "picture or a program does. Drop the CSV file itself.")
