"""Every stage from logits to a token, against Hugging Face's logits processors and NumPy."""

from math import inf, nan

import numpy as np
import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from cutaway.errors import BookError, SettingError, ShapeMismatch
from cutaway.generate import GREEDY, Row, Sampling, distribution, shares_shown

# Upper 0.001 point of chi-square with 20 degrees of freedom. Source: NIST/SEMATECH e-Handbook of
# Statistical Methods, 1.3.6.7.4, "Critical Values of the Chi-Square Distribution".
CHI_SQUARE_20_AT_0_999 = 45.315


def hugging_face_stages(logits: np.ndarray, sampling: Sampling) -> dict[str, np.ndarray]:
    """The same stages by Hugging Face's processors, in the order of its `generate`."""
    scores = torch.tensor(logits, dtype=torch.float64)[None]
    stages = {"scaled": TemperatureLogitsWarper(float(sampling.temperature))(None, scores)}
    stages["after_top_k"] = stages["scaled"]
    if sampling.top_k is not None:
        stages["after_top_k"] = TopKLogitsWarper(sampling.top_k)(None, stages["scaled"])
    stages["after_top_p"] = stages["after_top_k"]
    if sampling.top_p is not None:
        stages["after_top_p"] = TopPLogitsWarper(sampling.top_p)(None, stages["after_top_k"])
    stages["probabilities"] = torch.softmax(stages["after_top_p"], dim=-1)
    return {name: stage[0].numpy() for name, stage in stages.items()}


def random_logits(random: np.random.Generator) -> np.ndarray:
    """float32 logits of any width: smooth, with many ties, all equal, huge, or some ruled out."""
    logits = random.normal(loc=-100, scale=random.choice([0.1, 3, 30]),
                           size=random.integers(1, 400)).astype(np.float32)
    kind = random.integers(5)
    if kind == 1:
        logits = np.round(logits)
    elif kind == 2:
        logits[:] = logits[0]
    elif kind == 3:
        logits = logits * np.float32(1e30)
    elif kind == 4:
        logits[1:][random.random(len(logits) - 1) < 0.3] = -np.inf
    return logits


def random_sampling(random: np.random.Generator) -> Sampling:
    temperature = float(random.choice([1e-3, 0.1, 0.7, 1.0, 1.3, 5.0, 1e3]))
    top_k = random.choice([None, 1, 2, 5, 40, 399, 100_000])
    top_p = random.choice([None, 1e-9, 0.1, 0.5, 0.8, 0.9, 0.999, 1.0, float(random.random())])
    return Sampling(temperature, top_k, top_p)


def test_every_stage_equals_hugging_faces_processors_on_a_thousand_random_logits():
    random = np.random.default_rng(5)
    for _ in range(1000):
        logits, sampling = random_logits(random), random_sampling(random)
        ours, theirs = distribution(logits, sampling), hugging_face_stages(logits, sampling)
        np.testing.assert_array_equal(ours.scaled, theirs["scaled"], str(sampling))
        np.testing.assert_array_equal(ours.after_top_k, theirs["after_top_k"], str(sampling))
        assert_same_but_for_ties(ours.after_top_p, theirs["after_top_p"])
        np.testing.assert_allclose(np.sort(ours.probabilities), np.sort(theirs["probabilities"]),
                                   rtol=1e-12, atol=0, err_msg=str(sampling))


def assert_same_but_for_ties(ours: np.ndarray, theirs: np.ndarray) -> None:
    """The same tokens are kept; of those that tie at the border of top-p, as many.

    Hugging Face's processor sorts without `stable=True`, so that which of equals it cuts depends
    on the machine's sort: of ten equal logits it may keep any five.
    """
    border = ours[np.isfinite(ours)].min()
    np.testing.assert_array_equal(np.sort(ours), np.sort(theirs))
    np.testing.assert_array_equal(ours[ours > border], theirs[ours > border])


def test_every_stage_equals_hugging_faces_at_gpt2s_width_with_ties_everywhere():
    logits = np.round(np.random.default_rng(7).normal(-110, 6, size=50_257)).astype(np.float32)
    sampling = Sampling(0.8, top_k=1000, top_p=0.9)
    ours, theirs = distribution(logits, sampling), hugging_face_stages(logits, sampling)
    assert_same_but_for_ties(ours.after_top_p, theirs["after_top_p"])
    np.testing.assert_allclose(np.sort(ours.probabilities), np.sort(theirs["probabilities"]),
                               rtol=1e-12, atol=0)


