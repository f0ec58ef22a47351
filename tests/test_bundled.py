"""The model that comes with Cutaway is what its card says."""

import math
import re
from pathlib import Path

import pytest
import torch
from torch.nn import functional
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

import cutaway
from cutaway.generate import Sampling, generate_text
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


def test_the_losses_of_the_card_are_those_that_transformers_measures(storybook):
    # Hugging Face's model and tokenizer on the bundled files and the held-out stories.
    text = shared_data("stories/valid.txt").read_text(encoding="utf-8").strip("\n")
    documents = text.split("\n<|endoftext|>\n")
    peer = GPT2LMHeadModel.from_pretrained(FOLDER, dtype=torch.float32).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(FOLDER)
    for name, count in VALID_DOCUMENTS.items():
        taken, documents = documents[:count], documents[count:]
        ids = [id for document in taken
               for id in (*tokenizer.encode(document), tokenizer.eos_token_id)]
        nats = total_nats(peer, ids)
        row = next(line for line in storybook.card.splitlines()
                   if line.startswith(f"| {name} | {len(ids) - 1:,} |"))
        bits = nats / math.log(2) / sum(len(document.encode()) for document in taken)
        assert float(row.split("|")[3]) == pytest.approx(nats / (len(ids) - 1), abs=2e-4)
        assert float(row.split("|")[4]) == pytest.approx(bits, abs=2e-4)


def total_nats(peer, ids):
    """The summed loss over windows of 256 tokens without overlap."""
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, 256):
            window = torch.tensor([ids[start:start + 257]])
            logits = peer(window[:, :-1]).logits[0]
            total += functional.cross_entropy(logits, window[0, 1:], reduction="sum").item()
    return total
