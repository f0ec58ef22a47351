"""Dropped files become a model of the store."""

import shutil
from pathlib import Path
from typing import Any

from cutaway.errors import SettingError, WeightsError
from cutaway.model import GPT2
from cutaway.studio.model_jobs.check import Examined, examine
from cutaway.studio.model_jobs.store import described, known_model
from cutaway.tokenizer import gpt2_folder
from cutaway.weights import Store, export_huggingface
from cutaway.weights.progress import Progress, ProgressCallback
from cutaway.weights.store import NAME


def keep(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """The model, as the list shows it, once it is in the store.

    order    what `examine` takes, and its `name`; `replace`, when it takes the place of the one of
             that name; `tokenizer`, whose it is to have: "gpt2" for GPT-2's, else a model's name
    Raises:  WeightsError when the files are no whole model, and all that `Store.add` raises; the
             store is then as it was
    """
    store = Store(Path(order["store"]))
    _expect_name(order["name"], order["replace"], store)  # before the long work
    found = examine(order, report)
    report(Progress("putting the model together", 0, found.weights.count, "numbers"))
    folder = Path(order["folder"]) / "model"
    _write(found, tokenizer_folder(found, order["tokenizer"], store), folder,
           Path(order["folder"]) / "files")
    put = store.replace if order["replace"] else store.add
    name = put(folder, order["name"], report).name
    return {"model": described(name, "store", store.open(name))}


def _expect_name(name: str, replace: bool, store: Store) -> None:
    if not NAME.fullmatch(name):
        raise SettingError(f"{name!r} cannot be a model's name: up to 100 letters, digits, '.', "
                           "'-' and '_' are expected, with a letter or digit first.")
    if not replace:
        store.expect_free(name)


def _write(found: Examined, tokenizer_folder: Path | None, folder: Path, files: Path) -> None:
    """One folder with all that belongs to the model, in the format of the store."""
    config = found.shape.config
    if config is None or found.problems:
        raise WeightsError(" ".join(found.problems) or "The shape of the model is not known yet. "
                           "Drop its config.json.")
    found.weights.check(config)
    shutil.rmtree(folder, ignore_errors=True)
    export_huggingface(config, found.weights, tokenizer_folder, folder)
    if (files / "README.md").is_file():
        shutil.copy(files / "README.md", folder / "README.md")


def tokenizer_folder(found: Examined, lender: str | None, store: Store) -> Path | None:
    """Where the tokenizer's files are: those that were dropped, or the lender's; None for none."""
    if found.tokenizer.folder is not None or lender is None:
        return found.tokenizer.folder
    return gpt2_folder() if lender == GPT2 else known_model(lender, store).tokenizer_folder