def test_all_that_ties_with_the_kth_stays():
    assert distribution([3.0, 1, 2, 2, 2], Sampling(top_k=2)).after_top_k.tolist() == [
        3, -inf, 2, 2, 2]


def test_of_equally_likely_tokens_top_p_cuts_the_highest_ids_first():
    choice = distribution([0.0, 0, 0, 0], Sampling(top_p=0.6))
    assert choice.after_top_p.tolist() == [0, 0, 0, -inf]


def test_a_top_p_near_zero_leaves_the_token_that_greedy_takes():
    logits = np.round(np.random.default_rng(3).normal(size=300))
    kept = np.isfinite(distribution(logits, Sampling(top_p=1e-12)).after_top_p)
    assert np.flatnonzero(kept).tolist() == [distribution(logits, GREEDY).token]


def test_the_likeliest_token_stays_however_small_top_p_is():
    # 1 - 1e-300 is 1, and both shares together are not more than that.
    assert distribution([0.0, 0.0], Sampling(top_p=1e-300)).after_top_p.tolist() == [0, -inf]


def test_probabilities_are_shares_of_one_after_every_cut():
    logits = np.random.default_rng(1).normal(size=500)
    for sampling in (Sampling(), Sampling(0.5, top_k=10), Sampling(2, top_p=0.8), GREEDY):
        assert distribution(logits, sampling).probabilities.sum() == pytest.approx(1, abs=1e-12)


def test_twenty_thousand_draws_follow_hugging_faces_probabilities():
    logits = np.random.default_rng(2).normal(size=60).astype(np.float32)
    sampling = Sampling(0.9, top_k=21)
    expected = hugging_face_stages(logits, sampling)["probabilities"] * 20_000
    random = np.random.Generator(np.random.PCG64(2026))
    tokens = [distribution(logits, sampling, random.random()).token for _ in range(20_000)]
    counts = np.bincount(tokens, minlength=60)
    kept = expected > 0
    assert kept.sum() == 21
    assert expected[kept].min() > 5  # the rule of thumb for the chi-square test
    assert counts[~kept].sum() == 0
    chi_square = ((counts - expected)[kept] ** 2 / expected[kept]).sum()
    assert chi_square < CHI_SQUARE_20_AT_0_999


def test_a_draw_falls_on_the_token_that_numpys_own_choice_takes():
    for seed in range(200):
        logits = random_logits(np.random.default_rng(seed))
        choice = distribution(logits, Sampling(1.1, top_k=30, top_p=0.95),
                              draw=np.random.default_rng(seed).random())
        theirs = np.random.default_rng(seed).choice(len(logits), p=choice.probabilities)
        assert choice.token == theirs


@pytest.mark.parametrize(("draw", "token"), [
    (0.0, 1), (0.2499, 1), (0.25, 3), (0.7499, 3), (0.75, 4), (1 - 2**-53, 4)])
def test_a_draw_is_a_point_on_the_probabilities_laid_end_to_end(draw, token):
    with np.errstate(divide="ignore"):
        logits = np.log([0.0, 0.25, 0.0, 0.5, 0.25, 0.0])
    assert distribution(logits, Sampling(), draw).token == token


def test_the_highest_draw_falls_on_the_last_token_though_shares_add_up_to_less_than_one():
    assert np.cumsum([0.1] * 10)[-1] < 1
    assert distribution([0.0] * 10, Sampling(), draw=1 - 2**-53).token == 9


def test_greedy_takes_the_highest_logit_without_a_draw():
    assert distribution([0.1, 5, 4.9], GREEDY).token == 1


def test_greedy_takes_the_lowest_id_of_equally_high_logits():
    assert distribution([0.1, 5, 4, 5, 5], GREEDY).token == 1


def test_greedy_divides_nothing_and_shows_the_models_own_probabilities():
    logits = np.array([1.0, 2, 3])
    choice = distribution(logits, GREEDY)
    np.testing.assert_array_equal(choice.scaled, logits)
    np.testing.assert_allclose(choice.probabilities, torch.softmax(torch.tensor(logits), 0))


