"""Make the bundled model, storybook, from a folder of stories.

    python tools/storybook.py STORIES build/storybook

Reads train.txt and valid.txt, in which the documents stand grouped by source, reads the simple
modern sources more often than the old books, learns a vocabulary, trains, and writes the model
with its weights in float16. Interrupted, the same command goes on where it stopped.
"""

import sys
from pathlib import Path

from cutaway.texts import split_documents
from cutaway.train.data import Source
from cutaway.train.loop import TrainingStep
from cutaway.train.plan import Plan
from cutaway.train.pretrain import (
    UNFINISHED,
    Finished,
    Shape,
    Validation,
    continue_pretraining,
    pretrain,
)
from cutaway.weights import read_model_files, save_weights

# name, documents in train.txt, documents in valid.txt, how often each is read in a pass
SOURCES = [
    ("tinystories-v2-10k", 1699, 17, 12),
    ("tinystories-smallgpt", 955, 10, 12),
    ("pb-english", 375, 4, 7),
    ("asp-english", 277, 3, 7),
    ("fairytaleqa", 275, 3, 4),
    ("classic-books", 1227, 12, 1),
]
SHAPE = Shape(vocab_size=4096, n_positions=256, n_embd=192, n_layer=6, n_head=6)
PLAN = Plan(steps=3400, batch=16, precision="bfloat16")


def read_sources(stories: Path) -> tuple[list[Source], list[Source]]:
    """The training documents and the held-out ones, by source."""
    train = split_documents((stories / "train.txt").read_text(encoding="utf-8"))
    valid = split_documents((stories / "valid.txt").read_text(encoding="utf-8"))
    sources, held_out = [], []
    for name, n_train, n_valid, repeats in SOURCES:
        sources.append(Source(name, train[:n_train], repeats))
        held_out.append(Source(name, valid[:n_valid]))
        train, valid = train[n_train:], valid[n_valid:]
    if train or valid:
        raise SystemExit("The files hold more documents than SOURCES counts.")
    return sources, held_out


def main(stories: Path, folder: Path) -> None:
    sources, held_out = read_sources(stories)
    if (folder / UNFINISHED / "checkpoint.pt").exists():
        records = continue_pretraining(sources, held_out, folder)
    else:
        records = pretrain(sources, held_out, folder, shape=SHAPE, plan=PLAN)
    for record in records:
        if isinstance(record, TrainingStep) and record.step % 10 == 0:
            print(f"step {record.step}  loss {record.loss_nats:.4f}", flush=True)
        elif isinstance(record, Validation):
            print(f"step {record.step}  held out {record.losses['all'].loss_nats:.4f}", flush=True)
        elif isinstance(record, Finished):
            opened = read_model_files(folder)
            save_weights(folder, opened.config, dict(opened.weights), "float16")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
