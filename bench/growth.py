"""Time against tokens and against the model's size, beside what the machine allows.

    python -m bench.growth --json > growth.json
    python -m bench.plots growth.json docs/figures

Prefill from 6 to 1,024 tokens; each further token of a text as long as GPT-2 allows; models of 4 to
355 million parameters.
"""

import statistics
from dataclasses import replace
from pathlib import Path

from bench.contestants.limits import FLOP, READ_BYTES
from bench.figure import Figure, percent, table
from bench.generation import READ, bytes_a_token
from bench.machine import tell, wait_until_quiet
from bench.one import arguments, print_out, work_folder
from bench.one import effort as effort_of
from bench.prefill import PRODUCTS, attended, limits
from bench.random_model import PROMPT, SIZES, random_folder
from bench.rounds import Effort, Entry, Race, race, started

from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2

TOKENS = (6, 16, 32, 64, 128, 256, 512, 1024)
OURS, EVERY_TABLE, HUGGING_FACE = "Cutaway", "Cutaway, every table kept", "Hugging Face"
KINDS = ("float32", "int8")
GENERATED, PREFILLED = 32, 128      # at each model size
WINDOW = 16                         # neighbouring tokens of a text are one point of its curve
PLACE = "bench.contestants"


def measure(effort: Effort, work: Path) -> dict:
    """tokens, positions and sizes: the three curves, each with its limits."""
    tell("Growth")
    effort = replace(effort, rounds=max(1, effort.rounds // 2))
    return {"size": effort.size, "tokens": _by_tokens(effort, work),
            "positions": _by_position(effort, work), "sizes": _by_size(effort, work)}


def _limits() -> dict[str, Entry]:
    return {READ: Entry(f"{PLACE}.limits:MemoryRead"),
            PRODUCTS: Entry(f"{PLACE}.limits:Products")}


def _by_tokens(effort: Effort, work: Path) -> dict:
    """Prefill: the last position's logits, and every table."""
    files = {"folder": str(effort.folder(work))}
    entries = {OURS: Entry(f"{PLACE}.ours:Prefill", {**files, "engine": "float32"}),
               HUGGING_FACE: Entry(f"{PLACE}.huggingface:Prefill", files)}
    every = {EVERY_TABLE: Entry(f"{PLACE}.ours:Workbook", {**files, "engine": "float32"})}
    races: dict[str, dict] = {}
    with started({**_limits(), **entries}) as (workers, _), started(every) as (books, _):
        for tokens in TOKENS:
            result = race(workers, effort, tokens=tokens, last=True)
            result.seconds |= race(books, effort, tokens=tokens).seconds
            races[str(tokens)] = {**result.to_dict(), **limits(effort.config, tokens, "last")}
    return races


def _by_position(effort: Effort, work: Path) -> dict:
    """Seconds for each further token, float32 and int8, and how fast memory is read."""
    folder, config = str(effort.folder(work)), effort.config
    count = config.n_positions - len(PROMPT)
    entries = {kind: Entry(f"{PLACE}.ours:Generation", {"folder": folder, "engine": kind})
               for kind in KINDS}
    seconds: dict[str, list[float]] = {}
    with started({**_limits(), **entries}) as (workers, _):
        wait_until_quiet(effort.patience_seconds)
        read = statistics.median(workers[READ].times("run", 1.0)) if READ in workers else 0
        for kind in [kind for kind in KINDS if kind in workers]:
            texts = [workers[kind].call("each", prompt=PROMPT, count=count)
                     for _ in range(effort.rounds + 1)][1:]
            seconds[kind] = [statistics.median(times) for times in zip(*texts, strict=True)]
    return {"first": len(PROMPT), "seconds": seconds, "read_seconds": read,
            "bytes": {kind: bytes_a_token(config, kind) for kind in KINDS},
            "remembered_bytes": 8 * config.n_layer * config.n_embd}


def _by_size(effort: Effort, work: Path) -> dict:
    """Generation and prefill for each size."""
    quick = effort.size != "124 M"
    found = {}
    for name in list(SIZES)[:2] if quick else SIZES:
        config = SIZES[name]
        folder = str(random_folder(work / name.replace(" ", ""), config))
        generation = {**_limits(), **{kind: Entry(f"{PLACE}.ours:Generation", {
            "folder": folder, "engine": kind}) for kind in KINDS}}
        prefill = {**_limits(), OURS: Entry(f"{PLACE}.ours:Prefill", {
            "folder": folder, "engine": "float32"})}
        with started(generation) as (workers, _):
            texts = race(workers, effort, prompt=PROMPT, count=GENERATED)
        with started(prefill) as (workers, _):
            prompts = race(workers, effort, tokens=PREFILLED, last=True)
        found[name] = {"parameters": parameters(config), "generation": texts.to_dict(),
                       "prefill": prompts.to_dict(), **limits(config, PREFILLED, "last"),
                       "bytes_a_token": {kind: bytes_a_token(config, kind) for kind in KINDS}}
    return found


def parameters(config: Config) -> int:
    """How many numbers a model has learned."""
    total = 0
    for axes in gpt2(config).weights.values():
        cells = 1
        for axis in axes:
            cells *= config.sizes[axis]
        total += cells
    return total


# ---- The curves, in seconds -----------------------------------------------------------------

def limit_of(record: dict) -> float:
    """The least seconds for what a record reads and multiplies."""
    result = Race.of(record)
    times = [0.0]
    if READ in result.seconds:
        times.append(record["bytes"] / READ_BYTES * result.spread(READ).median)
    if PRODUCTS in result.seconds:
        times.append(record["flop"] / FLOP * result.spread(PRODUCTS).median)
    return max(times)


def by_position(record: dict, kind: str) -> tuple[list[float], list[float], list[float]]:
    """Positions, the seconds of a token there, and the limit: weights and remembered tables."""
    times, first = record["seconds"][kind], record["first"]
    middles, seconds, limit = [], [], []
    for start in range(0, len(times) - WINDOW + 1, WINDOW):
        middle = first + start + WINDOW / 2
        middles.append(middle)
        seconds.append(statistics.median(times[start:start + WINDOW]))
        read = record["bytes"][kind] + middle * record["remembered_bytes"]
        limit.append(read / READ_BYTES * record["read_seconds"])
    return middles, seconds, limit


def turning_point(record: dict) -> float:
    """At how many tokens products begin to take longer than reading the weights."""
    small, large = record[str(TOKENS[0])], record[str(TOKENS[-1])]
    result = Race.of(large)
    if not {READ, PRODUCTS} <= set(result.seconds):
        return 0.0
    read = small["bytes"] / READ_BYTES * result.spread(READ).median
    return read / (small["flop"] / TOKENS[0] / FLOP * result.spread(PRODUCTS).median)


# ---- What is told ---------------------------------------------------------------------------

def figures(record: dict) -> list[Figure]:
    point = turning_point(record["tokens"])
    return [Figure("Growth: products take longer than memory", f"from {point:.0f} tokens on")]


def section(record: dict) -> str:
    """The part of docs/performance.md."""
    tokens, sizes = record["tokens"], record["sizes"]
    rows = [[name, *(_shown(Race.of(tokens[str(count)]), name) for count in TOKENS)]
            for name in (OURS, EVERY_TABLE, HUGGING_FACE)]
    rows.insert(0, ["*the limit*", *(f"*{1e3 * limit_of(tokens[str(count)]):,.0f}*"
                                     for count in TOKENS)])
    size_rows = [_size_row(name, own) for name, own in sizes.items()]
    return "\n\n".join([
        "## Growth", "![Prefill against tokens](figures/prefill.svg)",
        table(["ms for a prompt of", *(f"{count:,}" for count in TOKENS)], rows), _bends(record),
        "![A further token against its position](figures/positions.svg)",
        "![Generation against the model's size](figures/sizes.svg)",
        table(["parameters", "tokens/s, float32", "of the limit", "tokens/s, int8",
               "of the limit", f"prefill of {PREFILLED}, ms", "of the limit"], size_rows)])


def _shown(result: Race, name: str) -> str:
    return f"{1e3 * result.spread(name).median:,.0f}" if name in result.seconds else ""


def _size_row(name: str, own: dict) -> list[str]:
    texts, prompts = Race.of(own["generation"]), Race.of(own["prefill"])
    row = [name]
    for kind in KINDS:
        if kind not in texts.seconds:
            row += ["", ""]
            continue
        seconds = texts.spread(kind).median / GENERATED
        limit = own["bytes_a_token"][kind] / READ_BYTES * texts.spread(READ).median
        row += [f"{1 / seconds:,.0f}", percent(limit / seconds)]
    if OURS not in prompts.seconds:
        return [*row, "", ""]
    seconds = prompts.spread(OURS).median
    least = limit_of({**own["prefill"], "bytes": own["bytes"], "flop": own["flop"]})
    return [*row, f"{1e3 * seconds:,.1f}", percent(least / seconds)]


def _bends(record: dict) -> str:
    """Where the curves turn, in a paragraph."""
    point = turning_point(record["tokens"])
    words = [f"Up to about {point:.0f} tokens a prompt costs what reading the weights costs, "
             f"however many tokens there are; beyond, its time grows with the products, and so "
             f"with the tokens. Attention grows with their square: at {TOKENS[-1]:,} tokens it is "
             f"{percent(_attention_share(record))} of all products.",
             "A further token reads the remembered keys and values besides the weights."]
    words += [_longer(record["positions"], kind) for kind in record["positions"]["seconds"]]
    words.append("Models that fit into the processor's caches are not bound by the memory: their "
                 "share of its limit may pass 100 %, and what remains is the cost of a step.")
    return " ".join(words)


def _longer(positions: dict, kind: str) -> str:
    """What the remembered tables add at the end of a text, in a sentence."""
    more = positions["remembered_bytes"] * TOKENS[-1] / positions["bytes"][kind]
    _, seconds, _ = by_position(positions, kind)
    return (f"In {kind} that is {percent(more)} more to read at position {TOKENS[-1]:,}, and it "
            f"takes {percent(seconds[-1] / seconds[0] - 1)} longer than the first tokens.")


def _attention_share(record: dict) -> float:
    config, tokens = SIZES[record["size"]], TOKENS[-1]
    return 2 * attended(config, tokens, "last") / limits(config, tokens, "last")["flop"]


def main() -> None:
    options = arguments(__doc__).parse_args()
    with work_folder(options.work) as work:
        record = measure(effort_of(options), work)
    print_out(record, figures, section, options.json)


if __name__ == "__main__":
    main()
