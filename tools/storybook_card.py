"""Write the bundled model's card: its losses measured now, its samples written now.

    python tools/storybook_card.py STORIES src/cutaway/bundled/storybook \\
        --float32 build/storybook.npz --peer 3.5123

`--peer` is the loss on all held-out text that bench/training_loss.py printed for the peer's loop,
`--float32` the weights before they were rounded to float16.
"""

import argparse
from pathlib import Path

import numpy as np
from storybook import PLAN, SHAPE, SOURCES, read_sources

from cutaway.generate import Sampling, generate_text
from cutaway.model import Model, open_model
from cutaway.train.card import loss_table
from cutaway.train.data import Source
from cutaway.train.module import BookModule
from cutaway.train.validate import HeldOut, validate

ORIGINS = {
    "tinystories-v2-10k": ("TinyStories V2, written by GPT-4 (Eldan and Li 2023)",
                           "CDLA-Sharing-1.0"),
    "tinystories-smallgpt": ("TinyStories (Eldan and Li 2023)", "CDLA-Sharing-1.0"),
    "pb-english": ("Pratham Books' StoryWeaver, by way of global-asp/pb-source",
                   "CC-BY, one story in the public domain"),
    "asp-english": ("African Storybook, by way of global-asp/asp-source", "CC-BY"),
    "fairytaleqa": ("FairytaleQA's stories, from Project Gutenberg",
                    "Apache-2.0; the stories are in the public domain"),
    "classic-books": ("43 children's classics, by way of mlschmitt/classic-books-markdown",
                      "public domain"),
}
PROMPTS = ["Once upon a time", "One day, a little fox", "Mike is quick. He moves",
           "Lily found a small, shiny key", "The king and the queen had a daughter who",
           '"Where is my hat?" asked the old man', "The dog and the cat were friends.",
           "Tom was sad because", "In a small house near the sea there lived",
           "It was raining, and Anna"]
SAMPLING = Sampling(temperature=0.7, top_k=40)

TEMPLATE = Path(__file__).with_name("storybook_card.md")


def losses_of(model: Model, arrays, held_out: list[Source]):
    """The losses on the held-out documents with the given weights."""
    end = model.tokenizer.end_of_text
    texts = {source.name: HeldOut.of(source.documents, model.tokenizer.encode, end)
             for source in held_out}
    return validate(BookModule(model.config, arrays), texts)


def sample(model: Model, number: int, prompt: str) -> str:
    """One sample as a quotation."""
    text = prompt + generate_text(model, prompt, SAMPLING, max_tokens=150, seed=number,
                                  stop_tokens={model.tokenizer.end_of_text})
    quoted = "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
    return f"### Sample {number}\n\n{quoted}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stories", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--float32", type=Path, required=True)
    parser.add_argument("--peer", type=float, required=True)
    arguments = parser.parse_args()
    model = open_model(arguments.folder)
    sources, held_out = read_sources(arguments.stories)
    losses = losses_of(model, model.weights, held_out)
    before = losses_of(model, dict(np.load(arguments.float32)), held_out)["all"].loss_nats
    rows = [f"| {source.name} | {' | '.join(ORIGINS[source.name])} | {len(source.documents):,} | "
            f"{sum(map(len, source.documents)):,} | {source.repeats} |" for source in sources]
    stream = sum(len(model.tokenizer.encode(text)) + 1
                 for source in sources for text in source.documents * source.repeats)
    tokens = PLAN.steps * PLAN.batch * SHAPE.n_positions
    settings = {**vars(SHAPE), **vars(PLAN), "steps": f"{PLAN.steps:,}"}
    card = TEMPLATE.read_text(encoding="utf-8").format(
        **settings, data="\n".join(rows), tokens=tokens, passes=tokens / stream,
        parameters=model.weights.count, losses=loss_table(losses), float32=before,
        peer=arguments.peer, ratio=losses["all"].loss_nats / arguments.peer,
        samples="\n".join(sample(model, i + 1, prompt) for i, prompt in enumerate(PROMPTS)))
    (arguments.folder / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    assert [name for name, *_ in SOURCES] == list(ORIGINS)
    main()
