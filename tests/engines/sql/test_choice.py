"""The choice of a token in SQL against generate/distribution.py, whose truth is Hugging Face's."""

import numpy as np
import pytest

from cutaway import open_model
from cutaway.engines.sql.writing import written
from cutaway.errors import DatabaseError
from cutaway.generate import GREEDY, Sampling, distribution, generate
from tests.engines.sql.conftest import SHAPES, random_model
from tests.profiles import many

SETTINGS = [GREEDY, Sampling(0.7), Sampling(1.3, top_k=5), Sampling(1.0, top_p=0.6),
            Sampling(0.9, top_k=40, top_p=0.9), Sampling(2.0, top_k=1), Sampling(1.0, top_p=1e-9)]


@pytest.mark.parametrize("sampling", SETTINGS, ids=str)
def test_every_stage_and_the_token_are_those_of_the_library(predicted, sampling):
    run = predicted
    logits = run.array("next_logits")
    for draw in (0.0, 0.31, 0.8, 0.999999):
        token = run.choose(sampling, draw)
        truth = distribution(logits, sampling, draw)
        assert token == truth.token
    rows = run.database.rows("SELECT scaled, after_top_k, after_top_p, probability FROM choice "
                             "ORDER BY vocabulary")
    scaled, after_top_k, after_top_p, probability = map(np.array, zip(*rows, strict=True))
    assert np.allclose(scaled, truth.scaled, rtol=1e-12)
    assert (np.isinf(after_top_k) == np.isinf(truth.after_top_k)).all()
    assert (np.isinf(after_top_p) == np.isinf(truth.after_top_p)).all()
    assert np.allclose(probability, truth.probabilities, rtol=1e-9, atol=1e-15)


LOOKING_BACK = [Sampling(0, repetition_penalty=1.3), Sampling(0, no_repeat_ngram=2),
                Sampling(0.8, 40, 0.9, 0.7, 1), Sampling(1.0, None, None, 1.2, 3)]


@pytest.mark.parametrize("sampling", LOOKING_BACK, ids=str)
def test_the_stages_that_look_back_are_those_of_the_library(predicted, sampling):
    run, random = predicted, np.random.default_rng(4)
    logits = run.array("next_logits")
    likely = np.argsort(-logits)[:4]
    for _ in range(3):
        history = random.choice(likely, size=9)
        token = run.choose(sampling, 0.37, history.tolist())
        truth = distribution(logits, sampling, 0.37, history)
        assert token == truth.token
        rows = run.database.rows("SELECT after_penalty, after_no_repeat, probability FROM choice "
                                 "ORDER BY vocabulary")
        after_penalty, after_no_repeat, probability = map(np.array, zip(*rows, strict=True))
        assert np.allclose(after_penalty, truth.after_penalty, rtol=1e-12)
        assert np.allclose(after_no_repeat, truth.after_no_repeat, rtol=1e-12)
        assert np.allclose(probability, truth.probabilities, rtol=1e-9, atol=1e-15)


def test_tokens_before_a_restart_count_in_a_database_as_well(calculated, tmp_path):
    model = random_model(tmp_path, SHAPES["one head"])  # of six positions
    sampling = Sampling(0, repetition_penalty=1.5, no_repeat_ngram=1)
    run = calculated(model)
    run.predict("abc")
    library = list(generate(model.run("abc"), sampling, max_tokens=8))
    assert any(token.restarted for token in library)
    assert [token.id for token in written(run, sampling, 8)] == [token.id for token in library]
    truth = distribution(run.array("next_logits"), sampling,
                         history=[*model.tokenizer.encode("abc"), *(one.id for one in library)])
    assert run.database.rows("SELECT id FROM chosen") == [(truth.token,)]


def test_without_its_settings_nothing_looks_back(predicted):
    predicted.choose(Sampling(0, no_repeat_ngram=2))
    predicted.choose()
    columns = [name for name, *_ in predicted.database.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'choice'")]
    assert "after_no_repeat" not in columns


def test_a_database_that_may_choose_no_token_says_so(calculated, tmp_path):
    model = random_model(tmp_path, SHAPES["one head"])
    run = calculated(model)
    run.predict("abc")
    for sampling in (Sampling(0, no_repeat_ngram=1), Sampling(1.0, no_repeat_ngram=1)):
        with pytest.raises(DatabaseError, match=r"numbers, or no_repeat_ngram cuts every token\.$"):
            run.choose(sampling, 0.5, list(range(len(model.tokenizer))))


@pytest.mark.long
def test_a_text_by_chance_is_that_of_the_library_with_the_same_draws(calculated):
    model, sampling = open_model(), Sampling(0.9, top_k=40, top_p=0.95)
    run = calculated(model)
    run.predict("Once upon a time")
    count = len(run.ids)
    draws = np.random.default_rng(7)
    tokens = many(4, 12)
    for _ in range(tokens):
        run.choose(sampling, draws.random())
        run.append()
    library = generate(model.run("Once upon a time"), sampling, max_tokens=tokens, seed=7)
    assert run.ids[count:] == [token.id for token in library]
