"""Opening a model by its path, whatever its format: the contents tell, not only the name."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from cutaway.disk import settle_files
from cutaway.errors import CorruptFile, UnknownModel, WeightsError
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.reading import expect_file
from cutaway.weights.archive import open_zip
from cutaway.weights.config_files import find_architecture, read_config
from cutaway.weights.csv_files import csv_names, read_csvs
from cutaway.weights.known_files import checked, expect_no_adapter, expect_weights, what_it_is
from cutaway.weights.llmc import is_llmc, read_llmc
from cutaway.weights.mapping import StoredTensor, Weights
from cutaway.weights.openai_checkpoint import read_openai_checkpoint
from cutaway.weights.places import CACHED, inner_folder, place_of
from cutaway.weights.progress import ProgressCallback, unwatched
from cutaway.weights.safetensors_file import read_safetensors, read_sharded
from cutaway.weights.settle import settled
from cutaway.weights.state_dict import StateDict, recognised, some
from cutaway.weights.table_file import is_table
from cutaway.weights.tokenizer_files import has_tokenizer
from cutaway.weights.torch_file import read_torch

Reader = Callable[[Path], dict[str, StoredTensor]]

# What a folder is searched for, and how each is read; the first that is found is taken.
READERS: dict[str, Reader] = {
    "model.safetensors": read_safetensors,
    "model.safetensors.index.json": lambda index: read_sharded(index, checked(read_safetensors)),
    "*.safetensors": read_safetensors,
    "pytorch_model.bin": read_torch,
    "pytorch_model.bin.index.json": lambda index: read_sharded(index, checked(read_torch)),
    "model.ckpt.index": read_openai_checkpoint,
    "*.index": read_openai_checkpoint,
    "*.bin": read_torch,
    "*.pt": read_torch,
    "*.pth": read_torch,
    "*.ckpt": read_torch,
}
FORMATS = ("safetensors, a PyTorch state dict, OpenAI's checkpoint (model.ckpt.index with its data "
           "file), or the workshop's CSV files in a folder or a zip")


@dataclass(frozen=True)
class ModelFiles:
    """A model whose every parameter is there, in the right shape. Its numbers are read when used.

    name              the folder's or the file's, without what stands after the dot; in the Hugging
                      Face cache the repository's, without its owner
    tokenizer_folder  where its vocabulary lies; None when none came with it
    folder            where its files lie
    card              its README.md; None when it has none
    notes             what it was taken for, and what of the file was left out, in sentences
    packed_tokenizer  whether its tokenizer lies in a zip with it: `Store.add` takes it from there
    """

    name: str
    config: ModelConfig
    weights: Weights
    tokenizer_folder: Path | None
    folder: Path
    card: Path | None
    notes: tuple[str, ...] = ()
    packed_tokenizer: bool = False

    @property
    def architecture(self) -> Architecture:
        """The kind of model that it is."""
        return self.weights.architecture


def read_model_files(path: str | Path, progress: ProgressCallback = unwatched, *,
                     n_head: int | None = None) -> ModelFiles:
    """The model in a folder or a file of any format that Cutaway reads.

        read_model_files("gpt2/")                      a folder: the first of safetensors, .bin, ...
        read_model_files("models/124M/model.ckpt.index")

    Only names and shapes are read here, except of CSVs, which tell their shape in no other way.
    A folder into which a process was moving files when it ended gets the rest of them first.
    progress  called with a Progress as CSV files are read
    n_head    how many heads it has, where no file says it
    Raises:   UnknownModel when there is no such path or no model in it, CorruptFile, ConfigError,
              MissingTensors, WrongShape, UnsafeArchive, MissingExtra, WeightsError
    """
    path = place_of(path)
    if not path.exists():
        raise UnknownModel(f"There is no file or folder {str(path)!r}. Check the spelling.")
    settle_files(path if path.is_dir() else path.parent)
    try:
        return _read_model(path.parent if path.suffix == ".csv" else path, progress, n_head)
    except OSError as error:
        raise WeightsError(f"{error.filename or path} cannot be read: {error.strerror}. Check that "
                           "you may read it, and that its disk is still there.") from error


def _read_model(path: Path, progress: ProgressCallback, n_head: int | None) -> ModelFiles:
    """The model at a path that exists; what the system says goes to the caller."""
    if not path.is_dir():
        expect_file(path)
    folder, note = _with_the_model(path)
    files = files_beside(path)
    file = find_weights_file(folder) if folder.is_dir() else folder
    if file is not None:
        expect_file(file)
    if file is None or is_csv_zip(file):
        architecture = find_architecture(files)  # which refuses a kind that Cutaway does not open
        _expect_csvs(path, files, architecture)
        stored: Mapping[str, StoredTensor] = read_csvs(files, progress, architecture)
        weights = Weights.from_tensors(path, stored, architecture)
        weights.check_finite()  # they have been read already, so it costs little
    else:
        try:
            stored = read_file(file)
        except WeightsError:
            find_architecture(files)  # another kind of model is the better reason
            raise
        whole = isinstance(stored, StateDict) and stored.says_its_shape
        architecture = GPT2 if whole else find_architecture(files)
        weights = Weights.from_tensors(file, stored, architecture)
    told = stored.told if isinstance(stored, StateDict) else {}
    return _opened(path, weights, files, read_config(files, weights, told, n_head),
                   (*([note] if note else []), *_notes(stored)))


def _notes(stored: Mapping[str, StoredTensor]) -> tuple[str, ...]:
    """What is to be said of a file whose tensors were not simply there."""
    if not isinstance(stored, StateDict):
        return ()
    left_out = [f"Left out, for it is no part of the model: {some(stored.left_out)}."
                ] if stored.left_out else []
    return *stored.notes, *left_out


def _with_the_model(path: Path) -> tuple[Path, str]:
    """The file, or the folder that holds the model; and a sentence where that is another one."""
    if not path.is_dir() or find_weights_file(path) is not None or csv_names(path):
        return path, ""
    return inner_folder(path)


def files_beside(path: Path) -> Traversable:
    """The folder, maybe within a zip, in which a model's config and tokenizer lie with it."""
    if path.is_dir():
        return _with_the_model(path)[0]
    return open_zip(path) if is_csv_zip(path) else path.parent


