"""`cutaway claims`: what the sources state about GPT-2, each beside what is measured here."""

import re
from typing import TYPE_CHECKING, Any

import click

from cutaway.cli.options import examples, json_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cutaway.claims import Claim, Measured, Subject
    from cutaway.cli.screen import Screen
    from cutaway.model import Model

RESULTS = {"same": "same", "differs": "DIFFERS", "needs": "not measured"}


class Item(click.ParamType):
    """An item of the workshop's list: W37, w37 or 37."""

    name = "item"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"[Ww]?(\d{1,3})", value)
        if found is None:
            self.fail(f"{value!r} is no item. Give one by its number, such as W37.", param, ctx)
        return int(found[1])


@click.command(epilog=examples("cutaway claims", "cutaway claims W37 W102", "cutaway claims --json",
                               "cutaway claims --model gpt2"))
@click.argument("items", nargs=-1, type=Item(), metavar="[W37 ...]")
@click.option("--model", default="gpt2", show_default=True, metavar="NAME|PATH",
              help="Where OpenAI's weights are.")
@json_option
def claims(items: tuple[int, ...], model: str, as_json: bool) -> None:
    """What the sources state about GPT-2, each claim measured here: same or not.

    What needs arithmetic or GPT-2's vocabulary is measured on every computer. What needs OpenAI's
    weights is measured once they are there: cutaway fetch gpt2. Items named by their numbers are
    told in full. The exit status is 1 when a claim differs that was verified before.
    """
    from cutaway.claims import SUBJECTS

    opened = _gpt2(model)
    chosen = [(subject, _chosen(subject, items)) for subject in SUBJECTS]
    _expect_each(items, [claim for _, some in chosen for claim in some])
    if as_json:
        found = _print_as_json(opened, [claim for _, some in chosen for claim in some])
    else:
        found = _draw(opened, chosen, in_full=bool(items))
    if any(one.outcome == "differs" and one.claim.mark == "V" for one in found):
        raise click.exceptions.Exit(1)


def _chosen(subject: "Subject", items: tuple[int, ...]) -> "list[Claim]":
    return [claim for claim in subject.claims if not items or claim.item in items]


def _expect_each(items: tuple[int, ...], chosen: "Sequence[Claim]") -> None:
    """Raises:  SettingError for an item about which nothing is claimed"""
    from cutaway.claims import CLAIMS
    from cutaway.errors import SettingError

    if missing := set(items) - {claim.item for claim in chosen}:
        known = ", ".join(dict.fromkeys(claim.name for claim in sorted(
            CLAIMS, key=lambda claim: claim.item)))
        raise SettingError(f"W{min(missing)} states no number about GPT-2 that is measured. "
                           f"These do: {known}.")


def _gpt2(name: str) -> "Model | None":
    """The model that has the weights; None where it was not named and is not on this computer.

    Raises:  what opening a model raises
    """
    from cutaway.claims import NAME
    from cutaway.errors import UnknownModel
    from cutaway.model import open_model

    try:
        return open_model(name)
    except UnknownModel:
        if name != NAME:
            raise
        return None


def _draw(model: "Model | None", chosen: "Iterable[tuple[Subject, list[Claim]]]", *,
          in_full: bool) -> "list[Measured]":
    from cutaway.claims import measured
    from cutaway.cli.screen import open_screen

    screen, found = open_screen(), []
    for subject, some in chosen:
        if not some:
            continue
        screen.heading(subject.title)
        here = list(measured(some, model))
        found += here
        if in_full:
            _draw_in_full(screen, here)
        else:
            screen.table(["", "claimed", "", "measured here"], [_row(one) for one in here],
                         wrap=[1, 3])
    _draw_end(screen, model, found)
    return found


def _row(one: "Measured") -> list[str]:
    from cutaway.claims import in_words

    value = f"needs {one.needs}" if one.outcome == "needs" else in_words(one.value)
    claimed = f"{one.claim.says}: {in_words(one.claim.claimed)}"
    return [one.claim.name, claimed, RESULTS[one.outcome],
            "the same" if value == in_words(one.claim.claimed) else value]


def _draw_in_full(screen: "Screen", found: "Iterable[Measured]") -> None:
    from cutaway.claims import in_words

    for one in found:
        claim = one.claim
        rows = [["claimed", in_words(claim.claimed)], ["source", claim.source],
                ["how it is measured", claim.how],
                ["measured", f"needs {one.needs}" if one.outcome == "needs"
                 else in_words(one.value)], ["result", RESULTS[one.outcome]]]
        screen.print("")
        screen.print(f"  {claim.name}  {claim.says}")
        screen.table(["", ""], rows, wrap=[1])


def _draw_end(screen: "Screen", model: "Model | None", found: "Sequence[Measured]") -> None:
    from cutaway.claims import COMMAND, NAME, is_gpt2, is_openais
    from cutaway.cli.screen import counted

    counts = {outcome: sum(one.outcome == outcome for one in found) for outcome in RESULTS}
    screen.print("")
    screen.note(f"{counted(len(found), 'claim')}: {counts['same']} the same, {counts['differs']} "
                f"different, {counts['needs']} not measured.")
    if model is not None and is_gpt2(model):
        screen.note(f"{model.name} is OpenAI's file, by its checksum." if is_openais(model) else
                    f"{model.name} has the shape of GPT-2 small; whether its numbers are OpenAI's "
                    f"is not known.")
    elif model is not None:
        screen.note(f"{model.name} is not GPT-2 small. For OpenAI's weights: {COMMAND}")
    elif counts["needs"]:
        screen.hint(f"The claims about the weights of {NAME}:", COMMAND)


def _print_as_json(model: "Model | None", chosen: "Sequence[Claim]") -> "list[Measured]":
    from cutaway.claims import is_gpt2, is_openais, measured, plain
    from cutaway.cli.screen import print_json

    found = list(measured(chosen, model))
    print_json({
        "model": model.name if model is not None and is_gpt2(model) else None,
        "checksum_is_openais": model is not None and is_gpt2(model) and is_openais(model),
        "claims": [{"item": one.claim.name, "mark": one.claim.mark, "says": one.claim.says,
                    "source": one.claim.source, "claimed": plain(one.claim.claimed),
                    "measured": plain(one.value), "how": one.claim.how, "result": one.outcome,
                    "needs": one.needs} for one in found]})
    return found
