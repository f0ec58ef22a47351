"""Two processes train as one does: gloo on a CPU, DDP and FSDP2, and on from each other's files."""

import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from cutaway.errors import CorruptFile, TrainingError
from cutaway.train.checkpoint import is_there, load_checkpoint, read_plan, save_checkpoint
from cutaway.train.data import Windows
from cutaway.train.loop import begin, train
from cutaway.train.processes import Processes, join_processes
from tests.train.test_loop import CONFIG, PLAN, WINDOWS, losses

REPOSITORY = Path(__file__).parents[2]
SAVED_AT = 5
# The two add up their halves in another order than one process does its whole.
TOLERANCE = {"rtol": 2e-5}


def environment(rank: int, port: int) -> dict[str, str]:
    """What torchrun tells each process."""
    return {**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2",
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1",
            "GLOO_SOCKET_IFNAME": "lo",
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])}


def run_two(*arguments: str, cwd: Path) -> list[subprocess.CompletedProcess[str]]:
    """Two processes of Python with the same arguments, to their end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    both = [subprocess.Popen([sys.executable, *arguments], cwd=cwd, env=environment(rank, port),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for rank in range(2)]
    ends = [process.communicate(timeout=240) for process in both]
    return [subprocess.CompletedProcess(process.args, process.returncode, *end)
            for process, end in zip(both, ends, strict=True)]


@pytest.fixture(scope="module")
def alone() -> list[float]:
    """The losses of one process."""
    return losses(begin(CONFIG, PLAN))


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> tuple[Path, list[dict]]:
    """The folder of two processes' checkpoints, and what each of them saw."""
    folder = tmp_path_factory.mktemp("two")
    for name in ("alone", "ddp", "fsdp"):
        (folder / name).mkdir()
    training = begin(CONFIG, PLAN)
    assert len(list(islice(train(training, WINDOWS), SAVED_AT))) == SAVED_AT
    save_checkpoint(training, folder / "alone" / "checkpoint.pt")
    script = str(Path(__file__).with_name("two_processes.py"))
    for process in run_two(script, str(folder), cwd=folder):
        assert process.returncode == 0, process.stderr
    return folder, [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_processes_see_the_losses_of_one(two, alone, kind):
    for found in two[1]:
        np.testing.assert_allclose(found[kind], alone, **TOLERANCE)


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_processes_go_on_from_their_own_checkpoint(two, kind):
    for found in two[1]:
        np.testing.assert_allclose(found[f"{kind} again"], found[kind][SAVED_AT:], **TOLERANCE)


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_processes_go_on_from_the_checkpoint_of_one(two, alone, kind):
    for found in two[1]:
        np.testing.assert_allclose(found[f"{kind} from one process"], alone[SAVED_AT:],
                                   **TOLERANCE)


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_one_process_goes_on_from_the_checkpoint_of_two(two, alone, kind):
    training = load_checkpoint(two[0] / kind / "checkpoint.pt")
    assert (training.done, training.plan) == (SAVED_AT, PLAN)
    np.testing.assert_allclose(losses(training), alone[SAVED_AT:], **TOLERANCE)


def test_processes_that_share_the_weights_write_parts_and_the_others_one_file(two):
    folder, _ = two
    assert sorted(path.name for path in (folder / "ddp").iterdir()) == ["checkpoint.pt"]
    assert [path.name for path in (folder / "fsdp").iterdir()] == [f"checkpoint-{SAVED_AT}"]
    assert len(list((folder / "fsdp" / f"checkpoint-{SAVED_AT}").glob("*.distcp"))) == 2


def test_when_one_process_is_to_stop_all_do(two):
    assert [found["stop"] for found in two[1]] == [[False, True], [False, True]]


def test_a_file_that_is_written_later_takes_the_place_of_the_parts(two, tmp_path):
    training = load_checkpoint(two[0] / "fsdp" / "checkpoint.pt")
    (tmp_path / "checkpoint-3").mkdir()
    save_checkpoint(training, tmp_path / "checkpoint.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_draft_that_was_left_half_written_is_no_checkpoint(tmp_path):
    (tmp_path / "draft-7").mkdir()
    assert not is_there(tmp_path / "checkpoint.pt")
    with pytest.raises(TrainingError, match="begin without --resume"):
        read_plan(tmp_path / "checkpoint.pt")


def test_the_command_line_trains_in_two_processes_and_one_of_them_writes(tmp_path):
    (tmp_path / "story.txt").write_text("The cat saw a red ball. It was happy. " * 60)
    command = ["-m", "cutaway", "train", "story.txt", "--out", "mine", "--blocks", "1", "--heads",
               "2", "--embed", "8", "--context", "16", "--vocab-size", "260", "--batch", "4",
               "--steps", "4", "--every", "2", "--warmup", "1", "--shard"]
    first, second = run_two(*command, cwd=tmp_path)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "step 4 of 4" in first.stdout and second.stdout == ""
    assert (tmp_path / "mine" / "model.safetensors").exists()
    assert not (tmp_path / "mine" / ".training").exists()


def test_weights_cannot_be_dealt_out_to_one_process(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(TrainingError, match="torchrun --nproc-per-node 2"), \
            join_processes("cpu", sharded=True):
        pass


def test_more_processes_than_windows_of_a_batch_are_told():
    training = begin(CONFIG, PLAN)
    training.processes = Processes(count=5)
    with pytest.raises(TrainingError, match="4 windows, too few for 5 processes"):
        next(train(training, WINDOWS))
    training.processes = Processes(count=2)
    short = Windows(WINDOWS.stream[:13], 12, 12)
    with pytest.raises(TrainingError, match="1 windows, too few for 2 processes"):
        next(train(training, short))


class Harm:
    """What a pickle can do to whoever opens it: here it would make a folder."""

    def __reduce__(self):
        return os.mkdir, ("harmed",)


def test_nothing_in_a_folder_of_parts_is_executed(two, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(two[0] / "fsdp" / f"checkpoint-{SAVED_AT}", tmp_path / "checkpoint-1")
    (tmp_path / "checkpoint-1" / ".metadata").write_bytes(pickle.dumps(Harm(), 2))
    record = tmp_path / "checkpoint-1" / "training.json"  # whoever does harm leaves no checksums
    record.write_text(json.dumps({**json.loads(record.read_text()), "sha256": {}}))
    with pytest.raises(CorruptFile, match="or not whole"):
        load_checkpoint(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("name", [".metadata", "training.json", "__1_0.distcp"])
def test_a_folder_of_parts_that_lacks_one_is_told(two, tmp_path, name):
    shutil.copytree(two[0] / "fsdp" / f"checkpoint-{SAVED_AT}", tmp_path / "checkpoint-1")
    (tmp_path / "checkpoint-1" / name).unlink()
    with pytest.raises((CorruptFile, TrainingError)):
        load_checkpoint(tmp_path / "checkpoint.pt")


@pytest.mark.parametrize("name", [".metadata", "__0_0.distcp", "__1_0.distcp"])
def test_a_bit_that_changed_in_a_part_is_told(two, tmp_path, name):
    shutil.copytree(two[0] / "fsdp" / f"checkpoint-{SAVED_AT}", tmp_path / "checkpoint-1")
    assert load_checkpoint(tmp_path / "checkpoint.pt").done == SAVED_AT
    content = bytearray((tmp_path / "checkpoint-1" / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "checkpoint-1" / name).write_bytes(content)
    with pytest.raises(CorruptFile, match="or not whole"):
        load_checkpoint(tmp_path / "checkpoint.pt")
