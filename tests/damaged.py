"""Damaged files: good ones of every format, spoiled by chance, the same every time.

A format is a line of FORMATS: how a good one is made, which files are spoiled, and what opens it.
"""

import csv
import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_file as load_tensors

from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.studio.share.read_workbook import read_workbook_file
from cutaway.studio.share.workbook import Workbook
from cutaway.studio.share.workbook_file import written
from cutaway.texts import Reading, read_documents
from cutaway.tokenizer import Tokenizer
from cutaway.train.checkpoint import load_checkpoint, save_checkpoint
from cutaway.train.loop import begin
from cutaway.weights import Store, export_huggingface
from tests.train.test_loop import CONFIG, PLAN
from tests.weights.peers import OPENAI, digits
from tests.weights.test_csv_files import write_folder
from tests.weights.test_nanogpt import ARGUMENTS, save, trained

EXTREME = [b"-1", b"0", b"1e999", b"1" + b"0" * 30, b"9" * 5_000, b"NaN", b"null", b"true", b'"x"',
           b"[]", b"{}", b"2147483648", b"18446744073709551616", b"0.5", b"[" * 50_000]
FEW = 2_000  # bytes at the beginning of a file, where its header is


@dataclass(frozen=True)
class Format:
    """A kind of file.

    make    writes a good one into a folder
    spoil   a pattern of the files that are spoiled
    open    reads all of it: of the folder, and a store to add it to
    """

    make: Callable[[Path], None]
    spoil: str
    open: Callable[[Path, Store], object]


def _add(folder: Path, store: Store) -> None:
    store.add(folder, "new")
    Tokenizer.open(store.folder / "new")


def _add_zip(folder: Path, store: Store) -> None:
    store.add(folder / "csvs.zip", "new")


def _safetensors(folder: Path) -> None:
    tokenizer = Tokenizer.from_merges([(b"a", b"b"), (b" ", b"a"), (b"ab", b"c")])
    config = Config(len(tokenizer), n_positions=12, n_embd=8, n_layer=2, n_head=2)
    chance = np.random.default_rng(1)
    arrays = {name: chance.normal(0, 0.7, [config.sizes[axis] for axis in axes]).astype(np.float32)
              for name, axes in gpt2(config).weights.items()}
    export_huggingface(config, arrays, None, folder)
    tokenizer.save(folder)


def _shards(folder: Path) -> None:
    _safetensors(folder)
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    halves = {name: f"model-0000{1 + place % 2}-of-00002.safetensors"
              for place, name in enumerate(tensors)}
    for shard in set(halves.values()):
        save_file({name: tensors[name] for name in tensors if halves[name] == shard},
                  folder / shard)
    lines = ", ".join(f'"{name}": "{shard}"' for name, shard in halves.items())
    (folder / "model.safetensors.index.json").write_text(f'{{"weight_map": {{{lines}}}}}')


