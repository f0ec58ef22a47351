"""What `cutaway train` checks before anything is read: options that contradict, and the folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from cutaway.disk import remove_whole, settle_files
from cutaway.errors import DiskError, TrainingError

# The settings of a model that is trained from the beginning; --from has them already.
OF_THE_MODEL = ("n_layer", "n_head", "n_embd", "architecture", "vocab_size", "tokenizer")


def check_folder(folder: Path, resume: bool) -> None:
    """Check that a model can be made in the folder.

    What a process that ended left behind there is finished or cleared first.
    Raises:  TrainingError when one is there already, or an unfinished one that was not asked for
    """
    settle_files(folder)
    if (folder / "config.json").exists() and (folder / ".training" / "written").exists():
        remove_whole(folder / ".training")  # its last process ended before it did so
    if (folder / "config.json").exists():
        raise TrainingError(f"{folder} holds a model already. Choose another folder with --out.")
    if not resume and list((folder / ".training").glob("checkpoint[.-]*")):
        raise TrainingError(f"{folder} holds a training run that was stopped. Go on with it with "
                            "--resume, or choose another folder with --out.")


def make_folder(folder: Path) -> None:
    """Make the folder where there is none.

    Raises:  DiskError when it cannot be made
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"{folder} cannot be made: {error.strerror}. Choose another folder with "
                        "--out.") from None


def expect_one_vocabulary(context: click.Context, settings: dict[str, Any]) -> None:
    """Check that a vocabulary is learned or named, not both.  Raises:  click.UsageError"""
    given = context.get_parameter_source("vocab_size")
    if settings["tokenizer"] is not None and given is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--vocab-size is for a vocabulary that is learned, and --tokenizer "
                               "names one that is there: give one of the two.")


def expect_no_settings(context: click.Context, settings: dict[str, Any]) -> None:
    """Check that --resume stands without settings, which are those of the checkpoint.

    Raises:  click.UsageError naming those that were given
    """
    if given := _given(context, settings):
        raise click.UsageError(
            f"--resume goes on with the settings that the training run began with: leave out "
            f"{', '.join(given)}.")


def expect_no_shape(context: click.Context) -> None:
    """Check that --from stands without what the model that it names has already.

    Raises:  click.UsageError naming those options
    """
    if given := _given(context, OF_THE_MODEL):
        raise click.UsageError(
            f"--from goes on with the shape and the tokenizer of the model that it names: leave "
            f"out {', '.join(given)}. To train another shape from the beginning, leave out --from.")


def _given(context: click.Context, names: Iterable[str]) -> list[str]:
    """Those of the settings that the command line has, as their options."""
    options = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    return [options[name] for name in names
            if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT]
