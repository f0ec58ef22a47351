"""A played document with real tasks for models, and files to drop on it."""

import asyncio
import csv
import json
import os
import resource
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import uvicorn

from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import SERVER
from cutaway.studio.models.tasks import ModelTasks
from cutaway.studio.models.upload import Limits
from cutaway.studio.models.verbs import VERBS
from cutaway.tokenizer import Tokenizer
from tests.studio.asking import as_promised
from tests.weights import peers
from tests.weights.hub_server import Hub, running

N_TOKENS = 270
HPARAMS = peers.OPENAI / "hparams.json"  # of the tiny model whose numbers `peers` has


class PlayedBook:
    """An open book as far as models are concerned.  pushed: what all tabs were told"""

    def __init__(self, store_folder: Path, limits: Limits | None = None):
        self.models = ModelTasks(store_folder, limits)
        self.pushed: list[dict] = []

    def push(self, message: dict) -> None:
        self.pushed.append(message)

    async def ask(self, verb: str, **fields) -> dict:
        """What the server answers to a message of the page."""
        told = await VERBS[verb](self, checked(SERVER[verb], fields))
        return as_promised(SERVER[verb].answer, told)

    async def drop(self, *files: Path, upload: str | None = None) -> dict:
        """What is found when these files were dropped, each that is wanted sent in full."""
        announced = [{"name": file.name, "bytes": file.stat().st_size} for file in files]
        begun = await self.ask("upload_begin", files=announced, upload=upload)
        held = self.models.uploads.find(begun["upload"])
        for file, entry in zip(files, begun["files"], strict=True):
            if entry["state"] == "awaited":
                await self.models.uploads.receive(held, entry["index"], pieces(file.read_bytes()))
        return await self.ask("upload_check", upload=begun["upload"])


async def pieces(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """Bytes as they come from the network."""
    for start in range(0, len(data), size):
        yield data[start:start + size]


def speaking(numbers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same with embeddings of as many tokens as a tokenizer of `N_TOKENS` tokens needs."""
    rows = np.random.default_rng(1).normal(size=(N_TOKENS, numbers["wte"].shape[1]))
    return numbers | {"wte": rows.astype(np.float32)}


def write_tokenizer(folder: Path) -> Path:
    """The folder, with the files of a tokenizer of `N_TOKENS` tokens in it, and its hparams."""
    merges = [(b"a" * length, b"a") for length in range(1, N_TOKENS - 256)]
    Tokenizer.from_merges(merges).save(folder)
    hparams = json.loads(HPARAMS.read_text()) | {"n_vocab": N_TOKENS}
    (folder / "hparams.json").write_text(json.dumps(hparams))
    return folder


def write_csvs(folder: Path, numbers: dict[str, np.ndarray]) -> dict[str, Path]:
    """The workshop's files, by our names, written by Python's csv module."""
    folder.mkdir()
    paths = {}
    for ours, (_, openai) in peers.spellings().items():
        paths[ours] = folder / f"model_{openai.removeprefix('model/').replace('/', '_')}.csv"
        with paths[ours].open("w", newline="") as file:
            csv.writer(file).writerows(np.atleast_2d(numbers[ours]).tolist())
    return paths


@contextmanager
def served(app) -> Iterator[str]:
    """The address at which an ASGI app is served on this machine while the block runs."""
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    try:
        yield "127.0.0.1:" + str(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


def wait_until(holds, seconds: float = 20) -> None:
    """Nothing, once `holds()` does; fails when it does not within the time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def run(work):
    """What a coroutine gives."""
    return asyncio.run(work)


def state_of(found, name):
    return {file["name"]: file["state"] for file in found["files"]}[name]


def words_of(found, name):
    return {file["name"]: file["words"] for file in found["files"]}[name]


def files_below(folder):
    """The files below a folder, by their paths within it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                  if path.is_file())


@contextmanager
def files_of_at_most(size_bytes):
    """The system breaks off every file at this length, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def local_hub(folder: Path, monkeypatch) -> Iterator[Hub]:
    """A hub on this machine that has one model as "gpt2", where all processes look for it."""
    peers.huggingface_model(peers.digits()).save_pretrained(folder)
    for name in [name for name in os.environ if "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    with running(Hub("openai-community/gpt2", folder)) as hub:
        for name, value in {"HF_ENDPOINT": hub.address, "HF_HUB_OFFLINE": "0",
                            "HF_HOME": str(folder.parent / "hf"),
                            "HF_HUB_DISABLE_TELEMETRY": "1"}.items():
            monkeypatch.setenv(name, value)
        yield hub
