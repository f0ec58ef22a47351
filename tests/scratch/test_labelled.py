"""A table as an array: texts as indices, and labels that are right or absent."""

import numpy as np
import pytest

from cutaway.errors import UnknownRow, UnknownToken
from cutaway.scratch import Labelled
from cutaway.scratch.labelled import labelled
from cutaway.scratch.names import Names
from cutaway.scratch.tokens import TokenRows


@pytest.fixture(scope="module")
def table(run):
    """A function that gives a table by its name."""
    rows = TokenRows(run)
    return lambda name: labelled(run[name], rows)


def test_a_token_is_found_by_its_exact_text(table, run, model):
    row = table("wte")[" king"]
    assert np.array_equal(row, run["wte"].array[model.tokenizer.id_of(" king")])


def test_a_word_is_found_with_the_space_in_front_when_it_is_no_token_without(table, run, model):
    row = table("wte")["queen"]
    assert np.array_equal(row, run["wte"].array[model.tokenizer.id_of(" queen")])


def test_the_exact_text_comes_before_the_one_with_a_space(table, run, model):
    row = table("wte")["king"]
    assert np.array_equal(row, run["wte"].array[model.tokenizer.id_of("king")])
    assert table("wte").tokens.notes == [
        "'king' is the token 915, a piece without a space in front of it. "
        "The word is ' king', the token 884."]


def test_several_tokens_are_named_with_and_without_a_space(table):
    with pytest.raises(UnknownToken, match="'re' \\+ 'ind' \\+ 'eer', or with a space in front "
                                           "' re' \\+ 'ind' \\+ 'eer'"):
        table("wte")["reindeer"]


def test_no_text_is_no_token(table):
    with pytest.raises(UnknownToken, match="empty text"):
        table("wte")[""]


def test_every_axis_can_be_named_by_its_own_kind_of_label(table, run):
    attention = run["h3.attention"]
    expected = attention.select(head=1, position=" time", source=" upon").array
    assert table("h3.attention")[1, " time", " upon"] == expected
    assert table("h3.attention")[1, "time", "upon"] == expected


def test_a_text_alone_goes_to_the_first_axis_with_labels(table, run):
    found = table("h3.attention")[" time"]
    assert found.axes == ("head", "source")
    assert np.array_equal(found, run["h3.attention"].select(position=" time").array)


def test_a_word_that_stands_twice_in_the_prompt_has_to_be_given_by_number(table):
    with pytest.raises(UnknownRow, match=r"several position rows ' sad': .*Give the number"):
        table("h3.attention")[" sad"]


def test_an_axis_without_labels_takes_no_text(table):
    with pytest.raises(UnknownRow, match="cannot be looked up along head, whose rows bear no"):
        table("h3.attention")[" time", 0, 0]
    with pytest.raises(UnknownRow, match=r"along embed.*Give a number from 0 to 191"):
        table("ln_f_g")["king"]


def test_more_indices_than_axes_are_told_with_the_axes(table):
    with pytest.raises(UnknownRow, match=r"wte has 2 axes \(vocabulary, embed\), but 3 indices"):
        table("wte")[" king", 0, 0]


@pytest.mark.parametrize("key", [
    1, -1, slice(1, 4), (1, 2), (1, slice(None), 3), (..., 2), (0, ...), ([2, 0], slice(1, 3)),
    (slice(None), [3, 1]), ([0, 1], [2, 3]), (0, [2, 3]), np.array([1, 2]), (None, 1),
    (slice(None, None, -1), 0, 0), np.int64(2), [1, 2],
])
def test_numbers_pick_what_numpy_picks(table, run, key):
    found = table("h3.attention")[key]
    assert np.array_equal(found, run["h3.attention"].array[key])


def test_a_mask_picks_what_numpy_picks(table, run):
    plain = run["h3.attention"].array
    assert np.array_equal(table("h3.attention")[plain > 0.5], plain[plain > 0.5])


def test_labels_stay_with_their_rows_when_a_part_is_picked(table, run, model):
    part = table("wte")[880:890]
    assert np.array_equal(part[" king"], run["wte"].array[884])
    backwards = table("h3.attention")[0, ::-1]
    assert np.array_equal(backwards[" time"], table("h3.attention")[0, " time"])
    chosen = table("wte")[[" queen", " king"]]
    assert np.array_equal(chosen[" king"], run["wte"].array[model.tokenizer.id_of(" king")])


def test_a_token_outside_of_the_picked_part_is_told(table):
    with pytest.raises(UnknownRow, match="only 10 rows are left"):
        table("wte")[:10][" king"]


