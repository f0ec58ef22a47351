"""Every step's table calculated and kept, at 6, 128 and 1,024 tokens.

    python -m bench.workbook

TransformerLens's TransformerBridge is the peer that shows most: run_with_cache. Hugging Face's
model with hidden states and attentions keeps a fraction of it. All calculate the logits of every
position as well.
"""

from pathlib import Path

import numpy as np
from bench.figure import Figure, compared, faster, left_out_in_words, table
from bench.generation import TOLERANCE
from bench.machine import tell
from bench.one import run_alone
from bench.prefill import TOKENS
from bench.rounds import Effort, Entry, Race, drop, race, started
from bench.worker import NotHere

OURS, NUMPY = "Cutaway", "NumPy engine"
LENS, HUGGING_FACE = "TransformerBridge", "Hugging Face"


def entries(folder: Path) -> dict[str, Entry]:
    """The contestants by the name that is shown."""
    files, place = {"folder": str(folder)}, "bench.contestants"
    return {
        NUMPY: Entry(f"{place}.ours:Workbook", {**files, "engine": "plain", "torch": False}),
        OURS: Entry(f"{place}.ours:Workbook", {**files, "engine": "float32"}),
        LENS: Entry(f"{place}.lens:Workbook", files),
        HUGGING_FACE: Entry(f"{place}.huggingface:Workbook", files),
    }


def measure(effort: Effort, work: Path) -> dict:
    """The races by the number of tokens; kept, how many tables and bytes each one keeps."""
    tell("Every table kept")
    record: dict = {"kept": {}}
    with started(entries(effort.folder(work))) as (workers, left_out):
        wanted = np.array(workers[NUMPY].call("logits", tokens=TOKENS[1]))
        for name in list(workers):
            try:
                found = np.array(workers[name].call("logits", tokens=TOKENS[1]))
                record["kept"][name] = workers[name].call("kept", tokens=TOKENS[-1])
            except NotHere as error:
                drop(workers, left_out, name, str(error))
                continue
            if abs(found - wanted).max() > TOLERANCE:
                drop(workers, left_out, name, "its logits are others than the NumPy engine's")
        for tokens in TOKENS:
            result = race(workers, effort, tokens=tokens)
            result.left_out |= left_out
            record[str(tokens)] = result.to_dict()
    return record


# ---- What is told ---------------------------------------------------------------------------

def figures(record: dict) -> list[Figure]:
    found = []
    for tokens in TOKENS:
        result = Race.of(record[str(tokens)])
        words = f"Every table kept, {tokens:,} tokens"
        found += [faster(words, result, OURS, [LENS], 1.5),
                  faster(words, result, OURS, [HUGGING_FACE], 1.0)]
    return found


def section(record: dict) -> str:
    """The part of docs/performance.md."""
    races = {tokens: Race.of(record[str(tokens)]) for tokens in TOKENS}
    heads = ["every table kept", f"tables, MiB at {TOKENS[-1]:,}"]
    for tokens in TOKENS:
        heads += [f"{tokens:,} tokens, ms", "Cutaway to it"]
    text = table(heads, [_row(races, name, record["kept"][name])
                         for name in (OURS, NUMPY, LENS, HUGGING_FACE)
                         if name in races[TOKENS[-1]].seconds])
    return "\n\n".join(filter(None, [
        "## The whole workbook", "GPT-2 small with random weights, float32. Cutaway calculates and "
        "keeps every step's table; TransformerLens runs `TransformerBridge.run_with_cache`; "
        "Hugging Face's model gives hidden states and attentions.", text,
        left_out_in_words(races[TOKENS[0]].left_out)]))


def _row(races: dict[int, Race], name: str, kept: list[int]) -> list[object]:
    first, *others = compared(races.values(), name, OURS)
    return [first, f"{kept[0]}, {kept[1] / 2**20:,.0f}", *others]


def main() -> None:
    run_alone(__doc__, measure, figures, section)


if __name__ == "__main__":
    main()
