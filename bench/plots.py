"""The growth curves as drawings: Cutaway in colour, the machine's limit as a dashed line.

    python -m bench.growth --json > growth.json
    python -m bench.plots growth.json docs/figures

SVG with the text as text, so that it is sharp, small and can be searched; the same records give the
same file.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import edits, growth
from bench.rounds import Race

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
BLUE, AMBER, GREEN = "#1f6feb", "#b45309", "#0f766e"
COLOURS = {"float32": BLUE, "int8": GREEN}
SETTINGS: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "cutaway", "font.size": 10,
    "font.family": ["Inter", "Helvetica", "Arial", "DejaVu Sans"], "text.color": INK,
    "axes.edgecolor": FAINT, "axes.labelcolor": INK, "xtick.color": FAINT, "ytick.color": FAINT,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": GRID,
    "grid.linewidth": 0.8, "axes.axisbelow": True, "lines.linewidth": 2,
    "figure.facecolor": "white", "xtick.minor.bottom": False, "ytick.minor.left": False,
}


APART_POINTS = 13  # the names at the ends of lines


@dataclass(frozen=True)
class Curve:
    """A line, and the name that stands at its end.  dashed: a limit"""

    words: str
    x: list[float]
    y: list[float]
    colour: str = FAINT
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """A drawing.

    unit   what the height means
    ticks  what stands below which place; empty where the drawing may choose
    """

    title: str
    unit: str
    x_words: str
    curves: list[Curve]
    ticks: dict[float, str]
    logarithmic: bool = False


def draw(records: dict, folder: Path) -> list[Path]:
    """The plots of what was measured: their files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_drawn(plot, folder / f"{name}.svg") for name, plot in plots_of(records)]


def plots_of(records: dict) -> Iterator[tuple[str, Plot]]:
    """The drawings that the records allow, with their names."""
    if "growth" in records:
        own = records["growth"]
        yield "prefill", _prefill(own["tokens"])
        yield "positions", _positions(own["positions"])
        yield "sizes", _sizes(own["sizes"])
    if records.get("edits", {}).get("blocks"):
        yield "edits", _edits(records["edits"])


# ---- What is drawn --------------------------------------------------------------------------

def _prefill(record: dict) -> Plot:
    counts = {float(count): f"{int(count):,}" for count in record}
    colours = {growth.OURS: BLUE, growth.EVERY_TABLE: GREEN, growth.HUGGING_FACE: AMBER}
    curves = [Curve(name, list(counts), [1e3 * Race.of(own).spread(name).median
                                         for own in record.values()], colour)
              for name, colour in colours.items()
              if all(name in own["seconds"] for own in record.values())]
    curves.append(Curve("the limit", list(counts), [1e3 * growth.limit_of(own)
                                                    for own in record.values()], dashed=True))
    return Plot("A prompt's time", "milliseconds, GPT-2 small, float32", "tokens of the prompt",
                curves, counts, logarithmic=True)


def _positions(record: dict) -> Plot:
    curves = []
    for kind in [kind for kind in COLOURS if kind in record["seconds"]]:
        places, seconds, limit = growth.by_position(record, kind)
        curves += [Curve(kind, places, [1e3 * one for one in seconds], COLOURS[kind]),
                   Curve(f"{kind}'s limit", places, [1e3 * one for one in limit], dashed=True)]
    return Plot("A further token's time",
                "milliseconds, GPT-2 small; the limit reads weights and remembered tables",
                "position in the text", curves, {})


def _sizes(record: dict) -> Plot:
    counts = {float(own["parameters"]): name for name, own in record.items()}
    races = [Race.of(own["generation"]) for own in record.values()]
    curves = []
    for kind, colour in COLOURS.items():
        if any(kind not in one.seconds for one in races):
            continue
        limit = [growth.READ_BYTES / one.spread(growth.READ).median / own["bytes_a_token"][kind]
                 for one, own in zip(races, record.values(), strict=True)]
        curves += [Curve(kind, list(counts), [growth.GENERATED / one.spread(kind).median
                                              for one in races], colour),
                   Curve(f"{kind}'s limit", list(counts), limit, dashed=True)]
    return Plot("Generation against the model's size", "tokens a second", "parameters", curves,
                counts, logarithmic=True)


