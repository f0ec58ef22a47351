"""The models kept on this computer, each in a folder of its own, all in one format."""

import hashlib
import json
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from cutaway.disk import remove_whole, settle_leftovers, whole_new_folder, whole_replacement
from cutaway.errors import (
    CorruptFile,
    CutawayError,
    ModelError,
    SettingError,
    TokenizerFileError,
    UnknownModel,
)
from cutaway.folders import data_folder
from cutaway.models import ARCHITECTURES, GPT2
from cutaway.models.config import ModelConfig
from cutaway.reading import LETTERS, NOT_UNPICKLED, expect_file, json_of
from cutaway.weights.bundled import bundled_names
from cutaway.weights.export import WEIGHTS_FILE, write_model
from cutaway.weights.open import ModelFiles, files_beside, read_model_files
from cutaway.weights.places import place_of
from cutaway.weights.progress import Progress, ProgressCallback, unwatched
from cutaway.weights.tokenizer_files import has_tokenizer

RECORD = "cutaway.json"
DOWNLOADS = ".downloads"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CHECKSUM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredModel:
    """A model of the store: what `cutaway models` lists.

    parameters    how many numbers it has
    size_bytes    how long its weights file is
    sha256        that file's checksum, taken when the model was added
    architecture  the kind of model, as its `config.json` calls it
    notes         what its files were taken for, and what of them was left out
    """

    name: str
    config: ModelConfig
    parameters: int
    size_bytes: int
    sha256: str
    architecture: str = GPT2.model_type
    notes: str = ""


