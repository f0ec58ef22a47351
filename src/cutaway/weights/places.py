"""Where in a folder the model is: at the top, in its newest checkpoint, or in a snapshot.

`transformers`' Trainer writes `checkpoint-500`, `checkpoint-1000`, ... into its output folder. The
Hugging Face cache on this computer has `models--OWNER--NAME/snapshots/COMMIT`, where `refs/main`
says which commit is the newest.
Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cutaway.words import in_one_line

CHECKPOINT = re.compile(r"(?:checkpoint|ckpt|step|epoch|iter)[-_]?([0-9]{1,18})")
CACHED = "models--"
COMMIT = re.compile(r"[0-9A-Za-z]{1,100}")


@dataclass(frozen=True)
class CachedModel:
    """A model in the Hugging Face cache.

    name      OWNER/NAME
    folder    all that the cache has of it
    snapshot  the files of its newest commit
    """

    name: str
    folder: Path
    snapshot: Path


def inner_folder(path: Path) -> tuple[Path, str]:
    """The folder in which a model's files are, and a sentence where that is not `path` itself."""
    if path.name.startswith(CACHED) and (snapshot := _snapshot(path)):
        return snapshot, f"It is the commit {snapshot.name} of the Hugging Face cache."
    checkpoints = sorted((int(found[1]), one.name) for one in path.iterdir()
                         if (found := CHECKPOINT.fullmatch(one.name)) and one.is_dir())
    if not checkpoints:
        return path, ""
    newest = checkpoints[-1][1]
    others = len(checkpoints) - 1
    return path / newest, f"It is {newest}, the newest of {others + 1} checkpoints." if others \
        else f"It is {newest}, the only checkpoint."


def cache_folder_of_hugging_face() -> Path:
    """Where Hugging Face's libraries keep what they downloaded."""
    if folder := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(os.path.expanduser(folder))
    if home := os.environ.get("HF_HOME"):
        return Path(os.path.expanduser(home)) / "hub"
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(caches) / "huggingface" / "hub"


def cached_models() -> Iterator[CachedModel]:
    """The models in the Hugging Face cache, by name, whatever kinds of models they are."""
    try:
        folders = sorted(cache_folder_of_hugging_face().glob(f"{CACHED}*"))
    except OSError:
        return
    for folder in folders:
        if snapshot := _snapshot(folder):
            name = folder.name.removeprefix(CACHED).replace("--", "/")
            yield CachedModel(in_one_line(name, 200), folder, snapshot)


def place_of(path: str | Path) -> Path:
    """A path, or the folder of the model in the Hugging Face cache that is called OWNER/NAME."""
    found = Path(path).expanduser()
    if found.exists():
        return found
    return next((one.folder for one in cached_models() if one.name == str(path)), found)


def _snapshot(folder: Path) -> Path | None:
    """The files of the newest commit: the one that `refs/main` names, else the newest folder."""
    try:
        with (folder / "refs" / "main").open(encoding="utf-8") as file:
            commit = file.read(101).strip()
        if COMMIT.fullmatch(commit) and (named := folder / "snapshots" / commit).is_dir():
            return named
    except (OSError, UnicodeDecodeError):
        pass
    try:
        snapshots = [one for one in (folder / "snapshots").iterdir() if one.is_dir()]
        return max(snapshots, key=lambda one: (one.stat().st_mtime, one.name), default=None)
    except OSError:
        return None