def test_a_table_cannot_be_written_to(table):
    with pytest.raises(ValueError, match="read-only"):
        table("wte")[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        table("wte")[" king"][0] = 0
    everything = table("wte")
    with pytest.raises(ValueError, match="read-only"):
        everything += 1


@pytest.mark.parametrize(("calculate", "axes"), [
    (lambda t: t("wte")[" king"] - t("wte")[" man"], ("embed",)),
    (lambda t: t("h3.attention") - t("h2.attention"), ("head", "position", "source")),
    (lambda t: np.exp(t("h3.scores")), ("head", "position", "source")),
    (lambda t: t("h3.attention") > 0.5, ("head", "position", "source")),
    (lambda t: t("h3.attention").sum(axis=-1), ("head", "position")),
    (lambda t: t("h3.attention").mean(axis=(0, 1)), ("source",)),
    (lambda t: t("h3.attention").max(0), ("position", "source")),
    (lambda t: t("h3.residual") * t("h3.ln_1_g"), ("position", "embed")),
    (lambda t: t("h3.residual_after_mlp") @ t("wte").T, ("position", "vocabulary")),
    (lambda t: t("wte") @ t("wte")[" king"], ("vocabulary",)),
    (lambda t: t("wte")[" king"] @ t("wte").T, ("vocabulary",)),
    (lambda t: t("h3.attention") @ t("h3.values"), ("head", "position", "head_embed")),
    (lambda t: t("h3.keys").swapaxes(-1, -2), ("head", "head_embed", "position")),
])
def test_what_is_calculated_keeps_the_labels_that_are_certain(table, calculate, axes):
    assert calculate(table).axes == axes


@pytest.mark.parametrize("calculate", [
    lambda t: np.sort(t("next_logits")),
    lambda t: np.flip(t("next_logits")).copy(),
    lambda t: t("h3.attention").reshape(-1),
    lambda t: t("wte")[:64] @ t("wte")[:64].T,
    lambda t: t("h3.attention").sum(axis=-1, keepdims=True),
    lambda t: t("h3.attention")[0] + t("h3.attention")[0].T,
    lambda t: t("wte")[0:9] - t("wte")[1:10],
    lambda t: np.concatenate([t("wte"), t("wte")]),
    lambda t: t("h3.attention").argmax(axis=-1),
    lambda t: np.cumsum(t("next_probabilities")),
    lambda t: t("next_logits")[np.argsort(t("next_logits"))],
])
def test_labels_that_might_be_wrong_are_none(table, calculate):
    found = calculate(table)
    assert getattr(found, "axes", ()) == ()


def test_sorting_in_place_takes_the_labels_away(table):
    mine = table("next_logits") * 1
    assert mine.axes == ("vocabulary",)
    mine.sort()
    assert mine.axes == ()
    assert (np.diff(mine) >= 0).all()


def test_a_text_finds_nothing_where_the_labels_are_lost(table):
    with pytest.raises(UnknownRow, match="lost its labels"):
        table("wte").copy()[" king"]


def test_calculating_gives_numpys_numbers(table, run):
    plain = run["h3.residual"].array
    mine = table("h3.residual")
    assert np.array_equal(mine - mine.mean(axis=-1, keepdims=True),
                          plain - plain.mean(axis=-1, keepdims=True))
    assert np.array_equal(mine @ mine.T, plain @ plain.T)
    assert np.array_equal(mine.std(axis=0), plain.std(axis=0))
    assert np.array_equal(np.linalg.norm(mine, axis=1), np.linalg.norm(plain, axis=1))
    assert np.array_equal(mine.transpose(1, 0), plain.T)
    assert type(np.asarray(mine)) is np.ndarray


def test_a_result_can_be_written_to(table):
    mine = table("h3.attention") * 1
    mine /= 2
    mine[0, 0, 0] = 7
    assert isinstance(mine, Labelled)
    assert mine.axes == ("head", "position", "source")
    assert mine[0, 0, 0] == 7


def test_a_table_tells_its_name_and_axes(table):
    text = repr(table("h3.attention"))
    assert text.startswith("<h3.attention: 6 head x 14 position x 14 source>\n")
    assert repr(table("wte") * 2).startswith("<calculated: 4096 vocabulary x 192 embed>\n")


def test_a_run_without_a_tokenizer_takes_numbers_only(model):
    import cutaway

    bare = cutaway.start_run(model.book, model.weights, [44, 378], engine=cutaway.NumpyEngine())
    wte = Names(bare).table("wte")
    assert wte[3].shape == (192,)
    with pytest.raises(UnknownRow, match="bear no labels"):
        wte[" king"]


def test_of_several_prompts_no_position_has_a_label(model):
    batch = model.run(np.array([[44, 378], [44, 709]]))
    attention = Names(batch).table("h3.attention")
    assert attention.axes == ("batch", "head", "position", "source")
    with pytest.raises(UnknownRow, match="bear no labels"):
        attention[0, 0, " is"]
