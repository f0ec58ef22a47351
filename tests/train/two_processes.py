"""What each of two processes does for test_processes.py: `python two_processes.py FOLDER`.

Trains with DDP and with FSDP2, each in one go and from the other side's checkpoints, and writes
the losses that it saw into the folder.
"""

import json
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

from cutaway.train.checkpoint import load_checkpoint, save_checkpoint
from cutaway.train.loop import Training, begin, train
from cutaway.train.processes import all_weights, join_processes
from cutaway.train.speed import Speed
from tests.train.test_loop import CONFIG, PLAN, WINDOWS

SAVED_AT = 5
SPEED = Speed(fused=True, windows=1)


def losses(training: Training, count: int | None = None) -> list[float]:
    return [step.loss_nats for step in islice(train(training, WINDOWS), count)]


def main(folder: Path) -> None:
    found = {}
    with join_processes("cpu", sharded=False) as joined:
        for kind, sharded in (("ddp", False), ("fsdp", True)):
            processes = replace(joined, sharded=sharded)
            speed = Speed(fused=True) if sharded else SPEED
            training = begin(CONFIG, PLAN, speed=speed, processes=processes)
            found[kind] = losses(training, SAVED_AT)
            save_checkpoint(training, folder / kind / "checkpoint.pt")
            found[kind] += losses(training)
            with all_weights(training.objective, processes):
                held = training.module.weights()["h0.c_fc_w"]
                found[f"{kind} holds"] = list(held.shape)
            again = load_checkpoint(folder / kind / "checkpoint.pt", processes=processes)
            found[f"{kind} again"] = losses(again)
            alone = load_checkpoint(folder / "alone" / "checkpoint.pt", processes=processes)
            found[f"{kind} from one process"] = losses(alone)
        found["stop"] = [joined.any(False), joined.any(joined.rank == 1)]
    (folder / f"{joined.rank}.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