def find_weights_file(folder: Path) -> Path | None:
    """The file that holds the model in a folder, or that lists the others; None when none does.

    Raises:  UnknownModel when there is more than one
    """
    for pattern in READERS:
        found = sorted(folder.glob(pattern))
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownModel(f"{folder} holds several models: "
                               f"{', '.join(file.name for file in found)}. Name the file to open.")
    return None


def read_file(path: Path) -> Mapping[str, StoredTensor]:
    """The tensors of one file: its contents tell the format; where they do not, its name does.

    Those of a program that calls GPT-2's tensors otherwise are in it as GPT-2's: `recognised`.
    """
    expect_weights(path)
    reader = _reader_by_contents(path) or next(
        (reader for pattern, reader in READERS.items() if path.match(pattern)), None)
    if reader is None:
        raise CorruptFile(f"{path.name} is in no format that Cutaway reads. It reads {FORMATS}.")
    stored = reader(path)
    expect_no_adapter(path, stored)
    return recognised(path, stored)


def is_csv_zip(path: Path) -> bool:
    """Whether a file is to be read as a zip of CSVs. PyTorch's files are zips of something else."""
    if not zipfile.is_zipfile(path):
        return path.suffix == ".zip"
    try:
        with zipfile.ZipFile(path) as archive:
            return not any(name.endswith("/data.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return True  # reading it will say what is wrong


def _reader_by_contents(path: Path) -> Reader | None:
    if path.name.endswith(".index.json"):
        return None
    with path.open("rb") as file:
        start = file.read(9)
    if is_llmc(start):
        return read_llmc
    header_bytes = int.from_bytes(start[:8], "little")
    if start[8:] == b"{" and header_bytes < path.stat().st_size:
        return read_safetensors
    if is_table(path):
        return read_openai_checkpoint
    return read_torch if start.startswith((b"PK", b"\x80\x02")) else None


def _opened(path: Path, weights: Weights, files: Traversable, config: ModelConfig,
            notes: tuple[str, ...]) -> ModelFiles:
    """The model, once every parameter is there; `files` is the folder, in a zip or not."""
    config, weights = settled(config, weights)
    weights.check(config)
    folder = files if isinstance(files, Path) else path.parent
    card = files / "README.md"
    return ModelFiles(
        name=_name(path.resolve()),
        config=config,
        weights=weights,
        tokenizer_folder=next((one for one in (files, path) if isinstance(one, Path)
                               and has_tokenizer(one)), None),
        folder=folder,
        card=card if isinstance(card, Path) and card.is_file() else None,
        notes=notes,
        packed_tokenizer=not isinstance(files, Path) and has_tokenizer(files))


def _expect_csvs(path: Path, files: Traversable, architecture: Architecture) -> None:
    if csv_names(files, architecture):
        return
    if path.is_dir():
        others = [f" {file.name} {words}." for file in sorted(path.iterdir())
                  if file.is_file() and (words := what_it_is(file))]
        raise UnknownModel(f"There is no model in {path}.{''.join(others[:1])} Looked for "
                           f"{FORMATS}.")
    raise UnknownModel(f"{path.name} holds none of the workshop's CSV files (model_wte.csv, ...). "
                       "If a model of another format is in it, unpack it and open the folder.")


def _name(path: Path) -> str:
    """A model's name: its folder's, or its file's unless that is called as every model's is."""
    if path.is_file() and path.name not in READERS:
        return path.name.split(".")[0]
    if path.name.startswith(CACHED):
        return path.name.rpartition("--")[2]
    return path.parent.name if path.is_file() else path.name
