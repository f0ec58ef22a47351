"""The figures of start-up, the tokenizer and training, whose files measure by their own means."""

from bench.figure import Figure, at_least, at_most, percent, ratio_in_words, table, unmeasured
from bench.rounds import Spread

OURS = "Cutaway"


# ---- Start-up -------------------------------------------------------------------------------

def startup_figures(record: dict) -> list[Figure]:
    return [at_most(f"Start-up: {name} over a bare import of NumPy",
                    record["commands"][name]["over_bare_ms"], limit, form="{:.0f} ms")
            for name, limit in record["limits_ms"].items()]


def startup_section(record: dict) -> str:
    rows = [[f"`{name}`" if not name.startswith("import") else f"`python -c \"{name}\"`",
             f"{one['wall_ms']:.0f}", f"{one['over_bare_ms']:.0f}",
             record["limits_ms"].get(name, "")] for name, one in record["commands"].items()]
    return "\n\n".join([
        "## Start-up", "`python -m bench.startup`: each command in a process of its own, in turn, "
        "with warm caches; milliseconds, and what they are over a bare import of NumPy.",
        table(["command", "ms", "over the bare import", "at most"], rows)])


# ---- Encoding and learning ------------------------------------------------------------------

def encoding_figures(record: dict) -> list[Figure]:
    found = []
    for vocabulary, cases in record["encoding"].items():
        for case, one in cases.items():
            found.append(at_least(f"Encoding {case}, {vocabulary}: to bare tiktoken",
                                  one["ratio"]["median"], 0.95, said=_in_words(one["ratio"])))
    for size, one in record["learning"].items():
        for peer, ratio in one["ratio"].items():
            if peer != OURS:
                found.append(at_least(f"Learning {int(size):,} tokens: to {peer}",
                                      ratio["median"], 1.0, said=_in_words(ratio))
                             if peer == "tokenizers" else
                             Figure(f"Learning {int(size):,} tokens: to {peer}", _in_words(ratio)))
        same = one["same_merges"]
        found.append(Figure(f"Learning {int(size):,} tokens: the merges of tokenizers",
                            "not compared" if same is None else "the same" if same else "others",
                            "the same", same))
    return found


def encoding_section(record: dict) -> str:
    encoding = [[f"{case}, {vocabulary}", *(f"{speed:.1f}" for speed in
                                            one["mb_a_second"].values()), _in_words(one["ratio"])]
                for vocabulary, cases in record["encoding"].items()
                for case, one in cases.items()]
    names = next(iter(next(iter(record["encoding"].values())).values()))["mb_a_second"]
    learning = [[f"{int(size):,}", peer, f"{seconds:.1f}",
                 "" if peer == OURS else _in_words(one["ratio"][peer])]
                for size, one in record["learning"].items()
                for peer, seconds in one["seconds"].items()]
    return "\n\n".join([
        "## The tokenizer",
        "`python -m bench.encoding`: megabytes a second on one core, the ids the same.",
        table(["encoding", *(f"{name}, MB/s" for name in names), "Cutaway to tiktoken"], encoding),
        f"Learning a vocabulary from {record['bytes'] / 1e6:.0f} MB of text, on all cores.",
        table(["tokens", "learner", "seconds", "Cutaway to it"], learning)])


def _in_words(ratio: dict) -> str:
    return ratio_in_words(Spread(ratio["median"], ratio["low"], ratio["high"]))


# ---- Training -------------------------------------------------------------------------------

TRAINED, COMPILED = "cutaway", "nanoGPT-like, compiled"
SAME_LOSS = 1e-3    # nats a token: orders of adding, step after step


def training_figures(record: dict) -> list[Figure]:
    if COMPILED not in record["ratio_to"]:
        return [unmeasured("Training", "the compiled nanoGPT-like loop did not run")]
    ratio = record["ratio_to"][COMPILED]
    memory = record["memory_bytes"][TRAINED] / record["memory_bytes"][COMPILED]
    return [
        at_least("Training: to the compiled nanoGPT-like loop", ratio["median"], 1.05,
                 said=_spread_in_words(ratio)),
        at_most("Training: largest difference of the losses to it, nats",
                record["largest_difference"][COMPILED], SAME_LOSS, form="{:.1e}"),
        at_most("Training: peak memory, of its", memory, 1.0),
    ]


def training_section(record: dict) -> str:
    limit = record["limit_tokens_a_second"]
    rows = [["*the limit of the products*", f"*{limit:,.0f}*", "", "*100 %*", ""]]
    for side, speed in record["tokens_a_second"].items():
        ratio = record["ratio_to"].get(side)
        rows.append([f"**{side}**" if side == TRAINED else side, f"{speed['median']:,.0f}",
                     _spread_in_words(ratio) if ratio else "", percent(speed['median'] / limit),
                     f"{record['memory_bytes'][side] / 2**20:,.0f}"])
    return "\n\n".join([
        "## Training: speed", "`python -m bench.training`: a model of the bundled one's shape in "
        "float32, batches of 16 windows of 256 tokens, the same weights, batches and settings for "
        "everybody.",
        table(["loop", "tokens a second", "Cutaway to it", "of the limit", "peak memory, MiB"],
              rows)])


def _spread_in_words(ratio: dict) -> str:
    return ratio_in_words(Spread(ratio["median"], ratio["least"], ratio["most"]))
