"""The certificate: every table of a run beside what Hugging Face's implementation calculates.

    model = open_model()
    for one in verified(model, model.run("Mike is quick. He moves")):
        print(one.table, one.outcome, one.difference)

The measure is the largest difference in a table, as a share of the table's largest number: a cell
that is nearly 0 is often the difference of two large numbers, and what counts for all that reads
the table is how wrong it is beside the numbers around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from cutaway.errors import MissingExtra, SettingError, WeightsError
from cutaway.model import Model
from cutaway.weights.config_files import hugging_face_config
from cutaway.weights.export import hugging_face_arrays
from cutaway.workbook import Run

# What two ways to calculate the same may differ by: rounding, that is, which adds up from block to
# block. Scores in the thousands, which no trained model has, would need more in float32.
LIMITS = {"float32": 2e-4, "float64": 1e-9}


@dataclass(frozen=True)
class Verified:
    """A table beside the peer's.

    outcome     "same", "differs", or "absent": the peer has no such table
    difference  the largest difference as a share of the table's largest number; infinity for
                another shape, and where one has a number and the other NaN or infinity
    limit       what it may be in this precision
    """

    table: str
    outcome: Literal["same", "differs", "absent"]
    difference: float
    limit: float


def verified(model: Model, run: Run) -> Iterator[Verified]:
    """Every table of a run, in the order of the book, compared with Hugging Face's.

    run      of the model, on one prompt, in float32 or float64; edits and all
    Raises:  MissingExtra without torch and transformers; SettingError for a kind of model whose
             record does not say which of their numbers are which table
    """
    if model.architecture.peer_tables is None:
        raise SettingError(f"Which tables of {model.architecture.name} are which numbers of "
                           f"Hugging Face's implementation is not stated: nothing can be compared.")
    dtype = _dtype(run)
    theirs = model.architecture.peer_tables(_peer(model, dtype), np.array(run.ids))
    limit = LIMITS[dtype]
    for name in run.book.nodes:
        if name in theirs:
            found = difference(run[name].array, theirs[name])
            yield Verified(name, "same" if found <= limit else "differs", found, limit)
        else:
            yield Verified(name, "absent", 0.0, limit)


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference as a share of the largest number; infinity where NaN or infinity is
    in one of them alone, or in another place."""
    if ours.shape != theirs.shape:
        return float("inf")
    odd = ~(np.isfinite(ours) & np.isfinite(theirs))
    if not np.array_equal(ours[odd], theirs[odd], equal_nan=True):
        return float("inf")
    one, other = ours[~odd].astype(np.float64), theirs[~odd].astype(np.float64)
    gap, largest = np.abs(one - other).max(initial=0), np.abs(other).max(initial=0)
    if gap == 0:
        return 0.0
    return float(gap / largest) if largest else float("inf")


def _dtype(run: Run) -> str:
    """The precision that a run is calculated in, by the first table of its book."""
    return "float64" if run[next(iter(run.book.nodes))].array.dtype == np.float64 else "float32"


def _peer(model: Model, dtype: str) -> Any:
    """The same model in Hugging Face's implementation, with eager attention.

    Raises:  MissingExtra; WeightsError when it wants a tensor that the model does not have
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtra(f"Comparing with Hugging Face needs {error.name}, which is not "
                           f"installed. Install it where you cloned Cutaway: pip install "
                           f'--constraint constraints.txt --editable ".[verify]"') from error
    transformers.logging.set_verbosity_error()
    kind = model.architecture
    fields = hugging_face_config(model.config, None, kind)
    peer_class = getattr(transformers, kind.config_file.model_class)
    peer = peer_class._from_config(peer_class.config_class.from_dict(fields),
                                   attn_implementation="eager")
    arrays = hugging_face_arrays(model.config, model.weights)
    missing, _ = peer.load_state_dict(
        {name: torch.from_numpy(np.array(array, np.float32)) if array.dtype != np.float64
         else torch.from_numpy(array.copy()) for name, array in arrays.items()}, strict=False)
    if lacking := [name for name in missing if name != kind.tied_head]:
        raise WeightsError(f"Hugging Face's {kind.config_file.model_class} wants {lacking[0]}, "
                           f"which this model does not have.")
    peer.tie_weights()
    return peer.to(getattr(torch, dtype)).eval()
