"""What `torch.save` was given: a state dict, or a checkpoint that holds one among other things.

Lightning has it under `state_dict`, nanoGPT under `model`, DeepSpeed under `module`, and so on:
whatever it is called, it is the one dictionary with a token table in it. The optimizer's state and
all else is left out by name. Some checkpoints say the number of heads besides.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cutaway.errors import CorruptFile
from cutaway.weights.nanogpt import is_nanogpt, nanogpt_config
from cutaway.weights.state_dict import some, token_tables

DEPTH = 3  # {"checkpoint": {"model": {"state_dict": ...}}}
SETTINGS = ("hyper_parameters", "hparams", "config", "model_config", "args", "model_args")
HEADS = ("n_head", "n_heads", "num_heads", "num_attention_heads")
OPTIMIZER = {"state", "param_groups"}
Saved = dict[Any, Any]
Place = tuple[str, ...]


def state_dict_in(file: Path, content: Any) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The tensors by name in what was saved; fields of the configuration; what else there is.

    Raises:  CorruptFile when there is none, or more than one; ConfigError for a checkpoint of
             nanoGPT's that says another model than its own
    """
    found = [(place, one) for place, one in _dictionaries(content, (), set()) if _has_tensors(one)]
    with_table = [one for one in found if token_tables(map(str, one[1]))]
    chosen = with_table or [one for one in found if not _others(one[1])]
    if len(chosen) > 1:
        raise CorruptFile(
            f"{file.name} holds several state dicts ({some(map('.'.join, dict(chosen)))}). Save "
            "the one that you want: torch.save(checkpoint[NAME], ...).")
    if not chosen:
        raise CorruptFile(
            f"{file.name} is the state of an optimizer, which training goes on from: the model "
            "is in another file. Open the file of the model beside it."
            if isinstance(content, dict) and content.keys() >= OPTIMIZER else
            f"{file.name}: tensors by name are expected (a model's state_dict). "
            "Save it with torch.save(model.state_dict(), ...).")
    place, state = chosen[0]
    told = nanogpt_config(file, content["model_args"]) if is_nanogpt(content) else {}
    return ({name: value for name, value in state.items() if _is_tensor(name, value)},
            told or _heads_in(content, place), [*_beside(content, place), *_others(state)])


def _dictionaries(content: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, Saved]]:
    """A dictionary and those in it, each once, with where it is."""
    if not isinstance(content, dict) or id(content) in seen:
        return
    seen.add(id(content))
    yield place, content
    for name, value in content.items() if len(place) < DEPTH else ():
        if isinstance(name, str):
            yield from _dictionaries(value, (*place, name), seen)


def _is_tensor(name: Any, value: Any) -> bool:
    import torch

    return isinstance(name, str) and torch.is_tensor(value)


def _has_tensors(content: Saved) -> bool:
    return any(_is_tensor(name, value) for name, value in content.items())


def _others(content: Saved) -> list[str]:
    """What is no tensor in a state dict."""
    return [str(name) for name, value in content.items() if not _is_tensor(name, value)]


def _beside(content: Saved, place: Place) -> list[str]:
    """What is beside the state dict, from the outside in."""
    names: list[str] = []
    for step in place:
        names += [str(name) for name in content if name != step]
        content = content[step]
    return names


def _heads_in(content: Saved, place: Place) -> Saved:
    """The number of heads that the settings in a checkpoint say, where they agree on one."""
    told: set[int] = set()
    for step in place:
        told |= set(_heads(content.get(name) for name in SETTINGS))
        content = content[step]
    return {"n_head": told.pop()} if len(told) == 1 else {}


def _heads(settings: Iterable[Any]) -> Iterator[int]:
    for one in settings:
        if isinstance(one, dict):
            inner = (one, *(value for value in one.values() if isinstance(value, dict)))
            yield from (value for fields in inner for name in HEADS
                        if type(value := fields.get(name)) is int)
