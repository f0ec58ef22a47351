"""Start-up: `cutaway --help` and `cutaway "PROMPT"` over a bare `python -c "import numpy"`.

    python bench/startup.py

Each command is a process of its own. They take turns, round after round, so that whatever else the
machine does falls on all of them alike; the first round warms the caches and is not counted (the
compiled modules lie in a folder of this run's own). What is compared is the difference to the bare
import within a round.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

PROMPT = "Mike is quick. He moves"
BARE = "import numpy"
LIMITS_MS = {"cutaway --help": 150, 'cutaway "PROMPT"': 400}
PEERS = ("torch", "transformers")  # for context only: what importing them takes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="the plain records")
    options = parser.parse_args()
    figures = measure(options.rounds)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{'':24} {'ms':>8} {'over numpy':>11} {'spread':>15} {'CPU ms':>8} {'limit':>6}")
    for name, one in figures["commands"].items():
        spread = "{:.0f} to {:.0f}".format(*one["over_bare_ms_quartiles"])
        limit = LIMITS_MS.get(name, "")
        print(f"{name:24} {one['wall_ms']:8.0f} {one['over_bare_ms']:11.0f} {spread:>15} "
              f"{one['processor_ms']:8.0f} {limit:>6}")


def measure(rounds: int = 20) -> dict:
    """The medians of all commands, in milliseconds, with what they take over the bare import.

    returns  rounds; limits_ms, the most that the commands should take over it; commands, by name:
             wall_ms, processor_ms (user and system time), over_bare_ms and its quartiles
    """
    commands = _commands()
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        # A stale module would be compiled anew at every start where Python may not write.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(rounds + 1):
            for name, command in commands.items():
                taken = _run(command, environment)
                if number:
                    seen[name].append(taken)
    bare = [wall for wall, _ in seen[BARE]]
    return {"rounds": rounds, "prompt": PROMPT, "limits_ms": LIMITS_MS,
            "commands": {name: _figures(times, bare) for name, times in seen.items()}}


def _commands() -> dict[str, list[str]]:
    script = Path(sys.executable).with_name("cutaway")
    cutaway = [str(script)] if script.exists() else [sys.executable, "-m", "cutaway"]
    return {
        BARE: [sys.executable, "-c", BARE],
        "cutaway --help": [*cutaway, "--help"],
        'cutaway "PROMPT"': [*cutaway, PROMPT],
        **{f"import {peer}": [sys.executable, "-c", f"import {peer}"]
           for peer in PEERS if find_spec(peer)}}


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """The milliseconds that a process takes, on the clock and on the processors."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, os.times()
    processor = (after.children_user - before.children_user
                 + after.children_system - before.children_system)
    return wall * 1e3, processor * 1e3


def _figures(times: list[tuple[float, float]], bare: list[float]) -> dict:
    over = [wall - least for (wall, _), least in zip(times, bare, strict=True)]
    quartiles = statistics.quantiles(over, n=4) if len(over) > 1 else [over[0]] * 3
    return {"wall_ms": statistics.median(wall for wall, _ in times),
            "processor_ms": statistics.median(processor for _, processor in times),
            "over_bare_ms": statistics.median(over),
            "over_bare_ms_quartiles": [quartiles[0], quartiles[2]]}


if __name__ == "__main__":
    main()