def _edits(record: dict) -> Plot:
    blocks = {float(block): str(block) for block in range(1, record["blocks"] + 1)}
    curves = [Curve(asked, list(blocks), [edits.share(record, asked, int(block))
                                          for block in blocks], colour)
              for asked, colour in zip(edits.ASKED, (BLUE, GREEN), strict=True)]
    curves.append(Curve("allowed", list(blocks), [edits.allowed(len(blocks), int(block))
                                                  for block in blocks], dashed=True))
    return Plot("An edit's time", "of a whole calculation", "the block that was edited", curves,
                blocks)


# ---- How it is drawn ------------------------------------------------------------------------

def _drawn(plot: Plot, file: Path) -> Path:
    import logging

    import matplotlib

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # fonts that are not here
    matplotlib.use("svg")
    from matplotlib import pyplot

    with pyplot.rc_context(SETTINGS):
        figure, axes = pyplot.subplots(figsize=(7.2, 4.2))
        for curve in plot.curves:
            _line(axes, curve)
        _scaled(axes, plot)
        axes.set_title(f"{plot.title}\n", loc="left", fontsize=12, fontweight="bold", pad=2)
        axes.text(0, 1.02, plot.unit, transform=axes.transAxes, color=FAINT, fontsize=9)
        axes.set_xlabel(plot.x_words)
        _named(axes, plot.curves)
        figure.tight_layout()
        figure.savefig(file, metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
    return file


def _line(axes: Any, curve: Curve) -> None:
    if curve.dashed:
        axes.plot(curve.x, curve.y, color=curve.colour, linestyle=(0, (4, 3)), linewidth=1.4)
    else:
        axes.plot(curve.x, curve.y, color=curve.colour, solid_capstyle="round", clip_on=False,
                  marker="o" if len(curve.x) <= 12 else None, markersize=4.5)


def _scaled(axes: Any, plot: Plot) -> None:
    """Logarithmic with plain numbers, or from zero on."""
    from matplotlib.ticker import FuncFormatter

    if plot.logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}")
    axes.yaxis.set_major_formatter(plain)
    if plot.ticks:
        axes.set_xticks(list(plot.ticks), list(plot.ticks.values()))
    else:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(plain)


def _named(axes: Any, curves: list[Curve]) -> None:
    """Each line's name at its end, moved up where it would stand on another one."""
    points = 72 / axes.figure.dpi
    heights = [points * axes.transData.transform((curve.x[-1], curve.y[-1]))[1]
               for curve in curves]
    lifts = apart(heights, APART_POINTS)
    for curve, lift in zip(curves, lifts, strict=True):
        axes.annotate(curve.words, (curve.x[-1], curve.y[-1]), xytext=(8, lift),
                      textcoords="offset points", color=curve.colour, va="center",
                      annotation_clip=False)


def apart(heights: list[float], least: float) -> list[float]:
    """How far to move each up so that no two are nearer than `least`."""
    moved, last = [0.0] * len(heights), float("-inf")
    for index in sorted(range(len(heights)), key=lambda one: heights[one]):
        last = max(heights[index], last + least)
        moved[index] = last - heights[index]
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description="The growth curves as drawings.")
    parser.add_argument("record", type=Path, help="what `python -m bench.growth --json` printed")
    parser.add_argument("folder", type=Path, help="where the drawings go")
    options = parser.parse_args()
    for file in draw({"growth": json.loads(options.record.read_text("utf-8"))}, options.folder):
        print(file)


if __name__ == "__main__":
    main()
