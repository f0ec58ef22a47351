"""The tokenizer's speed: encoding beside bare tiktoken, and learning beside Hugging Face's library.

    python bench/encoding.py
    python bench/encoding.py --shared ../shared/data --rounds 3

Encoding: long texts of a megabyte, a stream of documents, and many short texts, with GPT-2's
vocabulary and the bundled one. tiktoken's `encode_ordinary` and `Tokenizer.encode` take turns, with
the same tables in memory; both work on one core, and what is compared is the time on it. Learning:
merges from 16 MB of text for vocabularies of 4,096 and 32,000, in turn with Hugging Face's
`tokenizers` and, where it is installed, rustbpe, on the clock, because these work on all cores.
Whether the merges are the same is checked.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutaway.tokenizer import FIRST_TOKENS, PATTERN, Tokenizer, learn_tokenizer, letters
from cutaway.weights.bundled import BUNDLED

if TYPE_CHECKING:
    import tiktoken

SHARED = Path(os.environ.get("CUTAWAY_SHARED", Path(__file__).parents[2] / "shared")) / "data"
BYTES, ENCODED_BYTES = 16_000_000, 4_000_000
SIZES = (4_096, 32_000)
LONG_TEXT, SHORT_TEXTS, TURN_TEXTS = 1_000_000, 20_000, 500
BARE, OURS, HUGGING_FACE, RUSTBPE = "tiktoken", "Cutaway", "tokenizers", "rustbpe"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shared", type=Path, default=SHARED, metavar="FOLDER",
                        help="where stories/train.txt and gpt2-tokenizer/ are")
    parser.add_argument("--json", action="store_true", help="the plain records")
    options = parser.parse_args()
    figures = measure(options.rounds, options.shared)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for vocabulary, cases in figures["encoding"].items():
        for case, one in cases.items():
            print(f"encode, {vocabulary:9} {case:12} tiktoken {one['mb_a_second'][BARE]:5.1f} MB/s,"
                  f" Cutaway {one['mb_a_second'][OURS]:5.1f}: {_in_words(one['ratio'])}")
    for size, one in figures["learning"].items():
        for name, seconds in one["seconds"].items():
            print(f"learn {size:>6}, {name:10} {seconds:6.2f} s   Cutaway is "
                  f"{_in_words(one['ratio'][name])} as fast")
        print(f"learn {size:>6}: same merges as tokenizers: {one['same_merges']}")
    for name, why in figures["left_out"].items():
        print(f"left out: {name} ({why})")


def measure(rounds: int = 5, shared: Path = SHARED) -> dict:
    """What encoding and learning take, as plain records.

    encoding  by vocabulary and case: megabytes a second, and how many times as fast as bare
              tiktoken Cutaway is (median, lowest, highest of the rounds)
    learning  by vocabulary size: median seconds, how many times as fast as each peer Cutaway is,
              and whether its merges are those of Hugging Face's library
    left_out  the peers that are not installed
    """
    text = _text(shared / "stories" / "train.txt")
    return {
        "rounds": rounds, "bytes": len(text.encode("utf-8")), "left_out": _learners()[1],
        "encoding": {name: _encoding(Tokenizer.open(folder), text, rounds) for name, folder in
                     {"GPT-2": shared / "gpt2-tokenizer", "storybook": BUNDLED / "storybook"
                      }.items()},
        "learning": {str(size): _in_a_process(_learning, shared, size, rounds)
                     for size in SIZES}}


def _text(file: Path) -> str:
    if not file.exists():
        raise SystemExit(f"{file} is not here: name the folder of the texts with --shared.")
    return file.read_bytes()[:BYTES].decode("utf-8", "ignore")


# ---- Encoding ------------------------------------------------------------------------------

def _encoding(tokenizer: Tokenizer, text: str, rounds: int) -> dict:
    text = text[:ENCODED_BYTES]
    bare = _bare(tokenizer)
    if tokenizer.encode(text) != bare.encode_ordinary(text):
        raise SystemExit("Cutaway and tiktoken give different ids: there is nothing to compare.")
    # Where tables of the same numbers happen to lie in memory makes more difference than what is
    # compared: the one made first was up to 8 % faster. So both look tokens up in the same tables.
    bare._core_bpe = tokenizer._encoder.quickly.__self__
    lines = [line for line in text.split("\n") if line][:SHORT_TEXTS]
    long = [text[start:start + LONG_TEXT] for start in range(0, len(text), LONG_TEXT)]
    cases = {"long texts": long, "documents": text.split("<|endoftext|>"), "short texts": lines}
    return {case: _encoding_of(tokenizer.encode, bare.encode_ordinary, texts, 4 * rounds)
            for case, texts in cases.items()}


def _bare(tokenizer: Tokenizer) -> "tiktoken.Encoding":
    import tiktoken

    tokens = (*FIRST_TOKENS, *(left + right for left, right in tokenizer.merges))
    ranks = {token: rank for rank, token in enumerate(tokens)}
    return tiktoken.Encoding("bare", pat_str=PATTERN, special_tokens={},
                             mergeable_ranks=ranks)


def _encoding_of(ours: Callable, bare: Callable, texts: Sequence[str], rounds: int) -> dict:
    """A round is all texts. The two take turns every few of them, as a core's speed changes faster
    than a round lasts, and in turn they are the first."""
    def run(encode: Callable, some: Sequence[str]) -> float:
        start = time.process_time()
        for text in some:
            encode(text)
        return time.process_time() - start

    seconds = {BARE: [0.0] * rounds, OURS: [0.0] * rounds}
    works = [(BARE, bare), (OURS, ours)]
    few = min(TURN_TEXTS, -(-len(texts) // 4))
    for number in range(rounds):
        for start in range(0, len(texts), few):
            some = texts[start:start + few]
            for name, encode in works:
                seconds[name][number] += run(encode, some)
            works.reverse()
    megabytes = sum(len(text.encode("utf-8")) for text in texts) / 1e6
    return {"texts": len(texts), "mean_characters": sum(map(len, texts)) / len(texts),
            "mb_a_second": {name: megabytes / statistics.median(times)
                            for name, times in seconds.items()},
            "ratio": _ratio(seconds, BARE)}


# ---- Learning ------------------------------------------------------------------------------

def _learners() -> tuple[dict[str, Callable[[Iterable[str], int], Any]], dict[str, str]]:
    """Who learns a vocabulary of a size from texts, by name, and who is not here."""
    learners: dict[str, Callable[[Iterable[str], int], Any]] = {OURS: _by_cutaway}
    left_out = {}
    for name, learner in {HUGGING_FACE: _by_hugging_face, RUSTBPE: _by_rustbpe}.items():
        try:
            import_module(name)
            learners[name] = learner
        except ImportError:
            left_out[name] = f"pip install {name}"
    return learners, left_out


def _by_cutaway(texts: Iterable[str], size: int) -> Tokenizer:
    return learn_tokenizer(texts, size, special=())


def _by_hugging_face(texts: Iterable[str], size: int) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learner.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return learner


def _by_rustbpe(texts: Iterable[str], size: int) -> Any:
    learner = import_module(RUSTBPE).Tokenizer()
    learner.train_from_iterator(iter(texts), size, pattern=PATTERN)
    return learner


def _in_a_process(work: Callable[..., dict], *given: object) -> dict:
    """In a new process, where no other library has filled the memory before."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _learning(shared: Path, size: int, rounds: int) -> dict:
    """One vocabulary size's entry of `measure`; everybody learns from the same texts."""
    texts = _text(shared / "stories" / "train.txt").split("<|endoftext|>")
    learners, last = _learners()[0], {}

    def run(name: str) -> float:
        start = time.perf_counter()
        last[name] = learners[name](texts, size)
        return time.perf_counter() - start

    seconds = _in_turn({name: lambda name=name: run(name) for name in learners}, rounds)
    ours = [f"{letters(left)} {letters(right)}" for left, right in last[OURS].merges]
    peer = last.get(HUGGING_FACE)
    theirs = [" ".join(pair) for pair in json.loads(peer.to_str())["model"]["merges"]] if peer \
        else None
    return {"seconds": {name: statistics.median(times) for name, times in seconds.items()},
            "ratio": {name: _ratio(seconds, name) for name in learners},
            "same_merges": None if theirs is None else theirs == ours}


# ---- Rounds --------------------------------------------------------------------------------

def _in_turn(works: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each work, A B A B ...; the first round warms up and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            taken = work()
            if number:
                seconds[name].append(taken)
    return seconds


def _ratio(seconds: dict[str, list[float]], peer: str) -> dict[str, float]:
    """How many times as fast as the peer Cutaway is, compared within each round."""
    ratios = [theirs / ours for theirs, ours in zip(seconds[peer], seconds[OURS], strict=True)]
    return {"median": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def _in_words(ratio: dict[str, float]) -> str:
    return f"{ratio['median']:.2f} x ({ratio['low']:.2f} to {ratio['high']:.2f})"


if __name__ == "__main__":
    main()
