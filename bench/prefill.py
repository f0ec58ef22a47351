"""Logits only, at 6, 128 and 1,024 tokens: of every position, and of the last one alone.

    python -m bench.prefill

Few tokens wait for memory, many for the processor's multiplications. Both limits are measured in
the same rounds. Cutaway takes part twice: with torch installed, whose products it may use, and
without.
"""

from pathlib import Path

import numpy as np
from bench.contestants.limits import FLOP, READ_BYTES
from bench.figure import Figure, compared, faster, left_out_in_words, table
from bench.generation import READ, TOLERANCE, bytes_a_token
from bench.machine import tell
from bench.one import run_alone
from bench.rounds import Effort, Entry, Race, drop, race, started
from bench.worker import NotHere, Worker

from cutaway.models.config import Config

TOKENS = (6, 128, 1024)
OURS, WITHOUT_TORCH, PRODUCTS = "Cutaway", "Cutaway without torch", "products"
HUGGING_FACE, NUMPY = "Hugging Face", "NumPy engine"
PEERS = ["torch loop", "ONNX Runtime", "OpenVINO"]
LIMITS = (READ, PRODUCTS)


def entries(folder: Path, work: Path) -> dict[str, Entry]:
    """The contestants by the name that is shown."""
    files, place = {"folder": str(folder)}, "bench.contestants"
    return {
        READ: Entry(f"{place}.limits:MemoryRead"),
        PRODUCTS: Entry(f"{place}.limits:Products"),
        OURS: Entry(f"{place}.ours:Prefill", {**files, "engine": "float32"}),
        WITHOUT_TORCH: Entry(f"{place}.ours:Prefill",
                             {**files, "engine": "float32", "torch": False}),
        "torch loop": Entry(f"{place}.plain_torch:Prefill", files),
        "ONNX Runtime": Entry(f"{place}.onnx_runtime:Prefill", {**files, "work": str(work)}),
        "OpenVINO": Entry(f"{place}.open_vino:Prefill", files),
        HUGGING_FACE: Entry(f"{place}.huggingface:Prefill", files),
        NUMPY: Entry(f"{place}.ours:Prefill", {**files, "engine": "plain", "torch": False}),
    }


def measure(effort: Effort, work: Path) -> dict:
    """The races by "all" (positions) or "last", and the number of tokens."""
    tell("Logits only")
    folder = effort.folder(work)
    work = folder.with_name(f"{folder.name}-peers")
    work.mkdir(exist_ok=True)
    with Worker("bench.contestants.ours:Prefill", folder=str(folder), engine="plain") as plain:
        wanted = np.array(plain.call("logits", tokens=TOKENS[1]))
    record: dict = {"limits": {}, "all": {}, "last": {}}
    with started(entries(folder, work)) as (workers, left_out):
        for name in [name for name in workers if name not in LIMITS]:
            _check(workers, left_out, name, wanted)
        for rows in ("all", "last"):
            for tokens in TOKENS:
                result = race(workers, effort, tokens=tokens, last=rows == "last")
                result.left_out |= left_out
                record[rows][str(tokens)] = result.to_dict()
                record["limits"][f"{rows} {tokens}"] = limits(effort.config, tokens, rows)
    return record


def _check(workers: dict[str, Worker], left_out: dict[str, str], name: str,
           wanted: np.ndarray) -> None:
    """Lets go of a contestant whose logits are others than the NumPy engine's."""
    try:
        found = np.array(workers[name].call("logits", tokens=TOKENS[1]))
        largest = float(abs(found - wanted).max())
        if largest > TOLERANCE:
            drop(workers, left_out, name, f"its logits are up to {largest:.3g} from the NumPy "
                                          f"engine's")
    except NotHere as error:
        drop(workers, left_out, name, str(error))


def limits(config: Config, tokens: int, rows: str) -> dict:
    """The bytes that are read and the multiplications and additions that are made, at least.

    Attention counts half, because nothing looks ahead. Where only the last row is asked for
    (`rows` is "last"), the last block needs the keys and values of every row, and else one row.
    """
    last_block = 2 * tokens + 10 if rows == "last" else 12 * tokens
    blocks = 12 * tokens * (config.n_layer - 1) + last_block
    head = config.vocab_size * config.n_embd * (1 if rows == "last" else tokens)
    flop = 2 * (blocks * config.n_embd ** 2 + head + attended(config, tokens, rows))
    return {"bytes": bytes_a_token(config, "float32"), "flop": flop}


def attended(config: Config, tokens: int, rows: str) -> int:
    """The multiplications of attention, as in `limits`."""
    every_row = config.n_embd * tokens * (tokens + 1)
    last_block = 2 * config.n_embd * tokens if rows == "last" else every_row
    return every_row * (config.n_layer - 1) + last_block


def limit_seconds(record: dict, rows: str, tokens: int) -> tuple[float, str]:
    """The least time that the machine needs, and what for."""
    result, needs = Race.of(record[rows][str(tokens)]), record["limits"][f"{rows} {tokens}"]
    times = {}
    if READ in result.seconds:
        times["memory"] = needs["bytes"] / READ_BYTES * result.spread(READ).median
    if PRODUCTS in result.seconds:
        times["products"] = needs["flop"] / FLOP * result.spread(PRODUCTS).median
    why = max(times, key=lambda one: times[one], default="")
    return times.get(why, 0.0), why


# ---- What is told ---------------------------------------------------------------------------

def figures(record: dict) -> list[Figure]:
    found = []
    for tokens in TOKENS:
        result = Race.of(record["all"][str(tokens)])
        words = f"Logits only, {tokens:,} tokens"
        found += [faster(words, result, OURS, PEERS, 1.0),
                  faster(f"{words}, without torch", result, WITHOUT_TORCH, [HUGGING_FACE], 1.0)]
    return found


def section(record: dict) -> str:
    """The part of docs/performance.md."""
    return "\n".join([
        "## Logits only", "",
        "GPT-2 small with random weights, float32, no table kept; milliseconds, and how many times "
        "as fast Cutaway is. The limit is the longer of reading the weights and of all products at "
        "the speed of the best product of 1,024 rows; attention counts half, because nothing looks "
        "ahead.", "", _table(record, "all", "logits of every position"), "",
        _table(record, "last", "logits of the last position"),
        *_left_out(record)])


def _left_out(record: dict) -> list[str]:
    words = left_out_in_words(record["all"][str(TOKENS[0])]["left_out"])
    return ["", words] if words else []


def _table(record: dict, rows: str, title: str) -> str:
    races = {tokens: Race.of(record[rows][str(tokens)]) for tokens in TOKENS}
    names = [name for name in races[TOKENS[-1]].seconds if name not in LIMITS]
    names.sort(key=lambda name: races[TOKENS[-1]].spread(name).median)
    heads = [title]
    for tokens in TOKENS:
        heads += [f"{tokens:,} tokens, ms", "Cutaway to it"]
    limit: list[object] = ["*the limit*"]
    for tokens in TOKENS:
        seconds, why = limit_seconds(record, rows, tokens)
        limit += [f"*{1e3 * seconds:,.0f} ({why})*", ""]
    return table(heads, [limit, *(compared(races.values(), name, OURS) for name in names)])


def main() -> None:
    run_alone(__doc__, measure, figures, section)


if __name__ == "__main__":
    main()
