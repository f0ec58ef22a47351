"""An edit in block k at the last position: what it costs, of a whole calculation.

    python -m bench.edits

128 tokens of GPT-2 small with random weights, every table kept. The first table that the block
calculates is edited, so that the whole block follows. A whole calculation and an edit in each
block take turns. What must not be calculated again is counted, not timed.
"""

from pathlib import Path

from bench.figure import Figure, percent, table, unmeasured
from bench.machine import tell, wait_until_quiet
from bench.one import run_alone
from bench.rounds import Effort, Entry, Race, started, turn
from bench.worker import Worker

TOKENS = 128
ALLOWANCE = 0.10
ASKED = {"next_logits": False, "every table": True}


def measure(effort: Effort, work: Path) -> dict:
    """Seconds by what is asked for and block ("whole" for a run from nothing), and the counts."""
    tell("Edits")
    entry = Entry("bench.contestants.ours:Edits", {
        "folder": str(effort.folder(work)), "engine": "float32", "tokens": TOKENS})
    with started({"Cutaway": entry}) as (workers, left_out):
        if left_out:
            return {"blocks": 0, "left_out": left_out}
        blocks, worker = effort.config.n_layer, workers["Cutaway"]
        return {"blocks": blocks, "left_out": {},
                "counts": {str(block): worker.call("counts", block=block)
                           for block in range(1, blocks + 1)},
                **{asked: _raced(effort, worker, blocks, every).to_dict()
                   for asked, every in ASKED.items()}}


def _raced(effort: Effort, worker: Worker, blocks: int, every: bool) -> Race:
    """A run from nothing and an edit in each block, in turn."""
    result = Race()
    wait_until_quiet(effort.patience_seconds)
    for number in range(effort.rounds + 1):
        for block in range(blocks + 1):
            arguments = {"block": block, "every": every}
            seconds, tries, _ = turn(worker, effort.repetitions if number else 0, arguments)
            if number:
                result.seconds.setdefault(_name(block), []).append(seconds)
                result.repeated += tries - 1
    return result


def _name(block: int) -> str:
    return str(block) if block else "whole"


def share(record: dict, asked: str, block: int) -> float:
    """An edit's cost, of a whole calculation: the median of the rounds."""
    return 1 / Race.of(record[asked]).ratio(str(block), "whole").median


def allowed(blocks: int, block: int) -> float:
    """What an edit in a block may cost: the blocks from it on, and a little."""
    return (blocks + 1 - block) / blocks + ALLOWANCE


# ---- What is told ---------------------------------------------------------------------------

def figures(record: dict) -> list[Figure]:
    if not record["blocks"]:
        return [unmeasured("An edit", str(record["left_out"]))]
    blocks = record["blocks"]
    found = []
    for asked in ASKED:
        over = {block: share(record, asked, block) - allowed(blocks, block)
                for block in range(1, blocks + 1)}
        worst = max(over, key=lambda block: over[block])
        found.append(Figure(
            f"An edit, up to {asked}: the block nearest to its bound ({worst})",
            f"{share(record, asked, worst):.2f} of a whole calculation",
            f"at most {allowed(blocks, worst):.2f}", over[worst] <= 0))
    for kind, what in (("again", "Tables calculated by reading all again"),
                       ("earlier", "Tables of earlier blocks calculated after an edit")):
        count = sum(counts[kind] for counts in record["counts"].values())
        found.append(Figure(what, str(count), "0", count == 0))
    return found


def section(record: dict) -> str:
    """The part of docs/performance.md."""
    blocks = record["blocks"]
    text = (f"{TOKENS} tokens, every table kept: the time after an edit of the last position, "
            f"relative to a whole calculation, and what is allowed: the blocks from the edited one "
            f"on, plus {percent(ALLOWANCE)}. An edit of the last position cannot change the rows "
            f"before it.")
    if not blocks:
        return "## Edits\n\nNot measured."
    whole = {asked: 1e3 * Race.of(record[asked]).spread("whole").median for asked in ASKED}
    heads = ["edit in block", *(f"{asked} (whole: {ms:,.0f} ms)" for asked, ms in whole.items()),
             "allowed"]
    rows = [[block, *(f"{share(record, asked, block):.2f}" for asked in ASKED),
             f"{allowed(blocks, block):.2f}"] for block in range(1, blocks + 1)]
    return "\n\n".join(["## Edits", "![An edit's time by block](figures/edits.svg)", text,
                        table(heads, rows)])


def main() -> None:
    run_alone(__doc__, measure, figures, section)


if __name__ == "__main__":
    main()
