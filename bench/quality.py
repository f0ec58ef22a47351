"""What int8 weights change: the loss on held-out text, and the logits of a random GPT-2 small.

    python -m bench.quality --stories ../shared/data/stories

The bundled model's loss on the held-out documents of its training texts, float32 beside int8:
windows of all its positions, each token appended as in generation. Then the cosine between the
logits of both, position by position, on random weights. Nothing here is timed.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from bench.figure import Figure, at_least, at_most, unmeasured
from bench.machine import tell
from bench.one import arguments, print_out, work_folder
from bench.one import effort as effort_of
from bench.random_model import random_ids
from bench.rounds import Effort
from bench.worker import NotHere, Worker

from cutaway.model import open_model

STORIES = Path(os.environ.get("CUTAWAY_SHARED", Path(__file__).parents[2] / "shared")) \
    / "data" / "stories"
POSITIONS = 128
KINDS = ("float32", "int8")
SEPARATOR = "<|endoftext|>"


def measure(effort: Effort, work: Path, stories: Path = STORIES) -> dict:
    """loss_nats by kind, and cosine: the lowest and the mean over the positions."""
    tell("int8 beside float32")
    try:
        return {**_losses(stories, 2 if effort.rounds == 1 else None),
                "cosine": _cosine(effort, work)}
    except NotHere as error:
        return {"left_out": str(error)}


def _losses(stories: Path, windows: int | None) -> dict:
    """The bundled model's mean loss on the held-out text, in nats a token."""
    file = stories / "valid.txt"
    if not file.exists():
        return {"no_text": f"{file.name} is not in the folder of --stories"}
    model = open_model()
    tokenizer, length = model.tokenizer, model.config.n_positions
    ids = [id for text in file.read_text(encoding="utf-8").split(SEPARATOR)
           for id in (*tokenizer.encode(text.strip("\n")), tokenizer.end_of_text)]
    starts = list(range(0, len(ids) - 1, length))[:windows]
    losses = {}
    for kind in KINDS:
        with Worker("bench.contestants.ours:Loss", engine=kind) as worker:
            sums = [worker.call("nats", ids=ids[start:start + length + 1]) for start in starts]
        losses[kind] = sum(sums)
    count = sum(len(ids[start:start + length + 1]) - 1 for start in starts)
    return {"loss_nats": {kind: total / count for kind, total in losses.items()}, "tokens": count}


def _cosine(effort: Effort, work: Path) -> dict:
    """Between the rows of logits of both, on random weights."""
    folder, rows = str(effort.folder(work)), {}
    ids = random_ids(effort.config, POSITIONS)
    for kind in KINDS:
        with Worker("bench.contestants.ours:Generation", folder=folder, engine=kind) as worker:
            rows[kind] = np.array(worker.call("rows", ids=ids))
    exact, rough = rows["float32"], rows["int8"]
    cosines = (exact * rough).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(rough, axis=1)
    return {"lowest": float(cosines.min()), "mean": float(cosines.mean())}


# ---- What is told ---------------------------------------------------------------------------

def figures(record: dict) -> list[Figure]:
    loss, cosine = "int8: rise of the bundled model's loss", "int8: cosine of the logits, lowest"
    if "left_out" in record:
        return [unmeasured(loss, record["left_out"]), unmeasured(cosine, record["left_out"])]
    found = [unmeasured(loss, record["no_text"])] if "no_text" in record else [
        at_most(loss, rise(record), 0.005, form="{:.2%}")]
    return [*found, at_least(cosine, record["cosine"]["lowest"], 0.999, form="{:.5f}")]


def rise(record: dict) -> float:
    """How much higher the loss is with int8 weights, relatively."""
    losses = record["loss_nats"]
    return losses["int8"] / losses["float32"] - 1


def section(record: dict) -> str:
    """The part of docs/performance.md."""
    parts = ["## What int8 weights change"]
    if "left_out" in record:
        return "\n\n".join([*parts, f"Not measured: {record['left_out']}."])
    if "loss_nats" in record:
        losses = record["loss_nats"]
        parts.append(
            f"The bundled model's loss on {record['tokens']:,} tokens of held-out text is "
            f"{losses['float32']:.4f} nats a token in float32 and {losses['int8']:.4f} with int8 "
            f"weights: {100 * rise(record):+.2f} %.")
    cosine = record["cosine"]
    parts.append(f"On GPT-2 small with random weights the cosine between both logits is "
                 f"{cosine['mean']:.5f} on average over {POSITIONS} positions, and "
                 f"{cosine['lowest']:.5f} at the lowest.")
    return "\n\n".join(parts)


def parser() -> argparse.ArgumentParser:
    made = arguments(__doc__)
    made.add_argument("--stories", type=Path, default=STORIES, metavar="FOLDER",
                      help="where valid.txt is, the held-out texts")
    return made


def main() -> None:
    options = parser().parse_args()
    with work_folder(options.work) as work:
        print_out(measure(effort_of(options), work, options.stories), figures, section,
                  options.json)


if __name__ == "__main__":
    main()
