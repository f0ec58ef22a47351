"""A figure beside its target, and how it is said."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.rounds import Race, Spread


@dataclass(frozen=True)
class Figure:
    """What was found beside what is wanted.

    what    what is measured: "Generation float32, to the fastest peer (llama.cpp)"
    found   "1.08 x (1.05 to 1.11)"
    target  "at least 1.05 x"; empty where there is none
    met     None where it could not be measured, or has no target
    """

    what: str
    found: str
    target: str = ""
    met: bool | None = None


def at_least(what: str, found: float, target: float, *, said: str = "",
             form: str = "{:.2f} x") -> Figure:
    """A figure that should not be lower.  said: what was found, where more is to be told"""
    return Figure(what, said or _formed(form, found), f"at least {_formed(form, target)}",
                  found >= target)


def at_most(what: str, found: float, target: float, *, said: str = "",
            form: str = "{:.2f} x") -> Figure:
    """A figure that should not be higher."""
    return Figure(what, said or _formed(form, found), f"at most {_formed(form, target)}",
                  found <= target)


def _formed(form: str, number: float) -> str:
    return form.format(number).replace("%", " %")


def percent(share: float) -> str:
    """0.881 as 88 %."""
    return f"{100 * share:,.0f} %"


def unmeasured(what: str, why: str) -> Figure:
    return Figure(what, f"not measured: {why}")


def faster(what: str, race: Race, ours: str, peers: list[str], target: float) -> Figure:
    """How many times as fast as the fastest of some peers."""
    best = race.fastest(peers)
    if ours not in race.seconds or best is None:
        return unmeasured(what, race.left_out.get(ours, "no peer is here"))
    ratio = race.ratio(ours, best)
    to = best if len(peers) == 1 else f"the fastest peer ({best})"
    return at_least(f"{what}, to {to}", ratio.median, target,
                    said=ratio_in_words(ratio))


def ratio_in_words(ratio: Spread) -> str:
    """1.08 x (1.05 to 1.11)"""
    return f"{ratio.median:.2f} x ({ratio.low:.2f} to {ratio.high:.2f})"


def table(heads: list[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; the first column is text, the others numbers."""
    lines = ["| " + " | ".join(heads) + " |",
             "|---" + "|---:" * (len(heads) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def compared(races: Iterable[Race], name: str, ours: str) -> list[object]:
    """A row of a table: for each race milliseconds, and how many times as fast ours is."""
    row: list[object] = [f"**{name}**" if name == ours else name]
    for race in races:
        here = name in race.seconds
        row.append(f"{1e3 * race.spread(name).median:,.0f}" if here else "")
        both = here and name != ours and ours in race.seconds
        row.append(f"{race.ratio(ours, name).median:.2f} x" if both else "")
    return row


def left_out_in_words(left_out: dict[str, str]) -> str:
    """Not measured: OpenVINO (openvino is not installed)."""
    if not left_out:
        return ""
    return "Left out: " + "; ".join(f"{name} ({why})" for name, why in left_out.items()) + "."
