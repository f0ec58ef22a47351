"""The tensors of a file by GPT-2's names, whichever program wrote it.

Programs that state GPT-2 in PyTorch call its tensors otherwise, have them the other way round, or
put words before every name: `layouts.py` has what each of them does. Here a file is recognised by
the name of its token table, and whatever stands before that name is taken off all names.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.errors import WeightsError
from cutaway.models.architecture import BLOCK
from cutaway.models.config import BIASES
from cutaway.weights.layouts import GPT2_NAMED, LAYOUTS, LINEAR, Layout
from cutaway.weights.mapping import StoredTensor
from cutaway.weights.names import LONGEST_NAME, our_name
from cutaway.words import in_one_line

# What programs that wrap a module put into its tensors' names.
WRAPPERS = re.compile(r"(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
BODY, HEAD = "transformer.", "lm_head.weight"
OTHER_HEADS = ("lm_head.decoder.weight",)  # DialoGPT's first files, older than transformers' head
SHOWN = 5

Tensors = Mapping[str, StoredTensor]


class StateDict(dict[str, StoredTensor]):
    """The tensors of a file, with what is known of the file besides.

    told      fields of the configuration that the file says, or the program that wrote it
    left_out  what else is in it
    notes     sentences about what it was taken for
    """

    def __init__(self, tensors: Tensors, *, told: Mapping[str, Any] | None = None,
                 left_out: Iterable[str] = (), notes: Iterable[str] = ()):
        super().__init__(tensors)
        self.told = dict(told or {})
        self.left_out = tuple(left_out)
        self.notes = tuple(notes)

    @property
    def says_its_shape(self) -> bool:
        """Whether nothing about the model's shape has to be found elsewhere."""
        return "vocab_size" in self.told

    def renamed(self, tensors: Tensors, told: Mapping[str, Any], left_out: Iterable[str],
                note: str = "") -> "StateDict":
        """The same file with its tensors by other names. What it says itself goes first."""
        return StateDict(tensors, told={**told, **self.told}, left_out=(*self.left_out, *left_out),
                         notes=(*self.notes, *([note] if note else [])))


def recognised(file: Path, stored: Tensors) -> Tensors:
    """The tensors by names that GPT-2's record knows; as they are where no program is recognised.

    Raises:  WeightsError for a file of several models, and for tensors in a block, or a head, that
             no program that is known has
    """
    tables = token_tables(stored)
    if len(tables) > 1:
        raise WeightsError(
            f"{file.name} holds several token tables ({some(tables)}), so perhaps several models. "
            "Save the state_dict of the one that you want.")
    named = {WRAPPERS.sub("", name): tensor for name, tensor in stored.items()}
    for layout in LAYOUTS if tables else ():
        end, table = layout.spelled("wte")[0], WRAPPERS.sub("", tables[0])
        prefix = table.removesuffix(end)
        if table.endswith(end) and (
                layout is GPT2_NAMED or prefix + layout.spelled("h0.ln_1_g")[0] in named):
            state = stored if isinstance(stored, StateDict) else StateDict(stored)
            return (_gpt2_named if layout is GPT2_NAMED else _renamed)(
                file, state, named, prefix, layout)
    return stored


def token_tables(names: Iterable[str]) -> list[str]:
    """Those of the names that a token table has, in whatever program."""
    ends = tuple(f".{layout.spelled('wte')[0]}" for layout in LAYOUTS)
    return [name for name in names if len(name) <= LONGEST_NAME and f".{name}".endswith(ends)]


def _gpt2_named(file: Path, state: StateDict, named: Tensors, prefix: str, layout: Layout
                ) -> Tensors:
    """The tensors of a program that has GPT-2's own names, maybe with others before them."""
    outer = prefix.removesuffix(BODY)
    inside = {name.removeprefix(outer): tensor for name, tensor in named.items()
              if name.startswith(outer)}
    for other in OTHER_HEADS:
        if other in inside and HEAD not in inside:
            inside[HEAD] = inside.pop(other)
    outside = {name: tensor for name, tensor in named.items() if not name.startswith(outer)}
    unknown = {name: tensor for name, tensor in inside.items()
               if our_name(name) is None and not name.endswith(layout.helpers)}
    table = inside[f"{prefix.removeprefix(outer)}wte.weight"]
    _expect_known(file, outside, unknown, table, layout)
    left_out = [*outside, *unknown]
    if not _is_output_by_input(inside, table):
        if list(inside) == list(state) and not (state.told or state.left_out or left_out):
            return dict(state)
        return state.renamed(inside, {}, left_out)
    turned = {name: tensor.transposed() if name.endswith(LINEAR) else tensor
              for name, tensor in inside.items()}
    if "activation_function" in state.told:
        return state.renamed(turned, {}, left_out)
    told, note = _by_its_head(turned, table)
    return state.renamed(turned, told, left_out, note)


def _by_its_head(tensors: Tensors, table: StoredTensor) -> tuple[dict[str, Any], str]:
    """Whether it is nanoGPT's or minGPT's, which its head tells; and a sentence that says so.

    Source: karpathy/minGPT, mingpt/model.py: the head has a table of its own, the curve is tanh's;
            karpathy/nanoGPT, model.py: the head is the token table, the curve is nn.GELU()
    """
    head = tensors.get(HEAD)
    tied = head is None or (head.origin.shape == table.origin.shape
                            and np.array_equal(head.read(), table.read(), equal_nan=True))
    program, curve, its_head = (("nanoGPT", "gelu", "is the token table") if tied
                                else ("minGPT", "gelu_new", "has a table of its own"))
    note = (f"It is taken for {program}'s, whose activation_function is {curve!r}, because its "
            f"head {its_head}. If it was trained with another one, put a config.json beside it "
            "that says which.")
    return {"activation_function": curve, **_told_by_tensors(tensors)}, note


