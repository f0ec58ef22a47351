"""The models kept on this computer, each in a folder of its own, all in one format."""

import hashlib
import json
import re
import shutil
from dataclasses import asdict, dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from cutaway.disk import put_back, whole_new_folder
from cutaway.errors import (
    CorruptFile,
    ModelError,
    SettingError,
    TokenizerFileError,
    UnknownModel,
)
from cutaway.folders import data_folder
from cutaway.models import ARCHITECTURES, GPT2
from cutaway.models.config import ModelConfig
from cutaway.reading import LETTERS, NOT_UNPICKLED
from cutaway.weights.bundled import bundled_names
from cutaway.weights.export import WEIGHTS_FILE, write_model
from cutaway.weights.open import ModelFiles, files_beside, read_model_files
from cutaway.weights.places import place_of
from cutaway.weights.progress import Progress, ProgressCallback, unwatched
from cutaway.weights.tokenizer_files import has_tokenizer

RECORD = "cutaway.json"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


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
        old = self._existing(name)
        aside = self.folder / f".{name}.old"
        shutil.rmtree(aside, ignore_errors=True)
        try:
            with whole_new_folder(old) as draft:
                model = self._write(draft, opened, name, progress,
                                    beside=_files_of(path), tokenizer=tokenizer)
                old.rename(aside)
        except BaseException:
            if not old.exists():
                put_back(aside, old)
            raise
        shutil.rmtree(aside, ignore_errors=True)
        return model

    def models(self) -> list[StoredModel]:
        """Every model of the store, by name."""
        return [_read_record(record) for record in sorted(self.folder.glob(f"[!.]*/{RECORD}"))]

    def names(self) -> list[str]:
        """The names of the store's models."""
        return [record.parent.name for record in sorted(self.folder.glob(f"[!.]*/{RECORD}"))]

    def open(self, name: str) -> ModelFiles:
        """The model of that name.  Raises:  UnknownModel, and all that `read_model_files` raises"""
        return read_model_files(self._existing(name))

    def remove(self, name: str) -> None:
        """Delete the model of that name.  Raises:  UnknownModel when there is none"""
        folder = self._existing(name)
        aside = self.folder / f".{name}.old"
        folder.rename(aside)  # so that a deletion that breaks off leaves no half model
        shutil.rmtree(aside)

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
    try:
        fields = json.loads(record.read_text(encoding="utf-8"))
        config = fields.pop("config")
        kind = ARCHITECTURES[fields.get("architecture", GPT2.model_type)]
        config = kind.config_class(**config)
        return StoredModel(**{**fields, "config": config, "name": record.parent.name})
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptFile(f"{record} is damaged. Delete the folder {record.parent} and add the "
                          "model again.") from error
