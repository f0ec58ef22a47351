"""Checkpoints: all that is needed to go on with the same digits, written whole or not at all.

One process writes one file. Processes that keep a part of the weights each (FSDP2) write a folder,
`checkpoint-STEP`, each its own part at the same time. Either is read by any number of processes,
once its checksums were compared: a bit that has changed would go on with other digits.
"""

import hashlib
import json
import pickle
import shutil
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

import torch
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.default_planner import DefaultLoadPlanner
from torch.distributed.checkpoint.filesystem import FileSystemReader
from torch.distributed.checkpoint.metadata import StorageMeta
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load as load_parts
from torch.distributed.checkpoint.state_dict_saver import save as save_parts

from cutaway.disk import replace_folder, settle_leftovers, whole_file
from cutaway.errors import CorruptFile, DiskError, TrainingError
from cutaway.models import GPT2, architecture_of
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.reading import expect_file, json_of
from cutaway.train.grown import GrownFrom
from cutaway.train.loop import Training, begin
from cutaway.train.plan import Plan
from cutaway.train.processes import ALONE, Processes
from cutaway.train.speed import PLAIN, choose_speed

RECORD = "training.json"
FAILURE = "{place} could not be written ({reason}). The checkpoint before it is untouched."


def save_checkpoint(training: Training, path: Path) -> None:
    """Write all that is needed to go on with the same digits. The old file stays until it is whole.

    Every process calls it. Processes that keep a part of the weights each write into a folder
    beside `path`.

    Raises:  DiskError when the disk is full or the folder cannot be written
    """
    if training.processes.sharded:
        _save_parts(training, path)
    elif training.processes.rank == 0:
        _save_file(training, path)
    training.processes.wait()


def _save_file(training: Training, path: Path) -> None:
    state = {**_description(training), "weights": training.module.state_dict(),
             "optimizer": training.optimizer.state_dict()}
    with whole_file(path, FAILURE) as draft:
        try:
            torch.save(state, draft)
        except RuntimeError as error:  # how torch tells of a full disk
            raise OSError(str(error)) from error
    for older in _folders(path):
        shutil.rmtree(older, ignore_errors=True)


def _description(training: Training) -> dict[str, Any]:
    module = training.module
    return {"architecture": module.architecture.model_type, "config": module.config.to_dict(),
            "plan": asdict(training.plan), "done": training.done,
            "grown_from": training.grown_from and training.grown_from.record()}


def _save_parts(training: Training, path: Path) -> None:
    """Into a draft folder, which gets its name when every process has written."""
    folder = path.parent / f"checkpoint-{training.done}"
    draft, first = path.parent / f"draft-{training.done}", training.processes.rank == 0
    state = _numbers(training)
    try:
        save_parts(state, checkpoint_id=str(draft))
        if first:
            record = {**_description(training), "sha256": _checksums(draft)}
            (draft / RECORD).write_text(json.dumps(record), encoding="utf-8")
            replace_folder(draft, folder)
            older = [one for one in _folders(path) if one != folder]
            for one in (*older, *path.parent.glob("draft-*")):  # drafts of processes that ended
                shutil.rmtree(one, ignore_errors=True)
            path.unlink(missing_ok=True)
    except (OSError, RuntimeError, CheckpointException) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise DiskError(FAILURE.format(place=folder, reason=error)) from None


