"""The settings: what is accepted, and what is said of what is not."""

from math import inf, nan

import pytest

from cutaway.errors import SettingError
from cutaway.generate import GREEDY, Sampling


def test_the_settings_are_the_models_own_probabilities_when_none_is_given():
    assert Sampling() == Sampling(temperature=1.0, top_k=None, top_p=None)
    assert not Sampling().greedy


def test_a_temperature_of_zero_is_greedy():
    assert Sampling(temperature=0) == GREEDY
    assert GREEDY.greedy


@pytest.mark.parametrize("temperature", [-0.1, -1, inf, -inf, nan, "warm", None, True])
def test_a_temperature_outside_its_range_says_what_is_expected(temperature):
    with pytest.raises(SettingError) as error:
        Sampling(temperature=temperature)
    assert str(error.value) == (
        f"The temperature is {temperature!r}; 0 (always the likeliest token) or a number above it "
        "is expected. 1 leaves the model's probabilities as they are; try 0.8.")


def test_a_temperature_too_near_to_zero_says_so():
    with pytest.raises(SettingError) as error:
        Sampling(temperature=1e-300)
    assert str(error.value) == (
        "The temperature is 1e-300, too near to 0 to divide by; 0 (always the likeliest token) or "
        "a number above it is expected. 1 leaves the model's probabilities as they are; try 0.8.")


@pytest.mark.parametrize("top_k", [0, -1, 2.5, 40.0, "40", True])
def test_a_top_k_that_is_no_count_says_what_is_expected(top_k):
    with pytest.raises(SettingError) as error:
        Sampling(top_k=top_k)
    assert str(error.value) == (
        f"Top-k is {top_k!r}; a whole number of at least 1 is expected: how many of the likeliest "
        "tokens stay. Try 40, or leave it out to keep them all.")


@pytest.mark.parametrize("top_p", [0, 0.0, -0.5, 1.0001, 90, nan, "0.9", True])
def test_a_top_p_outside_its_range_says_what_is_expected(top_p):
    with pytest.raises(SettingError) as error:
        Sampling(top_p=top_p)
    assert str(error.value) == (
        f"Top-p is {top_p!r}; a number above 0 and at most 1 is expected: the share of the "
        "probability that the tokens that stay have together. Try 0.9 for 90%, or leave it out to "
        "keep them all.")