def test_rows_show_the_best_tokens_at_every_stage_best_first():
    choice = distribution([0.0, 2, 4, 2], Sampling(0.5, top_k=2, top_p=0.99), draw=0.5)
    # By hand: 4 and both 2s pass top-k (they tie); softmax of 8, 4, 4 is 0.965, 0.018, 0.018;
    # cutting the lower of the two leaves 0.982 < 0.99, but 0.018 > 0.01 may not be cut.
    tail = np.exp(-4) / (1 + 2 * np.exp(-4))
    assert choice.rows(4) == [
        Row(2, 4, 4, 4, 8, 8, 8, pytest.approx(1 - 2 * tail)),
        Row(1, 2, 2, 2, 4, 4, 4, pytest.approx(tail)),
        Row(3, 2, 2, 2, 4, 4, 4, pytest.approx(tail)),
        Row(0, 0, 0, 0, 0, -inf, -inf, 0)]
    assert [row.id for row in choice.rows(2)] == [2, 1]


def test_the_logits_are_left_as_they_were():
    logits = np.array([1.0, 2, 3, 4], dtype=np.float32)
    before = logits.copy()
    assert distribution(logits, Sampling(0.5, top_k=2, top_p=0.5), 0.5).rows(4)
    np.testing.assert_array_equal(logits, before)


@pytest.mark.parametrize("draw", [-0.1, 1.0, 2, nan])
def test_a_draw_outside_its_range_says_what_is_expected(draw):
    with pytest.raises(SettingError) as error:
        distribution([1.0, 2], Sampling(), draw)
    assert str(error.value) == (f"The draw is {draw!r}; a number of at least 0 and below 1 is "
                                "expected, as a random generator gives it.")


def test_choosing_without_a_draw_says_that_one_is_needed():
    with pytest.raises(SettingError) as error:
        _ = distribution([1.0, 2], Sampling(0.8)).token
    assert str(error.value) == (
        "No random number was drawn, and temperature 0.8 needs one to choose a token. Give a draw "
        "of at least 0 and below 1, or use temperature 0 to take the highest.")


@pytest.mark.parametrize(("logits", "shape"), [
    (np.zeros((2, 3)), "2 x 3"), (np.float32(1), "of one number"), (np.zeros(0), "0")])
def test_logits_that_are_not_one_row_say_what_to_take(logits, shape):
    with pytest.raises(ShapeMismatch) as error:
        distribution(logits, GREEDY)
    assert str(error.value) == (
        f"The logits have the shape {shape}; one number for each token of the vocabulary is "
        "expected. Take the row of one position: run[run.book.role('next_logits')].")


@pytest.mark.parametrize("wrong", [nan, inf])
def test_logits_that_are_no_numbers_name_the_first_token(wrong):
    with pytest.raises(BookError) as error:
        distribution([1.0, wrong, 2, wrong], Sampling())
    assert str(error.value) == (
        f"The logit of token 1 is {wrong}, so that no token can be chosen (2 of 4 are no finite "
        "number). Look for the first table that holds such a number: an edit, a formula or a "
        "weight above made it.")


def test_logits_that_rule_every_token_out_say_so():
    with pytest.raises(BookError) as error:
        distribution([-inf, -inf], GREEDY)
    assert str(error.value) == ("Every logit is minus infinity, so that no token can be chosen. "
                                "Leave at least one token of the vocabulary open.")


def test_probabilities_on_the_way_are_softmax_after_each_setting_that_is_on():
    """Worked by hand: odds of 6 : 3 : 1; at temperature 1/2 they are squared, 36 : 9 : 1."""
    logits = np.log([6.0, 3.0, 1.0])
    told = distribution(logits, Sampling(0.5, top_k=2), draw=0.1).shares_on_the_way()
    assert list(told) == ["model says", "after temperature", "after cuts"]
    np.testing.assert_allclose(told["model says"], [0.6, 0.3, 0.1])
    np.testing.assert_allclose(told["after temperature"], np.array([36, 9, 1]) / 46)
    np.testing.assert_allclose(told["after cuts"], [36 / 45, 9 / 45, 0])
    penalised = Sampling(0, repetition_penalty=2.0, no_repeat_ngram=1)
    told = distribution(logits, penalised, history=[0]).shares_on_the_way()
    assert list(told) == ["model says", "after penalty", "without repeats", "after temperature",
                          "after cuts"] == list(shares_shown(penalised))
    np.testing.assert_allclose(told["after penalty"], np.array([6 ** 0.5, 3, 1]) / (6 ** 0.5 + 4))
    np.testing.assert_allclose(told["without repeats"], [0, 0.75, 0.25])
    np.testing.assert_array_equal(told["after temperature"], [0, 1, 0])
    np.testing.assert_array_equal(told["after cuts"], [0, 1, 0])
