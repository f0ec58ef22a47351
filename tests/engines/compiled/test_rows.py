"""A row has the same digits however its text is written; edits follow the reference.

"The same" means to the last bit where both sides are the compiled engine, and to rounding where
the other side is NumPy, which takes its sums in another order.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway import Config, NumpyEngine, Run, open_model
from cutaway.engines.compiled import CompiledEngine
from cutaway.generate import GREEDY, Sampling, generate
from tests.engines.compiled.runs import CONFIG, IDS, appended, distance, engine_of, run_of
from tests.profiles import many

ROUNDING = 2e-5  # float32 through two blocks
KEEPING = pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])


@pytest.fixture(scope="module")
def engine() -> CompiledEngine:
    return CompiledEngine()


@pytest.fixture(scope="module")
def whole(engine) -> np.ndarray:
    """The logits of the prompt, calculated at once and step by step."""
    return run_of(engine)["logits"].array


# ---- To the last bit -----------------------------------------------------------------------

def test_in_one_go_is_step_by_step(engine, whole):
    np.testing.assert_array_equal(run_of(engine, keep=())["logits"].array, whole)


@KEEPING
@pytest.mark.parametrize("read", ["next_logits", "logits", None])
def test_token_by_token_is_the_whole_prompt(engine, whole, keep, read):
    run = appended(run_of(engine, IDS[:3], keep=keep), IDS[3:], read=read)
    np.testing.assert_array_equal(run["logits"].array, whole)


@KEEPING
def test_every_next_token_is_a_row_of_the_whole_prompt(engine, whole, keep):
    run = run_of(engine, IDS[:1], keep=keep)
    for position, token in enumerate(IDS[1:]):
        np.testing.assert_array_equal(run_of(engine, IDS[:position + 1], keep=keep)
                                      ["next_logits"].array, run["next_logits"].array)
        run = run.append(int(token))


def test_the_next_tokens_logits_are_the_last_row_of_all_logits(engine, whole):
    np.testing.assert_array_equal(run_of(engine, keep=())["next_logits"].array, whole[-1])


@KEEPING
def test_tables_read_late_are_those_read_on_the_way(engine, keep):
    early = appended(run_of(engine, IDS[:5], keep=keep), IDS[5:12], read="next_logits")
    late = appended(run_of(engine, IDS[:5], keep=keep), IDS[5:12])
    for name in ("logits", "h1.keys", "h0.values", "h1.attention", "h1.residual_after_mlp"):
        np.testing.assert_array_equal(late[name].array, early[name].array, err_msg=name)
        np.testing.assert_array_equal(run_of(engine, IDS[:12])[name].array, early[name].array,
                                      err_msg=name)


@KEEPING
def test_two_texts_that_go_on_from_one_leave_each_other_alone(engine, keep):
    start = run_of(engine, IDS[:6], keep=keep)
    _ = start["next_logits"]
    ours, theirs = appended(start, IDS[6:10]), appended(start, IDS[20:26])
    first = ours["logits"].array.copy()
    second = theirs["logits"].array.copy()
    for _ in range(2):
        np.testing.assert_array_equal(ours["logits"].array, first)
        np.testing.assert_array_equal(theirs["logits"].array, second)
    np.testing.assert_array_equal(start["h1.keys"].array, theirs["h1.keys"].array[:, :6])
    longer = appended(ours, IDS[30:33], read="next_logits")
    np.testing.assert_array_equal(ours["next_logits"].array, first[-1])
    for run, ids in [(ours, IDS[:10]), (theirs, [*IDS[:6], *IDS[20:26]]), (start, IDS[:6]),
                     (longer, [*IDS[:10], *IDS[30:33]])]:
        afresh = run_of(engine, ids, keep=keep)
        for name in ("logits", "h0.keys", "h1.values"):
            np.testing.assert_array_equal(run[name].array, afresh[name].array, err_msg=name)


def test_branches_token_by_token_in_turn(engine):
    start = run_of(engine, IDS[:2], keep=())
    _ = start["next_logits"]
    branches = [start, start, start]
    for step in range(6):
        branches = [run.append((7 * step + 3 * i) % CONFIG.vocab_size)
                    for i, run in enumerate(branches)]
        for run in branches:
            _ = run["next_logits"]
    for run in branches:
        afresh = run_of(engine, run.ids, keep=())
        np.testing.assert_array_equal(run["logits"].array, afresh["logits"].array)


@KEEPING
def test_reading_twice_gives_the_same(engine, keep):
    run = appended(run_of(engine, IDS[:4], keep=keep), IDS[4:7], read="next_logits")
    for name in ("next_logits", "logits", "h0.keys", "next_probabilities"):
        np.testing.assert_array_equal(run[name].array, run[name].array)
    np.testing.assert_array_equal(run["next_logits"].array, run["logits"].array[-1])


@KEEPING
@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.parametrize("n_token", [1, 40])
def test_any_number_of_threads_gives_the_same(keep, n_threads, n_token):
    # Wide enough that the helpers are woken and products are cut into several pieces.
    config = Config(vocab_size=1000, n_positions=40, n_embd=192, n_layer=1, n_head=4)
    ids = np.arange(n_token) * 7
    one = run_of(engine_of(1), ids, config=config, keep=())
    run = run_of(engine_of(n_threads), ids, config=config, keep=keep)
    for name in ("logits", "next_logits"):
        np.testing.assert_array_equal(run[name].array, one[name].array)


@settings(max_examples=many(15, 150))
@given(heads=st.tuples(st.integers(1, 3), st.sampled_from([1, 3, 20, 33])),
       vocab_size=st.sampled_from([7, 50, 101]), n_token=st.integers(1, 40), data=st.data())
def test_rows_of_any_shape_cut_anywhere(engine, heads, vocab_size, n_token, data):
    n_head, head_embed = heads
    config = Config(vocab_size, 40, n_head * head_embed, 1, n_head)
    ids = np.arange(n_token) * 3 % vocab_size
    cut = data.draw(st.integers(1, n_token))
    reads = data.draw(st.lists(st.booleans(), min_size=n_token - cut, max_size=n_token - cut))
    afresh = run_of(engine, ids, config=config)
    run = run_of(engine, ids[:cut], config=config, keep=())
    for token, read in zip(ids[cut:], reads, strict=True):
        run = appended(run, [token], read="next_logits" if read else None)
    np.testing.assert_array_equal(run["logits"].array, afresh["logits"].array)
    plain = run_of(NumpyEngine(np.float64), ids, config=config)
    assert distance(run["logits"].array, plain["logits"].array) < 1e-4


# ---- Edits, against NumPy --------------------------------------------------------------------

def shifted(mlp_up):
    return mlp_up * 0.5 + 0.25


def gelu(table):
    return np.maximum(table, 0)


EDITS = {
    "a number": lambda run: run.edit("h0.attention", 0.25, head=1, position=3, source=2),
    "a whole head": lambda run: run.edit("h1.mixed", 0, head=1),
    "an early table": lambda run: run.edit("embeddings", 1, position=[0, 2]),
    "a bias": lambda run: run.edit("h0.c_attn_b", 0.5, qkv=[1, 5]),
    "a product's weight": lambda run: run.edit("h0.c_fc_w", lambda old: old * 2, embed=3),
    "the embeddings": lambda run: run.edit("wte", lambda old: old + 1, vocabulary=int(IDS[1])),
    "a gain": lambda run: run.edit("ln_f_g", 2, embed=[0, 1]),
    "a formula": lambda run: run.rewrite("h0.mlp_active", "mlp_up * 0.5"),
    "a formula in every block": lambda run: run.rewrite("attention", "softmax(causal(scores) * 2)"),
    "a formula that is a table": lambda run: run.rewrite("attention_normalised", "residual"),
    "a formula that looks back": lambda run: run.rewrite(
        "residual_after_mlp", "residual_after_attention + mlp_output + residual"),
    "a formula that reads far up": lambda run: run.rewrite(
        "h1.residual_after_mlp", "residual_after_attention + mlp_output + embeddings"),
    "a name that is two tables": lambda run: run.rewrite("residual", "stream + embeddings"),
    "a turned weight": lambda run: run.rewrite(
        "h1.attention_output", "joined @ transpose(attn_c_proj_w) + attn_c_proj_b"),
    "a function": lambda run: run.replace(shifted_up(), at="h0.mlp_active"),
    "an operation": lambda run: run.redefine(gelu),
    "several": lambda run: (run.edit("h0.c_fc_b", 0.5).rewrite("h1.mlp_active", "mlp_up * 0.5")
                            .edit("h0.scores", 1, head=0, source=0)),
}


def shifted_up():
    def mlp_active(mlp_up):
        return shifted(mlp_up)
    return mlp_active


def agree(run: Run, other: Run) -> None:
    for name in ("logits", "next_logits", "h1.keys", "h1.residual_after_mlp"):
        assert distance(run[name].array, other[name].array) < ROUNDING, name


@KEEPING
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_gives_what_numpy_gives(engine, keep, edit):
    change = EDITS[edit]
    before, plain = run_of(engine, IDS[:9], keep=keep), run_of(NumpyEngine(), IDS[:9])
    _ = before["logits"]  # what was calculated for the run before must not be taken for this one
    run, truth = change(before), change(plain)
    assert distance(plain["logits"].array, truth["logits"].array) > 1e-4  # it is an edit
    agree(run, truth)
    agree(appended(run, IDS[9:12], read="next_logits"), appended(truth, IDS[9:12]))
    agree(before, plain)


@KEEPING
def test_an_edit_of_a_text_that_was_written_token_by_token(engine, keep):
    text = appended(run_of(engine, IDS[:4], keep=keep), IDS[4:8], read="next_logits")
    truth = appended(run_of(NumpyEngine(), IDS[:4]), IDS[4:8])
    for change in EDITS.values():
        agree(change(text), change(truth))
    agree(text, truth)


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(0.8, top_k=40)], ids=["greedy", "drawn"])
def test_the_bundled_model_writes_the_same_text_as_with_numpy(sampling):
    model = open_model()
    texts = []
    for engine in (NumpyEngine(), CompiledEngine()):
        run = model.run("Once upon a time", engine=engine, keep=())
        texts.append([token.id for token in generate(run, sampling, max_tokens=40, seed=3)])
    assert texts[0] == texts[1]