def _checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a checkpoint in parts, but of its record."""
    found = {}
    for file in sorted(folder.iterdir()):
        if file.name != RECORD:
            expect_file(file)
            with file.open("rb") as opened:
                found[file.name] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


def _folders(path: Path) -> list[Path]:
    """The checkpoints in parts, the latest first."""
    settle_leftovers(path.parent)
    named = [one for one in path.parent.glob("checkpoint-*") if one.name[11:].isdigit()]
    return sorted(named, key=lambda one: -int(one.name[11:]))


def is_there(path: Path) -> bool:
    """Whether there is a checkpoint to go on from: the file, or a folder beside it."""
    return path.exists() or bool(_folders(path))


def read_plan(path: Path) -> Plan:
    """The plan of the training run that a checkpoint holds.

    Raises:  as `load_checkpoint`
    """
    return _read(path)[1]


def load_checkpoint(path: Path, device: str = "cpu", *, compiling: str = "auto",
                    processes: Processes = ALONE) -> Training:
    """The training run that a checkpoint holds. Nothing in the file is executed.

    compiling, processes  as in `choose_speed`: they may differ from those that wrote it
    Raises:  TrainingError when there is none; CorruptFile when it is no checkpoint, or not whole
    """
    config, plan, state = _read(path)
    kind = _architecture(state)
    try:
        speed = choose_speed(config, plan, device, compiling, processes, architecture=kind)
        training = begin(config, plan, device=device, speed=speed, processes=processes,
                         architecture=kind)
        if "weights" not in state:
            _fill_from_parts(training, state["folder"])
        elif processes.sharded:
            _deal_out(training, state)
        else:
            _fill(training, state)
        for group in training.optimizer.param_groups:
            group["fused"] = speed.fused or None  # as here, not as where it was written
        training.done = state["done"]
        training.grown_from = GrownFrom.read(state.get("grown_from"))
    except TrainingError:
        raise
    except (Exception, CheckpointException) as error:  # torch's own is no Exception
        raise _corrupt(path, error) from error
    return training


def _read(path: Path) -> tuple[ModelConfig, Plan, dict[str, Any]]:
    """What a checkpoint says of its run; its numbers, or in `folder` where they lie in parts."""
    try:
        if path.exists() or not _folders(path):
            expect_file(path)
            _expect_checksums(path)
            state = torch.load(path, weights_only=True, map_location="cpu")
        else:
            folder = _folders(path)[0]
            expect_file(folder / RECORD)
            state = {**json_of(folder / RECORD), "folder": folder}
            if state.get("sha256", {}) not in ({}, _checksums(folder)):
                raise ValueError("a checksum is another one")
        config = _architecture(state).config_class(**state["config"])
        return config, Plan(**{**state["plan"], "betas": tuple(state["plan"]["betas"])}), state
    except FileNotFoundError:
        raise TrainingError(f"There is no checkpoint {path}; begin without --resume.") from None
    except CorruptFile:
        raise
    except Exception as error:
        raise _corrupt(path, error) from error


def _expect_checksums(file: Path) -> None:
    """Compare each part of torch's file, which is a zip, with its checksum: torch does not.

    Raises:  ValueError, zipfile.BadZipFile
    """
    with zipfile.ZipFile(file) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"the checksum of {damaged} is another one")


def _architecture(state: Mapping[str, Any]) -> Architecture:
    """The kind of model that is trained; GPT-2 where an older checkpoint does not say."""
    return architecture_of(state.get("architecture", GPT2.model_type))


def _corrupt(path: Path, error: BaseException) -> CorruptFile:
    return CorruptFile(
        f"{path} is no checkpoint of a training run, or not whole ({type(error).__name__}). "
        f"Delete it and begin again: there is no older one beside it.")


def _fill(training: Training, state: Mapping[str, Any]) -> None:
    """The numbers of the one file, where every process keeps all weights."""
    training.module.load_state_dict(state["weights"])
    training.optimizer.load_state_dict(state["optimizer"])


def _deal_out(training: Training, state: Mapping[str, Any]) -> None:
    """The numbers of the one file, to processes that keep a part each."""
    whole = begin(training.module.config, training.plan, speed=PLAIN,
                  architecture=training.module.architecture)
    _fill(whole, state)
    full = StateDictOptions(full_state_dict=True)
    set_model_state_dict(training.module, whole.module.state_dict(), options=full)
    if state["optimizer"]["state"]:
        set_optimizer_state_dict(training.module, training.optimizer, options=full,
                                 optim_state_dict=get_optimizer_state_dict(
                                     whole.module, whole.optimizer, options=full))


def _numbers(training: Training) -> dict[str, Any]:
    """What is learned and remembered, tables only: the settings are in the plan."""
    memory = get_optimizer_state_dict(training.module, training.optimizer)
    return {"weights": get_model_state_dict(training.module), "memory": memory["state"]}


def _fill_from_parts(training: Training, folder: Path) -> None:
    """The numbers of a folder; each process reads what it keeps."""
    state = _numbers(training)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch remarks that one process alone reads it
        load_parts(state, storage_reader=_CarefulReader(str(folder)), planner=_NumbersOnly())
    set_model_state_dict(training.module, state["weights"])
    memory = get_optimizer_state_dict(training.module, training.optimizer)
    set_optimizer_state_dict(training.module, training.optimizer,
                             {**memory, "state": state["memory"]})


class _CarefulReader(FileSystemReader):
    """torch reads the list of the parts as a pickle, which could do anything; this one may not."""

    def read_metadata(self, *_: Any, **__: Any) -> Any:
        with (Path(self.path) / ".metadata").open("rb") as file:
            metadata = _Unpickler(file).load()
        metadata.storage_meta = StorageMeta(load_id=self.load_id)
        return metadata


class _Unpickler(pickle.Unpickler):
    """Makes records of torch's two modules that describe a checkpoint, and nothing else."""

    MODULES = ("torch.distributed.checkpoint.metadata", "torch.distributed.checkpoint.filesystem")
    KNOWN = (("torch", "Size"), ("torch.serialization", "_get_layout"))

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        found = super().find_class(module_name, global_name)
        kind = isinstance(found, type)
        record = is_dataclass(found) or (kind and issubclass(found, Enum))
        if ((module_name in self.MODULES and "." not in global_name and record)
                or (module_name, global_name) in self.KNOWN or isinstance(found, torch.dtype)
                or (kind and issubclass(found, PurePath))):
            return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not expected")


class _NumbersOnly(DefaultLoadPlanner):
    def load_bytes(self, read_item: Any, value: Any) -> None:
        raise pickle.UnpicklingError("only tables of numbers are expected")
