"""The models of the store and the bundled ones: what the page lists."""

from pathlib import Path
from typing import Any

from cutaway.errors import CutawayError, UnknownModel
from cutaway.look import sheets_of_weights
from cutaway.weights import ModelFiles, Store, bundled_names, fetch, find_model
from cutaway.weights.card import sentence_of_card
from cutaway.weights.progress import ProgressCallback
from cutaway.words import message


def list_models(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """Every model, the bundled ones first; one that cannot be read says why."""
    store = Store(Path(order["store"]))
    names = [*((name, "bundled") for name in bundled_names()),
             *((name, "store") for name in store.names())]
    return {"models": [_described(name, kept, store) for name, kept in names]}


def list_tensors(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """The tensors of one model, from top to bottom. No number is read.

    Raises:  UnknownModel, and all that `read_model_files` raises
    """
    model = known_model(order["name"], Store(Path(order["store"])))
    book = model.architecture.book(model.config)
    sheets = sheets_of_weights(book)
    return {"tensors": [
        {"name": name, "sheet": sheets[name], "axes": list(book.weights[name]),
         "size": list(origin.shape), "dtype": origin.dtype, "file": origin.file.name,
         "stored_as": origin.tensor}
        for name in model.weights if (origin := model.weights.origin(name))]}


def remove_model(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """Delete a model of the store.  Raises:  UnknownModel"""
    Store(Path(order["store"])).remove(order["name"])
    return {}


def fetch_model(order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """A model of the hub, downloaded.  Raises:  what `fetch` raises"""
    store = Store(Path(order["store"]))
    return {"model": _described(fetch(order["name"], store, report).name, "store", store)}


def known_model(name: str, store: Store) -> ModelFiles:
    """The model of that name; a path, which `find_model` would take, is none.

    Raises:  UnknownModel, and all that `read_model_files` raises
    """
    names = [*bundled_names(), *store.names()]
    if name not in names:
        raise UnknownModel(f"There is no model {name!r} here. There are: {', '.join(names)}.")
    return find_model(name, store)


def described(name: str, kept: str, model: ModelFiles) -> dict[str, Any]:
    """What the list says of a model.  kept: "bundled" or "store" """
    config = model.config
    return {"name": name, "kept": kept, "problem": "", "parameters": model.weights.count,
            "bytes": model.weights.file.stat().st_size, "n_layer": config.n_layer,
            "n_head": config.n_head, "n_embd": config.n_embd, "n_positions": config.n_positions,
            "n_vocabulary": config.vocab_size, "n_tensors": len(model.weights),
            "has_tokenizer": model.tokenizer_folder is not None,
            "about": sentence_of_card(model.card)}


def _described(name: str, kept: str, store: Store) -> dict[str, Any]:
    try:
        return described(name, kept, known_model(name, store))
    except CutawayError as error:
        return {"name": name, "kept": kept, "problem": message(str(error))}
