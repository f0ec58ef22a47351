"""Reading dropped files one by one: a file that is not what it says harms no other."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.errors import CorruptFile, CutawayError, WeightsError
from cutaway.models import GPT2
from cutaway.weights.archive import open_zip
from cutaway.weights.csv_files import csv_names, read_csv
from cutaway.weights.mapping import Origin, StoredTensor, Weights
from cutaway.weights.names import is_vector, our_name
from cutaway.weights.open import is_csv_zip, read_file
from cutaway.weights.progress import Progress, ProgressCallback
from cutaway.weights.tokenizer_files import MERGES, OTHERS, VOCABULARY

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
        """The fields, as the page hears them."""
        return {"index": self.index, "state": self.state, "words": self.words,
                "n_tensors": len(self.tensors)}


def read_all(files: Iterable[dict[str, Any]], folder: Path,
             progress: ProgressCallback) -> tuple[dict[str, StoredTensor], list[Verdict]]:
    """The tensors of all files by our names, and what is to be said of each file.

    A tensor that several files hold is taken from the one that was dropped last.
    files   number and name of each, as they were dropped; they lie in `folder`/files
    """
    files = list(files)
    tensors: dict[str, StoredTensor] = {}
    verdicts = []
    for done, file in enumerate(files):
        progress(Progress(f"reading {file['name']}", done, len(files), "files"))
        found, verdict = _read_one(file["index"], folder / "files" / file["name"],
                                   _Cache(folder / "read", file["index"]), progress)
        tensors |= found
        verdicts.append(verdict)
    return tensors, verdicts


def _read_one(index: int, path: Path, cache: "_Cache", progress: ProgressCallback
              ) -> tuple[dict[str, StoredTensor], Verdict]:
    for pattern, words in BESIDE.items():
        if fnmatchcase(path.name, pattern):
            return {}, Verdict(index, "beside", words)
    try:
        stored = _tensors_of(path, cache, progress)
        weights = Weights.from_tensors(path, stored)  # which refuses what is no GPT-2's
        if not weights:
            raise WeightsError(f"{path.name}: none of GPT-2's tensors are in it; it holds "
                               f"{', '.join(list(stored)[:3]) or 'no tensor at all'}.")
    except CutawayError as error:
        return {}, Verdict(index, "refused", str(error))
    except MemoryError:
        raise
    except Exception as error:  # whatever a library says of a strange file concerns no other file
        reason = getattr(error, "strerror", None) or error
        return {}, Verdict(index, "refused", f"{path.name} cannot be read: {reason}. Get the file "
                                             "again.")
    named = {our_name(spelled) or spelled: tensor for spelled, tensor in stored.items()}
    kept = {name: tensor for name, tensor in named.items()
            if name in weights or name == GPT2.tied_head}
    return kept, Verdict(index, "read", "", tuple(weights))


def _tensors_of(path: Path, cache: "_Cache", progress: ProgressCallback
                ) -> dict[str, StoredTensor]:
    """The tensors of a file of any format, by the names that it gives them."""
    if path.name.casefold().endswith(".csv"):
        name = our_name(path.name[:-len(".csv")])
        if name is None:
            raise WeightsError(
                f"{path.name}: no tensor of GPT-2 is called so. Names such as model_wte.csv and "
                "model_h0_attn_c_attn_w.csv are expected: rename the file.")
        return {name: cache.tensor(name, path, path)}
    if not is_csv_zip(path):
        return read_file(path)
    files = csv_names(open_zip(path))
    if not files:
        raise WeightsError(f"{path.name} holds none of the workshop's CSV files (model_wte.csv, "
                           "...). If a model of another format is in it, unpack it and drop its "
                           "files.")
    tensors = {}
    for done, (name, file) in enumerate(files.items()):
        progress(Progress(f"reading {file.name}", done, len(files), "files"))
        tensors[name] = cache.tensor(name, file, path)
    return tensors


class _Cache:
    """The numbers of a file's tables, so that a text is read but once however often it is asked."""

    def __init__(self, folder: Path, index: int):
        self.folder = folder
        self.index = index

    def tensor(self, name: str, file: Traversable, path: Path) -> StoredTensor:
        """The table of a CSV file, mapped.  path: the dropped file in which it lies"""
        kept = self.folder / f"{self.index}-{name}.npy"
        if not kept.exists():
            self._write(kept, _finite_table(name, file, path))
        array = np.load(kept, mmap_mode="r")
        return StoredTensor(Origin(path, file.name.rpartition(".")[0], "float32", array.shape),
                            array.view)

    def _write(self, kept: Path, table: np.ndarray) -> None:
        self.folder.mkdir(exist_ok=True)
        draft = kept.with_suffix(".part")
        with draft.open("wb") as opened:
            np.save(opened, table)
        draft.replace(kept)


def _finite_table(name: str, file: Traversable, path: Path) -> np.ndarray:
    """Raises:  CorruptFile, NotFinite"""
    _expect_text(file)
    table = read_csv(file)
    if is_vector(name) and 1 in table.shape:
        table = table.ravel()
    Weights.from_arrays({name: table}, path).check_finite()
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
