"""What has been dropped so far: which tensors are there, which are missing, what is wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutaway.errors import WeightsError
from cutaway.studio.model_jobs.read import Verdict, read_all
from cutaway.studio.model_jobs.shape import Shape, find_shape
from cutaway.studio.model_jobs.tokenizer import FoundTokenizer, find_tokenizer
from cutaway.weights import Store, Weights
from cutaway.weights.names import LM_HEAD
from cutaway.weights.progress import ProgressCallback
from cutaway.words import shape_in_words

DROPPED = Path("the dropped files")  # what errors call them


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
        "shape": {**found.shape.fields, "said_by": found.shape.said_by},
        "tensors": found.tensors,
        "missing": missing,
        "there": sum(tensor["state"] == "there" for tensor in found.tensors),
        "parameters": found.weights.count,
        "problems": found.problems,
        "notes": list(found.shape.notes),
        "tokenizer": found.tokenizer.to_dict(),
        "ready": found.is_ready,
    }


def examine(order: dict[str, Any], report: ProgressCallback) -> Examined:
    """All that can be found out about dropped files.

    order  `folder` of the upload, its `files` (index, name), the `store`, and `n_head` when the
           user has said how many heads there are
    """
    folder = Path(order["folder"])
    stored, verdicts = read_all(order["files"], folder, report)
    problems = []
    try:
        weights = Weights.from_tensors(DROPPED, stored)
    except WeightsError as error:
        problems.append(str(error))
        stored.pop(LM_HEAD, None)
        weights = Weights.from_tensors(DROPPED, stored)
    shape = find_shape(folder / "files", weights, order.get("n_head"))
    tokenizer = find_tokenizer(folder / "files", shape.fields["vocab_size"],
                               Store(Path(order["store"])))
    tensors = _tensors(weights, shape) if weights or shape.said_by != "the tensors" else []
    problems += [shape.problem] if shape.problem else []
    problems += [tokenizer.words] if tokenizer.state == "wrong" else []
    problems += _too_many(weights, shape)
    return Examined(weights, verdicts, shape, tokenizer, tensors, problems)


def _tensors(weights: Weights, shape: Shape) -> list[dict[str, Any]]:
    return [_tensor(name, axes, wanted, weights) for name, (axes, wanted) in shape.wanted().items()]


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
