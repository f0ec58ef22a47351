"""What is told of start-up, the tokenizer and training, from records as their files give them."""

from bench import others

SPREAD = {"median": 1.1, "low": 1.0, "high": 1.2}
STARTUP = {"limits_ms": {"cutaway --help": 150}, "commands": {
    "import numpy": {"wall_ms": 100.0, "over_bare_ms": 0.0},
    "cutaway --help": {"wall_ms": 260.0, "over_bare_ms": 160.0}}}
ENCODING = {"bytes": 16e6,
            "encoding": {"GPT-2": {"long texts": {"mb_a_second": {"tiktoken": 5.0, "Cutaway": 5.5},
                                                  "ratio": SPREAD}}},
            "learning": {"4096": {"seconds": {"Cutaway": 2.0, "tokenizers": 2.2},
                                  "ratio": {"Cutaway": SPREAD, "tokenizers": SPREAD},
                                  "same_merges": True}}}
SPEED = {"median": 1.0, "least": 0.9, "most": 1.1}
TRAINING = {"tokens_a_second": {"cutaway": SPEED, "nanoGPT-like, compiled": SPEED},
            "ratio_to": {"nanoGPT-like, compiled": SPEED},
            "largest_difference": {"nanoGPT-like, compiled": 1e-5},
            "memory_bytes": {"cutaway": 2**20, "nanoGPT-like, compiled": 2**20},
            "limit_tokens_a_second": 2.0}


def test_a_start_that_takes_too_long_is_not_met():
    (found,) = others.startup_figures(STARTUP)
    assert (found.found, found.target, found.met) == ("160 ms", "at most 150 ms", False)
    assert "| `cutaway --help` | 260 | 160 | 150 |" in others.startup_section(STARTUP)


def test_encoding_and_learning_are_judged_with_their_merges():
    assert [found.met for found in others.encoding_figures(ENCODING)] == [True, True, True]
    text = others.encoding_section(ENCODING)
    assert "| long texts, GPT-2 | 5.0 | 5.5 | 1.10 x (1.00 to 1.20) |" in text
    assert "| 4,096 | tokenizers | 2.2 | 1.10 x (1.00 to 1.20) |" in text


def test_other_merges_are_not_met():
    record = {**ENCODING, "encoding": {}, "learning": {"4096": {
        **ENCODING["learning"]["4096"], "same_merges": False}}}
    assert [found.met for found in others.encoding_figures(record)] == [True, False]


def test_training_is_judged_by_speed_loss_and_memory():
    assert [found.met for found in others.training_figures(TRAINING)] == [False, True, True]
    assert "| **cutaway** | 1 |  | 50 % | 1 |" in others.training_section(TRAINING)


def test_without_the_compiled_loop_training_is_not_judged():
    record = {**TRAINING, "ratio_to": {}}
    (found,) = others.training_figures(record)
    assert found.met is None
