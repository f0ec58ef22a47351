"""The sentence in which a model's card says what it is. The expected ones are read by hand."""

import os

import pytest

from cutaway.weights.card import sentence_of_card

# The beginning of openai-community/gpt2's card on the Hugging Face hub.
GPT2 = """---
language: en
tags:
- exbert

license: mit
---


# GPT-2

Test the whole generation capabilities here: https://transformer.huggingface.co/doc/gpt2-large

Pretrained model on English language using a causal language modeling (CLM) objective. It was
introduced in [this paper](https://d4mucfpksywv.cloudfront.net/better-language-models/language-models.pdf)
"""


@pytest.mark.parametrize(("card", "sentence"), [
    (GPT2, "Pretrained model on English language using a causal language modeling (CLM) "
           "objective."),
    ("Title\n=====\n\n![picture](x.png)\n\nA **small** [model](x.md) of\nour own. And more.",
     "A small model of our own."),
    ("# T\r\n\r\nOne line without an end", "One line without an end"),
    ("```sh\nA command.\n\nAnother.\n```\n\n- A list.\n\n| A table. | x |\n\n> Said.\n\nIt is.",
     "It is."),
    ("# only\n## headings", ""), ("", ""), ("---\nnot: closed", ""),
    ("A \x1b[31mred\x07 name.", "A [31mred name."),
    (f"{'word ' * 100}.", f"{'word ' * 35}wo..."),
])
def test_it_is_the_first_of_the_prose(tmp_path, card, sentence):
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    assert sentence_of_card(tmp_path / "README.md") == sentence


@pytest.mark.parametrize("make", [
    lambda card: None, os.mkfifo, os.mkdir, lambda card: card.symlink_to("/dev/zero"),
    lambda card: card.write_bytes(b"\xff\xfe\0" * 100_000)])
def test_what_is_no_card_says_nothing_and_takes_no_time(tmp_path, make):
    make(tmp_path / "README.md")
    said = sentence_of_card(tmp_path / "README.md")
    assert said == "" and sentence_of_card(None) == ""
