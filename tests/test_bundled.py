"""The model that comes with Cutaway is what its card says."""

import re
from pathlib import Path

import numpy as np
import pytest

import cutaway
from cutaway.generate import Sampling, generate_text
from cutaway.train.module import GPT2Module
from cutaway.train.validate import HeldOut, validate
from tests.shared import shared_data

FOLDER = Path(cutaway.__file__).parent / "bundled" / "storybook"
VALID_DOCUMENTS = {"tinystories-v2-10k": 17, "tinystories-smallgpt": 10, "pb-english": 4,
                   "asp-english": 3, "fairytaleqa": 3, "classic-books": 12}


@pytest.fixture(scope="module")
def storybook():
    return cutaway.open_model()


def test_it_is_at_most_12_megabytes():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 12e6


def test_it_is_a_gpt2_with_its_own_vocabulary(storybook):
    assert len(storybook.tokenizer) == storybook.config.vocab_size == 4096
    storybook.weights.check(storybook.config)
    storybook.weights.check_finite()


def test_the_card_names_every_source_its_licence_and_what_the_model_cannot_do(storybook):
    for name in (*VALID_DOCUMENTS, "CDLA-Sharing-1.0", "CC-BY", "Apache-2.0", "public domain",
                 "What it cannot do", "bits a byte", "3,400 steps"):
        assert name in storybook.card


def test_the_card_shows_ten_samples(storybook):
    assert len(re.findall(r"^### Sample \d+", storybook.card, flags=re.MULTILINE)) == 10


def test_the_first_sample_of_the_card_is_written_again(storybook):
    sample = storybook.card.split("### Sample 1\n")[1].split("### Sample 2")[0].strip()
    quoted = "\n".join(line.removeprefix(">").removeprefix(" ") for line in sample.splitlines())
    prompt = "Once upon a time"
    text = generate_text(storybook, prompt, Sampling(temperature=0.7, top_k=40), max_tokens=150,
                         seed=1, stop_tokens={storybook.tokenizer.end_of_text})
    assert quoted == (prompt + text).strip()


def test_the_losses_of_the_card_are_measured_again(storybook):
    # Measured on the held-out stories with the bundled float16 weights, as the card's table was.
    text = shared_data("stories/valid.txt").read_text(encoding="utf-8").strip("\n")
    documents = text.split("\n<|endoftext|>\n")
    texts = {}
    for name, count in VALID_DOCUMENTS.items():
        taken, documents = documents[:count], documents[count:]
        ids = [id for document in taken
               for id in (*storybook.tokenizer.encode(document), storybook.tokenizer.end_of_text)]
        texts[name] = HeldOut(np.array(ids), sum(len(document.encode()) for document in taken))
    for name, loss in validate(GPT2Module(storybook.config, storybook.weights), texts).items():
        row = next(line for line in storybook.card.splitlines() if line.startswith(f"| {name} |")
                   and f"{loss.tokens:,}" in line)
        assert float(row.split("|")[3]) == pytest.approx(loss.loss_nats, abs=2e-4)
        assert float(row.split("|")[4]) == pytest.approx(loss.bits_a_byte, abs=2e-4)