class Store:
    """Models by name, in one folder.

        store = Store()                          the folder that this computer keeps data in
        store.add("gpt2.zip")
        store.open("gpt2").weights["h3.name"]

    A process that ends while it adds, replaces or removes leaves what was before or what comes
    after; what else it leaves behind goes when any store of that folder is used next.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = folder or default_folder()

    def add(self, path: str | Path, name: str | None = None,
            progress: ProgressCallback = unwatched, *,
            tokenizer: Path | None = None, n_head: int | None = None) -> StoredModel:
        """The model at `path`, copied into the store as safetensors, with its tokenizer and card.

        name       what to call it; without one, what its folder or file is called
        tokenizer  the folder of its vocabulary, when that does not lie beside the weights
        n_head     how many heads it has, where no file says it
        Raises:  ModelError when there is one of that name already, SettingError for a name that
                 cannot be one, NotFinite, DiskError, and all that `read_model_files` raises; the
                 store is then as it was
        """
        opened = read_model_files(path, progress, n_head=n_head)
        name = self._checked_name(opened.name if name is None else name)
        self.expect_free(name)
        with whole_new_folder(self.folder / name) as draft:
            return self._write(draft, opened, name, progress,
                               beside=_files_of(path), tokenizer=tokenizer)

    def replace(self, path: str | Path, name: str | None = None,
                progress: ProgressCallback = unwatched, *,
                tokenizer: Path | None = None, n_head: int | None = None) -> StoredModel:
        """The model at `path` in the place of the one that is called `name` so far.

        name, tokenizer, n_head  as `add` takes them
        Raises:  UnknownModel when there is none of that name, and all that `add` raises; the old
                 model is then still there
        """
        opened = read_model_files(path, progress, n_head=n_head)
        name = opened.name if name is None else name
        with whole_replacement(self._existing(name)) as draft:
            return self._write(draft, opened, name, progress,
                               beside=_files_of(path), tokenizer=tokenizer)

    def models(self) -> list[StoredModel]:
        """Every model of the store whose record can be read, by name; `damaged` tells the rest."""
        read = [self._record(name) for name in self.names()]
        return [record for record in read if isinstance(record, StoredModel)]

    def damaged(self) -> dict[str, CorruptFile]:
        """What is wrong with each model whose record cannot be read, by name."""
        read = {name: self._record(name) for name in self.names()}
        return {name: record for name, record in read.items() if isinstance(record, CorruptFile)}

    def check(self, name: str) -> None:
        """Read all of a model's weights and compare them with the checksum of when it was added.

        Raises:  CorruptFile when they differ; UnknownModel
        """
        folder = self._existing(name)
        expected, file = _read_record(folder / RECORD).sha256, folder / WEIGHTS_FILE
        expect_file(file)
        try:
            same = file.exists() and checksum_of(file) == expected
        except OSError as error:
            raise CorruptFile(f"{file} cannot be read: {error.strerror}. Check that you may read "
                              f"it, and its disk.") from error
        if not same:
            raise CorruptFile(f"{file} is not the file that was added: its checksum is another "
                              f"one. Delete the folder {folder} and add the model again.")

    def names(self) -> list[str]:
        """The names of the store's models, the damaged ones too."""
        self._settle()
        return sorted(folder.name for folder in self.folder.glob("[!.]*")
                      if NAME.fullmatch(folder.name) and folder.is_dir())

    def open(self, name: str) -> ModelFiles:
        """The model of that name.  Raises:  UnknownModel, and all that `read_model_files` raises"""
        return read_model_files(self._existing(name))

    def remove(self, name: str) -> None:
        """Delete the model of that name.  Raises:  UnknownModel when there is none"""
        remove_whole(self._existing(name))

    def expect_free(self, name: str) -> None:
        """Check that no model has that name.  Raises:  ModelError when one has"""
        self._checked_name(name)
        if name in bundled_names():
            raise ModelError(f"{name!r} is the model that comes with Cutaway. Give the new one "
                             "another name.")
        if (self.folder / name).exists():
            raise ModelError(f"There is a model {name!r} already. Give the new one another name, "
                             "or replace the old one.")

    def _checked_name(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise SettingError(
                f"{name!r} cannot be a model's name: up to 100 letters, digits, '.', '-' and '_' "
                "are expected, with a letter or digit first.")
        return name

    def _record(self, name: str) -> StoredModel | CorruptFile:
        try:
            return _read_record(self.folder / name / RECORD)
        except CorruptFile as error:
            return error

    def _settle(self) -> None:
        """Finish or clear what processes that have ended left behind."""
        settle_leftovers(self.folder)
        for download in (self.folder / DOWNLOADS).glob("*--*"):
            if (self.folder / download.name.split("--", 1)[1] / RECORD).exists():  # it was added
                shutil.rmtree(download, ignore_errors=True)
        for aside in self.folder.glob(".*.old"):  # so an earlier version called what it replaced
            place = self.folder / aside.name[1:].removesuffix(".old")
            with suppress(OSError):
                if not place.exists() and (aside / RECORD).exists():
                    aside.rename(place)
                else:
                    shutil.rmtree(aside)

    def _existing(self, name: str) -> Path:
        if name not in self.names():
            raise UnknownModel(f"There is no model {name!r} in {self.folder}. "
                               f"There are: {', '.join(self.names()) or 'none yet'}.")
        return self.folder / name

    def _write(self, draft: Path, opened: ModelFiles, name: str, progress: ProgressCallback, *,
               beside: Traversable, tokenizer: Path | None) -> StoredModel:
        """The model's files and its record in a draft folder.  beside: where they come from"""
        if tokenizer is not None and not has_tokenizer(tokenizer):
            if (tokenizer / LETTERS).is_file():
                raise TokenizerFileError(NOT_UNPICKLED.format(file=tokenizer / LETTERS))
            raise TokenizerFileError(
                f"{tokenizer} holds no tokenizer: vocab.json with merges.txt, encoder.json with "
                "vocab.bpe, or tokenizer.json is expected in that folder.")
        count = opened.weights.count
        progress(Progress(f"checking and writing {name}", 0, count, "numbers"))
        write_model(draft, opened.config, opened.weights,
                    tokenizer or opened.tokenizer_folder or beside)
        if (card := beside / "README.md").is_file():
            (draft / "README.md").write_bytes(card.read_bytes())
        file = draft / WEIGHTS_FILE
        model = StoredModel(name, opened.config, count, file.stat().st_size, checksum_of(file),
                            opened.architecture.model_type, " ".join(opened.notes))
        (draft / RECORD).write_text(json.dumps(asdict(model), indent=2) + "\n", encoding="utf-8")
        progress(Progress(f"{name} is written", count, count, "numbers"))
        return model


def _files_of(path: str | Path) -> Traversable:
    return files_beside(place_of(path))


def checksum_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def default_folder() -> Path:
    """Return the folder in which this computer keeps models."""
    return data_folder() / "models"


def _read_record(record: Path) -> StoredModel:
    """What is known of a model.  Raises:  CorruptFile"""
    try:
        expect_file(record)
        fields = json_of(record)
        config = ARCHITECTURES[fields.get("architecture", GPT2.model_type)].config_class(
            **fields.pop("config"))
        return _checked(StoredModel(**{**fields, "config": config, "name": record.parent.name}))
    except OSError as error:
        raise CorruptFile(f"{record} cannot be read: {error.strerror}. Delete the folder "
                          f"{record.parent} and add the model again.") from error
    except (CutawayError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
            MemoryError) as error:
        raise CorruptFile(f"{record} is damaged. Delete the folder {record.parent} and add the "
                          "model again.") from error


def _checked(model: StoredModel) -> StoredModel:
    """The record, when its numbers are numbers.  Raises:  TypeError, ValueError"""
    if not all(type(count) is int and count > 0 for count in (model.parameters, model.size_bytes)):
        raise TypeError("the counts are no whole numbers")
    if not CHECKSUM.fullmatch(model.sha256):
        raise ValueError("the checksum is none")
    return model
