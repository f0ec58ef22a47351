"""A training run that is killed at any of its operations on the disk goes on to the same digits."""

from pathlib import Path

import pytest

from cutaway.cli import main
from cutaway.cli.train_settings import check_folder
from cutaway.errors import TrainingError
from cutaway.tokenizer import Tokenizer
from cutaway.train.checkpoint import is_there, load_checkpoint
from cutaway.train.pretrain import CHECKPOINT, UNFINISHED
from cutaway.weights import read_model_files
from tests.dying import contents, deaths
from tests.profiles import many

TEXT = "The cat moves. The dog chases the cat. " * 8
SETTINGS = ("--blocks", "1", "--heads", "1", "--embed", "4", "--context", "8", "--batch", "2",
            "--steps", "3", "--vocab-size", "262")


def train_in(folder: Path, *more: str) -> None:
    (folder.parent / "story.txt").write_text(TEXT)
    with pytest.raises(SystemExit) as ended:
        main(["train", str(folder.parent / "story.txt"), "--out", str(folder / "model"),
              "--every", "2", "--compile", "no", *more], prog_name="cutaway")
    assert ended.value.code == 0


def is_finished(model: Path) -> bool:
    """Whether a model is there, as the next `cutaway train` finds out."""
    try:
        check_folder(model, resume=True)
    except TrainingError:
        return True
    return False


@pytest.mark.long
def test_train(tmp_path):
    """At last there are the very files of a run that nobody killed, and no others.

    The short profile only looks whether the checkpoint is whole; the long one goes on from it.
    """
    (tmp_path / "empty").mkdir()
    states = list(deaths(tmp_path / "empty", lambda folder: train_in(folder, *SETTINGS), tmp_path))
    after = contents(states[-1][1])
    assert len(states) >= 60 and not [name for name in after if "/." in name]
    finished, begun = set(), 0
    for operation, folder in states:
        model = folder / "model"
        checkpoint = model / UNFINISHED / CHECKPOINT
        if is_finished(model):
            read_model_files(model)
            assert contents(folder) == after, operation
        elif is_there(checkpoint):
            found = load_checkpoint(checkpoint)
            finished.add(found.done)
            assert found.done in (2, 3), operation
            Tokenizer.open(model / UNFINISHED)
            assert (model / UNFINISHED / "text.sha256").read_text()
            if many(0, 1):
                train_in(folder, "--resume")
                assert contents(folder) == after, operation
        else:
            begun += 1
            if many(0, 1):
                train_in(folder, *SETTINGS)
                assert contents(folder) == after, operation
    assert finished == {2, 3} and begun