def _torch(folder: Path) -> None:
    _safetensors(folder)
    torch.save(load_tensors(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _nanogpt(folder: Path) -> None:
    save(trained(ARGUMENTS), ARGUMENTS, folder / "ckpt.pt")


def _tensorflow(folder: Path) -> None:
    shutil.copytree(OPENAI, folder, dirs_exist_ok=True)


def _csv(folder: Path) -> None:
    write_folder(folder / "csvs", digits())


def _csv_zip(folder: Path) -> None:
    _csv(folder)
    with zipfile.ZipFile(folder / "csvs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((folder / "csvs").iterdir()):
            archive.write(file, file.name)
    shutil.rmtree(folder / "csvs")


def _workbook(folder: Path) -> None:
    changes = [{"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0.5},
               {"kind": "formula", "step": "h5.attention",
                "formula": "softmax(causal(scores * 2))"},
               {"kind": "append", "ids": [261, 5]}]
    cells = [{"cell": "c1", "kind": "code", "name": "", "source": "x = 1\nprint(x)"},
             {"cell": "c2", "kind": "formula", "name": "y", "source": "logits.mean()"}]
    text = written(Workbook("storybook", "Mike is quick.", changes, cells))  # type: ignore[arg-type]
    (folder / "workbook.py").write_text(text, encoding="utf-8")


def _checkpoint(folder: Path) -> None:
    save_checkpoint(begin(CONFIG, PLAN), folder / "checkpoint.pt")


def _record(folder: Path) -> None:
    store = Store(folder / "store")
    for name in ("one", "two"):
        store.add(OPENAI, name)


def _models_of_the_record(folder: Path, store: Store) -> None:
    other = Store(folder / "store")
    assert other.open("two").weights["wte"].size
    assert set(other.names()) >= {"two"}
    for name in other.names():
        other.open(name)


TEXTS = [f"Document {number}: the cat said \"no\", twice; and it went.\nSo."
         for number in range(30)]


def _text_tables(folder: Path) -> None:
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["number", "text"], *enumerate(TEXTS)])
    (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n"
                                                for text in TEXTS), encoding="utf-8")
    (folder / "plain.txt").write_text("<|endoftext|>".join(TEXTS), encoding="utf-8")
    rows = " UNION ALL ".join(f"SELECT 'Document {number}' AS text" for number in range(30))
    duckdb.sql(f"COPY ({rows}) TO '{folder / 'texts.parquet'}' (FORMAT parquet)")


def _documents(folder: Path, store: Store) -> None:
    for file in sorted(folder.iterdir()):
        for _ in read_documents(file, Reading()):
            pass


FORMATS = {
    "safetensors": Format(_safetensors, "*.safetensors", _add),
    "shards of safetensors": Format(_shards, "model*", _add),
    "a configuration": Format(_safetensors, "config.json", _add),
    "a tokenizer": Format(_safetensors, "vocab.json|merges.txt|tokenizer*.json", _add),
    "PyTorch": Format(_torch, "pytorch_model.bin", _add),
    "nanoGPT": Format(_nanogpt, "ckpt.pt", lambda folder, store: store.add(folder, "new")),
    "TensorFlow": Format(_tensorflow, "model.ckpt*|checkpoint|hparams.json",
                         lambda folder, store: store.add(folder, "new")),
    "CSV": Format(_csv, "csvs/*", lambda folder, store: store.add(folder / "csvs", "new")),
    "CSV in a zip": Format(_csv_zip, "csvs.zip", _add_zip),
    "a workbook": Format(_workbook, "workbook.py",
                         lambda folder, store: read_workbook_file(folder / "workbook.py")),
    "a training checkpoint": Format(_checkpoint, "checkpoint.pt",
                                    lambda folder, _: load_checkpoint(folder / "checkpoint.pt")),
    "a record of the store": Format(_record, "store/one/cutaway.json|store/one/config.json",
                                    _models_of_the_record),
    "texts": Format(_text_tables, "*", _documents),
}


def spoil(folder: Path, pattern: str, chance: random.Random) -> str:
    """Spoil one of the files in one way.  returns  which, and how"""
    files = sorted(file for one in pattern.split("|") for file in folder.glob(one))
    file = chance.choice(files)
    how = chance.choice([_flip, _flip, _cut, _fill, _put_in, _take_out, _extreme, _extreme, _swap,
                         _repeat, _empty])
    file.write_bytes(how(file.read_bytes(), chance))
    return f"{file.name}: {how.__name__}"


def _place(data: bytes, chance: random.Random) -> int:
    """A place in a file: as often in its header as anywhere."""
    return chance.randrange(max(1, min(len(data), FEW) if chance.random() < 0.6 else len(data)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 8, 40])):
        spoiled[_place(data, chance)] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[:_place(data, chance)]


def _fill(data: bytes, chance: random.Random) -> bytes:
    at, count = _place(data, chance), chance.choice([1, 4, 8, 64, 1000])
    byte = chance.choice([b"\0", b"\xff", b"\x80", b"0", b"{"])
    return data[:at] + byte * count + data[at + count:]


def _put_in(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.randbytes(chance.choice([1, 3, 8, 100])) + data[at:]


def _take_out(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.choice([1, 3, 8, 100]):]


def _swap(data: bytes, chance: random.Random) -> bytes:
    one, two = sorted([_place(data, chance), _place(data, chance)])
    return data[:one] + data[two:two + 16] + data[one + 16:two] + data[one:one + 16] + \
        data[two + 16:]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at:at + 200] * chance.choice([2, 50]) + data[at:]


def _empty(data: bytes, chance: random.Random) -> bytes:
    return chance.choice([b"", b"\0" * 100, b"null", b"[]", b"{}", b"5", b'"abc"'])


def _extreme(data: bytes, chance: random.Random) -> bytes:
    """Another number in the place of one, or, where there are none, eight bytes of a length."""
    numbers = list(re.finditer(rb"(?<=[\s:,\[(])-?\d+(\.\d+)?", data[:20_000]))
    if not numbers:
        at = _place(data, chance)
        length = chance.choice([b"\xff" * 8, b"\xff" * 7 + b"\x7f", bytes(8)])
        return data[:at] + length + data[at + 8:]
    one = chance.choice(numbers)
    return data[:one.start()] + chance.choice(EXTREME) + data[one.end():]

