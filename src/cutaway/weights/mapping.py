"""`Weights`: a model's parameters by name, whatever file they came from."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from cutaway.errors import MissingTensors, NotFinite, WeightsError, WrongShape
from cutaway.models import GPT2, architecture_names
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.weights.names import block_of, find_name, reading_order
from cutaway.words import in_one_line, shape_in_words

MOST_BLOCKS = 1_000  # GPT-2 XL has 48
READABLE = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class Origin:
    """Where a parameter's numbers are stored: the file, the tensor's name in it, type and shape.

    transposed  whether the file has it the other way round: as output rows x input columns, where
                `shape` is that of the book's table
    """

    file: Path
    tensor: str
    dtype: str
    shape: tuple[int, ...]
    transposed: bool = False

    def __str__(self) -> str:
        turned = ", read transposed" if self.transposed else ""
        return f"{self.file.name}, tensor {self.tensor} ({self.dtype}{turned})"


@dataclass(frozen=True)
class StoredTensor:
    """A tensor that a file holds: where it is, and how to read its numbers."""

    origin: Origin
    read: Callable[[], np.ndarray]

    def transposed(self) -> "StoredTensor":
        """The same tensor as input rows x output columns, where the file has it the other way."""
        origin = replace(self.origin, shape=self.origin.shape[::-1], transposed=True)
        return StoredTensor(origin, lambda: np.ascontiguousarray(self.read().T))


class Weights(Mapping[str, np.ndarray]):
    """A model's parameters by the book's names, read when they are asked for.

    An array has its stored dtype (bfloat16, which NumPy lacks, becomes float32, exactly) and cannot
    be written to. What has been read stays: of a memory-mapped file that costs no memory of ours.

    file          the file or folder that was opened
    others        the names of tensors in it that are no parameters of the model
    architecture  the kind of model that they are the parameters of
    """

    def __init__(self, file: Path, tensors: Mapping[str, StoredTensor],
                 others: tuple[str, ...] = (), architecture: Architecture = GPT2):
        self.file = file
        self.others = others
        self.architecture = architecture
        ordered = sorted(tensors, key=lambda name: reading_order(name, architecture))
        self._tensors = {name: tensors[name] for name in ordered}
        self._read: dict[str, np.ndarray] = {}

    @classmethod
    def from_tensors(cls, file: Path, stored: Mapping[str, StoredTensor],
                     architecture: Architecture = GPT2) -> "Weights":
        """The weights among the tensors of a file, whichever convention names them.

        Raises:  WeightsError for a parameter that is stored twice or not as floating-point numbers,
                 and for a head that is not the token embeddings, where the architecture ties them
        """
        tensors, others = {}, []
        for spelled, tensor in stored.items():
            found = find_name(spelled, architecture)
            if found is None:
                others.append(spelled)
                continue
            name = found.name
            if name in tensors:
                raise WeightsError(
                    f"{file.name}: {tensors[name].origin.tensor!r} and {spelled!r} are both "
                    f"{name}. A file may hold each parameter once: keep one of them.")
            _expect_floats(file, tensor.origin)
            tensors[name] = tensor.transposed() if found.transposed else tensor
        head, table = architecture.tied_head, architecture.table_of("token_table")
        if head in others and table in tensors:
            _expect_floats(file, stored[head].origin)
            _expect_tied_head(file, stored[head], tensors[table], architecture)
        return cls(file, tensors, tuple(others), architecture)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], file: Path = Path("memory"),
                    architecture: Architecture = GPT2) -> "Weights":
        """Weights that hold these arrays, by our names: those of a model that was just trained."""
        return cls(file, {
            name: StoredTensor(Origin(file, name, str(array.dtype), array.shape), array.view)
            for name, array in arrays.items()}, architecture=architecture)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._read:
            array = self._tensors[name].read()
            array.flags.writeable = False
            self._read[name] = array
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __contains__(self, name: object) -> bool:
        return name in self._tensors  # Mapping's own would read the tensor

    def __repr__(self) -> str:
        return f"Weights({self.file.name}: {len(self)} tensors, {self.count:,} parameters)"

    def without(self, names: Collection[str]) -> "Weights":
        """The same weights but for some."""
        kept = {name: tensor for name, tensor in self._tensors.items() if name not in names}
        return Weights(self.file, kept, self.others, self.architecture) if names else self

    def origin(self, name: str) -> Origin:
        """Where a parameter's numbers are stored. Nothing is read for it."""
        return self._tensors[name].origin

    @property
    def count(self) -> int:
        """How many numbers there are in all tensors together."""
        return sum(prod(tensor.origin.shape) for tensor in self._tensors.values())

    @property
    def block_count(self) -> int:
        """How many blocks there are tensors of."""
        return len({block_of(name) for name in self} - {None})

    def check(self, config: ModelConfig) -> None:
        """Check that every parameter is there in the shape of `config`. Reads no number.

        Raises:  MissingTensors naming all that are missing, or WrongShape with what was found
        """
        self.expect_blocks(config)
        wanted = self.architecture.book(config).weights
        missing = [name for name in wanted if name not in self._tensors]
        if missing:
            raise MissingTensors(self._missing_message(missing))
        for name, axes in wanted.items():
            if self.origin(name).shape != tuple(config.sizes[axis] for axis in axes):
                raise WrongShape(self._shape_message(name, axes, config))
        if blocks := dict.fromkeys(name.split(".")[0] for name in self if name not in wanted):
            raise WrongShape(
                f"{self.file.name}: the model has {config.n_layer} blocks, but the file also holds "
                f"{', '.join(blocks)}.{self._guess(config)}")

    def expect_blocks(self, config: ModelConfig) -> None:
        """Check the number of blocks where a book of so many would take long to make.

        Raises:  MissingTensors
        """
        if config.n_layer > MOST_BLOCKS and config.n_layer > len(self):
            raise MissingTensors(
                f"{self.file.name}: the config says {in_one_line(str(config.n_layer), 40)} blocks, "
                f"and there are tensors of {self.block_count}. Get the config.json that belongs to "
                "this file.")

    def check_finite(self) -> None:
        """Check that no number is NaN or infinite. Reads every tensor.

        Raises:  NotFinite naming each such tensor, how many of its numbers, and the first's place
        """
        found = []
        for name in self:
            finite = np.isfinite(self[name])
            if not finite.all():
                first = tuple(int(i) for i in np.argwhere(~finite)[0])
                value = self[name][first]
                bad = finite.size - np.count_nonzero(finite)
                found.append(f"{name} ({bad:,} of {finite.size:,}; the first is {value} at "
                             f"{list(first)})")
        if found:
            raise NotFinite(
                f"{self.file.name}: numbers that are NaN or infinite in {', '.join(found)}. "
                "A model needs finite ones: get the file again, or train it again with a lower "
                "learning rate.")

    def _missing_message(self, missing: list[str]) -> str:
        if not self._tensors:
            seen = ", ".join(self.others[:3]) or "no tensor at all"
            return (f"{self.file.name}: none of {self.architecture.name}'s tensors are in it; it "
                    f"holds {seen}. Cutaway opens {architecture_names()} models only.")
        return (f"{self.file.name}: {len(missing)} of the tensors that the model needs are "
                f"missing: {', '.join(missing)}. Get the file again, or put the config.json that "
                "belongs to it beside it.")

    def _shape_message(self, name: str, axes: tuple[str, ...], config: ModelConfig) -> str:
        found, wanted = self.origin(name).shape, tuple(config.sizes[axis] for axis in axes)
        message = (f"{self.file.name}: {name!r} is {shape_in_words(found)}, expected "
                   f"{shape_in_words(wanted)} ({' '.join(axes)}).")
        if len(found) == 2 and found == wanted[::-1]:
            layout = ("output rows x input columns" if self.origin(name).transposed
                      else "input rows x output columns")
            return f"{message} It is transposed: {self.architecture.name}'s files have {layout}."
        return message + self._guess(config)

    def _guess(self, config: ModelConfig) -> str:
        """The published size that the tensors look like, as a sentence; or what to do instead."""
        table = self.architecture.table_of("token_table")
        width = self.origin(table).shape[-1:] if table is not None and table in self else ()
        shape = (*width, self.block_count)
        for size, published in self.architecture.published.items():
            if published != config and shape == (published.n_embd, published.n_layer):
                return (f" This looks like {size!r}: put the config.json of {size!r} beside it "
                        f"(n_embd {published.n_embd}, n_layer {published.n_layer}, "
                        f"n_head {published.n_head}).")
        return " Put the config.json that belongs to this file beside it."


def _expect_floats(file: Path, origin: Origin) -> None:
    if origin.dtype not in READABLE:
        raise WeightsError(
            f"{file.name}: {origin.tensor!r} holds {origin.dtype}, expected one of "
            f"{', '.join(READABLE)}. A quantised model has to be saved unquantised first.")


def _expect_tied_head(file: Path, head: StoredTensor, table: StoredTensor,
                      architecture: Architecture) -> None:
    """Check that the stored head is the token embeddings. Reads both.  Raises:  WeightsError"""
    if not np.array_equal(head.read(), table.read(), equal_nan=True):
        raise WeightsError(
            f"{file.name}: {head.origin.tensor!r} differs from {table.origin.tensor!r}: this model "
            f"has an untied head. {architecture.name} makes its logits with the token embeddings, "
            "and Cutaway opens only such models.")
