"""The spreadsheet's figures: writing, size, and what LibreOffice needs to open and calculate.

    python -m bench.xlsx

Models of random weights with 0.1, 1 and 4 million parameters, then the bundled one, each with 16
positions; and what follows from the largest for the 124 million of GPT-2 small. Each is written by
a process of its own, and opened by a LibreOffice of its own (apt-get install -y
libreoffice-calc-nogui python3-uno). Opening includes one calculation of every formula.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tests.engines.xlsx.office import running_office

from cutaway import PUBLISHED, Config, Model, gpt2, open_model
from cutaway.engines.xlsx import size_of

PROMPT, OTHER = "Mike is quick. He moves", "Once upon a time, there was a little girl"
POSITIONS = 16
SHAPES = {"0.1 million": (16, 9, 2), "1 million": (96, 5, 6), "4 million": (192, 7, 6)}
# Runs in a process of its own, so that its peak is that of writing alone.
WRITE = """
import json, resource, sys, time
from pathlib import Path
from bench.xlsx import PROMPT, POSITIONS, model_named
from cutaway.engines.xlsx import write_xlsx
model, path = model_named(sys.argv[1]), Path(sys.argv[2])
before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
write_xlsx(model, PROMPT, path, POSITIONS)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([time.perf_counter() - started, 1024 * (peak - before)]))
"""


@dataclass(frozen=True)
class Figures:
    """What one workbook took.  Memory of writing: over that of the opened model"""

    cells: int
    bytes: int
    write_seconds: float
    write_memory: int
    open_seconds: float
    calculate_seconds: float
    prompt_seconds: float
    office_memory: int


def model_named(name: str) -> Model:
    """The bundled model, or one of random weights with its tokenizer."""
    bundled = open_model()
    if name not in SHAPES:
        return bundled
    n_embd, n_layer, n_head = SHAPES[name]
    config = Config(bundled.config.vocab_size, 256, n_embd, n_layer, n_head)
    random, book = np.random.default_rng(0), gpt2(config)
    arrays = {weight: random.normal(0, 0.02, [config.sizes[axis] for axis in axes])
              .astype(np.float32) for weight, axes in book.weights.items()}
    return replace(bundled, name="random", config=config, book=book, weights=arrays)


def measure(name: str, folder: Path) -> Figures:
    """One workbook, written and opened."""
    path = folder / f"{name.replace(' ', '-')}.xlsx"
    done = subprocess.run([sys.executable, "-c", WRITE, name, str(path)], capture_output=True,
                          text=True, check=True)
    write_seconds, write_memory = json.loads(done.stdout)
    with running_office(folder / f"office-{path.stem}") as office:
        open_seconds = office.open(path)
        calculate_seconds = office.calculate()
        started = time.perf_counter()
        office.put("t_prompt", OTHER)
        office.one("t_next_id")
        prompt_seconds = time.perf_counter() - started
        peak = office.peak_bytes()
        office.close()
    return Figures(size_of(model_named(name), POSITIONS).cells, path.stat().st_size, write_seconds,
                   write_memory, open_seconds, calculate_seconds, prompt_seconds, peak)


def tell(name: str, found: Figures) -> None:
    print(f"| {name} | {found.cells / 1e6:,.2f} | {found.bytes / 1e6:,.1f} MB | "
          f"{found.write_seconds:,.1f} s | {found.cells / found.write_seconds / 1000:,.0f} | "
          f"{found.write_memory / 1e6:,.0f} MB | {found.open_seconds:,.1f} s | "
          f"{found.calculate_seconds:,.1f} s | {found.prompt_seconds:,.1f} s | "
          f"{found.office_memory / 1e6:,.0f} MB |", flush=True)


def extrapolated(small: Figures, large: Figures, cells: int) -> Figures:
    """The same growth a cell as from the small workbook to the large one."""
    def at(one: float, other: float) -> float:
        return other + (other - one) * (cells - large.cells) / (large.cells - small.cells)

    values = {name: at(getattr(small, name), getattr(large, name))
              for name in Figures.__dataclass_fields__ if name != "cells"}
    return Figures(cells=cells, **values)  # type: ignore[arg-type]


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0]).parse_args()
    print("| parameters | million cells | file | writing | thousand cells a second | memory of "
          "writing | LibreOffice opens | recalculates | new prompt | memory of LibreOffice |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name in (*SHAPES, "bundled model"):
            found[name] = measure(name, Path(folder))
            tell(name, found[name])
    config = PUBLISHED["gpt2"]
    small = size_of(replace(open_model(), config=config, book=gpt2(config)), POSITIONS)
    tell("GPT-2 small, extrapolated",
         extrapolated(found["1 million"], found["4 million"], small.cells))


if __name__ == "__main__":
    main()