def _renamed(file: Path, state: StateDict, named: Tensors, prefix: str, layout: Layout
             ) -> StateDict:
    """The tensors of a program that has names of its own, by ours."""
    inside = {name.removeprefix(prefix): tensor for name, tensor in named.items()
              if name.startswith(prefix)}
    tensors: dict[str, StoredTensor] = {}
    used: set[str] = set()
    for ours in _ours(inside, layout):
        parts = layout.spelled(ours)
        there = [part for part in parts if part in inside]
        if there and len(there) < len(parts):
            raise WeightsError(f"{file.name}: {some(there)} is there, and "
                               f"{some(set(parts) - set(there))} is not. Get the file again.")
        if there:
            used.update(parts)
            tensors[ours] = _as_ours(ours, [inside[part] for part in parts])
    unknown = {name: tensor for name, tensor in inside.items()
               if name not in used and not name.endswith(layout.helpers)}
    outside = {name: tensor for name, tensor in named.items() if not name.startswith(prefix)}
    _expect_known(file, outside, unknown, tensors["wte"], layout)
    told = {"activation_function": layout.activation, **_told_by_tensors(tensors)}
    return state.renamed(tensors, told, [*outside, *unknown],
                         f"It is a state dict of {layout.program}.")


def _ours(inside: Tensors, layout: Layout) -> Iterator[str]:
    """Our full names of all that a file of a layout may hold."""
    numbers = sorted({int(found[1]) for name in inside if len(name) <= LONGEST_NAME
                      and (found := re.match(layout.block, name))})
    for ours, theirs in layout.names.items():
        in_block = BLOCK in (theirs if isinstance(theirs, str) else theirs[0])
        yield from (f"h{number}.{ours}" for number in numbers) if in_block else (ours,)


def _as_ours(ours: str, parts: list[StoredTensor]) -> StoredTensor:
    """One tensor of ours from the one, or the three, of the file."""
    tensor = parts[0] if len(parts) == 1 else _side_by_side(parts)
    shape = tensor.origin.shape
    if ours == "wpe" and len(shape) == 3 and shape[0] == 1:
        return StoredTensor(replace(tensor.origin, shape=shape[1:]), lambda: tensor.read()[0])
    return tensor.transposed() if ours.endswith("_w") else tensor


def _side_by_side(parts: list[StoredTensor]) -> StoredTensor:
    """Queries, keys and values as one tensor: the rows of each after those of the one before.

    Raises:  WeightsError when they differ in width or type
    """
    origins = [part.origin for part in parts]
    first = origins[0]
    if len({(origin.shape, origin.dtype) for origin in origins}) > 1 or not first.shape:
        raise WeightsError(f"{first.file.name}: {some(one.tensor for one in origins)} have "
                           "different shapes or types; queries, keys and values of a GPT-2 have "
                           "the same. Get the file again.")
    shape = (len(parts) * first.shape[0], *first.shape[1:])
    origin = replace(first, tensor=" + ".join(one.tensor for one in origins), shape=shape)
    return StoredTensor(origin, lambda: np.concatenate([part.read() for part in parts]))


def _told_by_tensors(tensors: Tensors) -> dict[str, Any]:
    """The biases that no block has, and how wide the MLP is."""
    ours = {our_name(name) or "": tensor for name, tensor in tensors.items()}
    there = {name.rpartition(".")[2] for name in ours}
    up = ours["h0.c_fc_w"].origin.shape if "h0.c_fc_w" in ours else ()
    return {"missing_biases": tuple(bias for bias in BIASES if bias not in there),
            "n_inner": up[-1] if up else None}


def _is_output_by_input(tensors: Tensors, table: StoredTensor) -> bool:
    """Whether the file has its weights as nn.Linear has them, which the shapes of c_attn tell."""
    width = table.origin.shape[-1] if table.origin.shape else 0
    shapes = {tensor.origin.shape for name, tensor in tensors.items()
              if name.endswith("attn.c_attn.weight")}
    return shapes == {(3 * width, width)}


def _expect_known(file: Path, outside: Tensors, unknown: Tensors, table: StoredTensor,
                  layout: Layout) -> None:
    """Check that nothing is left out that the model's numbers would need.

    outside  the tensors whose names do not begin as the model's do
    unknown  those whose names do, and that the layout does not have
    Raises:  WeightsError
    """
    if in_blocks := [name for name in unknown if re.search(layout.block, name[:LONGEST_NAME])]:
        raise WeightsError(
            f"{file.name}: its blocks hold {some(in_blocks)}, which {layout.program} does not "
            "have: they would be left out, and the numbers come out wrong. Only models of "
            f"{layout.program}'s own code can be opened.")
    if heads := [name for name, tensor in {**outside, **unknown}.items()
                 if tensor.origin.shape == table.origin.shape]:
        raise WeightsError(
            f"{file.name}: {some(heads)} has the shape of the token table and may be the head, "
            f"which {layout.program} calls {layout.spelled('lm_head')[0]}. Rename it if it is, or "
            "leave it out of the file.")


def some(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    names = list(names)
    shown = ", ".join(in_one_line(name, 100) for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
