"""128 tokens from a prompt of 6, greedily: Cutaway, its peers, and what memory allows.

    python -m bench.generation

GPT-2 small with random weights, float32 and int8. Each token needs every weight once, so that no
engine can be faster than memory is read; that is measured in the same rounds. Before the race each
peer is asked for the logits behind the prompt and for its text: who calculates something else does
not take part.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from bench.contestants.limits import READ_BYTES
from bench.figure import (
    Figure,
    at_least,
    faster,
    left_out_in_words,
    percent,
    ratio_in_words,
    table,
    unmeasured,
)
from bench.machine import tell
from bench.one import run_alone
from bench.random_model import PROMPT
from bench.rounds import Effort, Entry, Race, drop, race, started
from bench.worker import NotHere, Worker

from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2

COUNT = 128
OURS, READ = "Cutaway", "memory read"
# What rounding may move a logit by. llama.cpp looks GELU up in a table of half precision.
TOLERANCE, LEAST_COSINE = 5e-3, 0.99
# Memory is twice as fast in one turn as in another, and both sides of a share of the limit move
# with it: more turns than elsewhere, most where they are short.
ROUNDS = {"float32": 2, "int8": 6}


def entries(folder: Path, work: Path, numbers: str) -> dict[str, Entry]:
    """The contestants in one kind of numbers, "float32" or "int8", by the name that is shown."""
    files = {"folder": str(folder)}
    kept = {**files, "work": str(work)}
    place = "bench.contestants"
    found = {
        READ: Entry(f"{place}.limits:MemoryRead"),
        OURS: Entry(f"{place}.ours:Generation", {**files, "engine": numbers}),
        "CTranslate2": Entry(f"{place}.ctranslate:Generation", {**kept, "numbers": numbers}),
        "OpenVINO": Entry(f"{place}.open_vino:Generation", {**files, "numbers": numbers}),
        "ONNX Runtime": Entry(f"{place}.onnx_runtime:Generation", {**kept, "numbers": numbers}),
        "llama.cpp": Entry(f"{place}.llama:Generation",
                           {**kept, "numbers": "F32" if numbers == "float32" else "Q8_0"}),
    }
    if numbers == "float32":
        found |= {"torch loop": Entry(f"{place}.plain_torch:Generation", files),
                  "Hugging Face": Entry(f"{place}.huggingface:Generation", files),
                  "NumPy engine": Entry(f"{place}.ours:Generation", {**files, "engine": "plain"})}
    return found


def measure(effort: Effort, work: Path, count: int = COUNT) -> dict:
    """Both races, by "float32" and "int8": seconds, checks, and tokens a second at the limit."""
    folder = effort.folder(work)
    work = folder.with_name(f"{folder.name}-peers")
    work.mkdir(exist_ok=True)
    reference = _reference(folder)
    return {"tokens": count, **{
        numbers: _raced(replace(effort, rounds=times * effort.rounds),
                        entries(folder, work, numbers), numbers, reference, count)
        for numbers, times in ROUNDS.items()}}


def _reference(folder: Path) -> tuple[np.ndarray, list[int]]:
    """What the NumPy engine says: the logits behind the prompt, and the first tokens."""
    with Worker("bench.contestants.ours:Generation", folder=str(folder), engine="plain") as worker:
        return (np.array(worker.call("logits", prompt=PROMPT)),
                worker.call("run", prompt=PROMPT, count=16))


def _raced(effort: Effort, contestants: dict[str, Entry], numbers: str,
           reference: tuple[np.ndarray, list[int]], count: int) -> dict:
    tell(f"Generation, {numbers}")
    checks = {}
    with started(contestants) as (workers, left_out):
        for name in [name for name in workers if name != READ]:
            try:
                checks[name] = _checked(workers[name], numbers, reference)
            except NotHere as error:
                drop(workers, left_out, name, str(error))
        result = race(workers, effort, prompt=PROMPT, count=count)
    result.left_out |= left_out
    return {**result.to_dict(), "checks": checks, "bytes": bytes_a_token(effort.config, numbers)}


def _checked(worker: Worker, numbers: str, reference: tuple[np.ndarray, list[int]]) -> dict:
    """How far the logits and the text are from the reference.  Raises:  NotHere when too far"""
    wanted, text = reference
    logits = np.array(worker.call("logits", prompt=PROMPT))
    found = worker.call("run", prompt=PROMPT, count=len(text))
    cosine = float(logits @ wanted / np.linalg.norm(logits) / np.linalg.norm(wanted))
    largest = float(abs(logits - wanted).max())
    if cosine < LEAST_COSINE or (numbers == "float32" and largest > TOLERANCE):
        raise NotHere(f"it calculates something else: its logits are up to {largest:.3g} from the "
                      f"NumPy engine's, their cosine is {cosine:.4f}")
    return {"cosine": cosine, "largest": largest, "same_text": found == text}


def bytes_a_token(config: Config, numbers: str) -> int:
    """The weights that a token needs: all tables of products, the rest float32; no embeddings."""
    total = 0
    for name, axes in gpt2(config).weights.items():
        cells = int(np.prod([config.sizes[axis] for axis in axes]))
        wide = len(axes) == 2 and name != "wpe"
        if name != "wpe":
            total += cells * (1 if wide and numbers == "int8" else 4)
    return total


# ---- What is told ---------------------------------------------------------------------------

def figures(record: dict) -> list[Figure]:
    float32, int8 = (Race.of(record[numbers]) for numbers in ("float32", "int8"))
    others = (OURS, READ, "NumPy engine")
    peers = [name for name in float32.seconds if name not in others]
    quick = int8.fastest([name for name in int8.seconds if name not in others])
    return [
        faster("Generation, float32", float32, OURS, peers, 1.05),
        _share("Generation, float32, of the memory's limit", record["float32"], record, 0.88),
        faster("Generation, int8", int8, OURS, ["CTranslate2"], 1.15),
        _share("Generation, int8, of the memory's limit", record["int8"], record, 0.75),
        *([Figure(f"Generation, int8, to the fastest peer ({quick})",
                  ratio_in_words(int8.ratio(OURS, quick)))]
          if quick not in (None, "CTranslate2") and OURS in int8.seconds else []),
    ]


def _share(what: str, record: dict, whole: dict, target: float) -> Figure:
    """The part of the limit that ours reaches, round by round."""
    race = Race.of(record)
    if OURS not in race.seconds or READ not in race.seconds:
        return unmeasured(what, race.left_out.get(OURS, "the limit is unknown"))
    share = _share_of_limit(record, whole, OURS)
    return at_least(what, share, target, form="{:.0%}")


def _share_of_limit(record: dict, whole: dict, name: str) -> float:
    """Seconds that reading takes over seconds that were taken, the median over the rounds."""
    reads = whole["tokens"] * record["bytes"] / READ_BYTES
    return Race.of(record).ratio(name, READ).median * reads


def section(record: dict) -> str:
    """The part of docs/performance.md."""
    parts = ["## Generation", "", f"{record['tokens']} tokens from a prompt of 6, greedily, GPT-2 "
             "small with random weights, batch of one. The limit is how often a second the memory "
             "delivers the weights that a token needs."]
    for numbers in ("float32", "int8"):
        parts += ["", _table(record, numbers)]
    return "\n".join(parts)


def _table(record: dict, numbers: str) -> str:
    own = record[numbers]
    race = Race.of(own)
    names = sorted((name for name in race.seconds if name != READ),
                   key=lambda name: race.spread(name).median)
    rows = []
    if READ in race.seconds:
        speed = READ_BYTES / race.spread(READ).median
        rows.append([f"*the limit: memory at {speed / 1e9:.1f} GB/s*",
                     f"*{speed / own['bytes']:.0f}*", "", "*100 %*"])
    for name in names:
        shown = f"**{name}**" if name == OURS else name
        ratio = "1" if name == OURS else (
            ratio_in_words(race.ratio(OURS, name)) if OURS in race.seconds else "")
        share = percent(_share_of_limit(own, record, name)) if READ in race.seconds else ""
        rows.append([shown, f"{record['tokens'] / race.spread(name).median:.1f}", ratio, share])
    text = table([numbers, "tokens a second", "Cutaway to it", "of the limit"], rows)
    notes = [_differences(own), left_out_in_words(race.left_out)]
    return "\n\n".join([text, *filter(None, notes)])


def _differences(own: dict) -> str:
    """What the checks found, in a sentence."""
    other = [name for name, check in own["checks"].items() if not check["same_text"]]
    if not own["checks"]:
        return ""
    cosine = min(check["cosine"] for check in own["checks"].values())
    text = f"The logits behind the prompt: cosine to the NumPy engine's at least {cosine:.5f}."
    if other:
        text += f" The text of {', '.join(other)} is another one: random logits lie close."
    return text


def main() -> None:
    run_alone(__doc__, measure, figures, section)


if __name__ == "__main__":
    main()
