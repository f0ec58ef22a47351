"""What a model grew from: the one whose weights its training began with."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutaway.train.validate import Loss

if TYPE_CHECKING:
    from cutaway.model import Model


@dataclass(frozen=True)
class GrownFrom:
    """The model that a training run began with, as the model card and every checkpoint tell it.

    name        as it was opened
    parameters  how many it has
    files       the names of its weights' files
    sha256      of those files, one after the other; empty where they are no files
    losses      its own losses on the held-out texts, before the first step
    """

    name: str
    parameters: int
    files: tuple[str, ...] = ()
    sha256: str = ""
    losses: Mapping[str, Loss] = field(default_factory=dict)

    @classmethod
    def of(cls, model: "Model") -> "GrownFrom":
        """What there is to tell of an opened model, whose losses are not known yet."""
        origins = [model.weights.origin(name).file for name in model.weights]
        files = [file for file in dict.fromkeys(origins) if file.is_file()]
        return cls(model.name, model.weights.count, tuple(file.name for file in files),
                   _sha256(files) if files else "")

    @classmethod
    def read(cls, record: Mapping[str, Any] | None) -> "GrownFrom | None":
        """What `record` wrote into a checkpoint; None for a model that began with random weights.

        Raises:  TypeError, KeyError when it is no such record
        """
        if record is None:
            return None
        losses = {name: Loss(**loss) for name, loss in record["losses"].items()}
        return cls(**{**record, "files": tuple(record["files"]), "losses": losses})

    def record(self) -> dict[str, Any]:
        """All of it as plain values, for a checkpoint."""
        return asdict(self)


def _sha256(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            while piece := content.read(2**20):
                digest.update(piece)
    return digest.hexdigest()
