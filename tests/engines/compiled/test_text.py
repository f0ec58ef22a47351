"""What is calculated in one go and what step by step; memory between steps is used again."""

import gc
from weakref import ref

import pytest

from cutaway import Book, NumpyEngine, Sheet, gpt2, start_run
from cutaway.engines.compiled import CompiledEngine
from cutaway.errors import MemoryBudgetExceeded
from cutaway.models.gpt2 import block, embed, head
from cutaway.workbook.step import function_from_formula
from tests.engines.compiled.runs import CONFIG, IDS, appended, distance, run_of
from tests.workbook.tiny import BOOK, WEIGHTS, random_weights


def book_with(**formulas: str) -> Book:
    """GPT-2's book in which some steps of the block are stated otherwise from the beginning."""
    weights = {name: " ".join(axes) for name, axes in block.weights.items()}
    sheet = Sheet("block", receives="stream", weights=weights)
    for name, step in block.steps.items():
        function = (function_from_formula(name, formulas[name]) if name in formulas
                    else step.function)
        sheet.step(step.number, " ".join(step.axes), step.remembered)(function)
    stock = gpt2(CONFIG)
    return Book([embed, sheet.at(0), sheet.at(1), head], constants=stock.constants,
                sizes=stock.sizes, roles=stock.roles)


def in_one_go(run) -> bool:
    """Whether attention was calculated without writing the scores down."""
    return run.calculations["h1.mixed"] > 0 and run.calculations["h1.scores"] == 0


@pytest.mark.parametrize("formulas", [
    {}, {"attention_normalised": "residual"}, {"mlp_normalised": "residual_after_attention"},
    {"attention_normalised": "residual", "attention_input": "attention_normalised"},
    {"attention_input": "residual", "mlp_output": "mlp_active @ mlp_c_proj_w + residual"},
    {"residual_after_mlp": "residual_after_attention + mlp_output + embeddings"},
    {"mlp_active": "mlp_up", "mlp_output": "(mlp_active + mlp_up) @ mlp_c_proj_w"},
    {"mlp_input": "mlp_normalised", "mlp_up": "mlp_normalised @ c_fc_w + c_fc_b",
     "residual_after_mlp": "residual_after_attention + mlp_output + mlp_input"},
    {"mlp_active": "mlp_up * 0.5"}, {"residual": "stream + embeddings"},
    {"joined": "merge_heads(mixed) * 2"}, {"queries": "split_heads(residual, n_head)"},
    {"values": "split_heads(part(attention_input, 0, of=1), n_head)"},
    {"queries": "split_heads(part(qkv, 2, of=3), n_head)",
     "keys": "split_heads(part(attention_input, 0, of=1), n_head)"},
], ids=str)
def test_tables_under_several_names_stay_as_long_as_one_is_read(formulas):
    book, weights = book_with(**formulas), random_weights(CONFIG, 0.3)
    run = start_run(book, weights, IDS[:9], engine=CompiledEngine(), keep=())
    truth = start_run(book, weights, IDS[:9], engine=NumpyEngine())
    for read in ("logits", "next_logits", "h1.residual_after_mlp", "h1.mlp_input", "h1.keys"):
        assert distance(run[read].array, truth[read].array) < 2e-5, read
    assert in_one_go(run)
    longer, truth = appended(run, IDS[9:12], read="next_logits"), appended(truth, IDS[9:12])
    assert distance(longer["logits"].array, truth["logits"].array) < 2e-5
    assert in_one_go(longer)


@pytest.mark.parametrize("formulas", [
    {"scores": "queries @ transpose(keys)"}, {"attention": "softmax(scores)"},
    {"mixed": "attention @ values + queries"}, {"mixed": "attention @ keys"},
    {"joined": "merge_heads(mixed + values)"}, {"joined": "merge_heads(mixed + scores @ mixed)"},
    {"joined": "merge_heads(attention @ mixed)"},
    {"keys": "split_heads(part(qkv, 1, of=3), n_head) * 2"},
], ids=str)
def test_another_attention_is_calculated_step_by_step(formulas):
    book, weights = book_with(**formulas), random_weights(CONFIG, 0.3)
    run = start_run(book, weights, IDS[:9], engine=CompiledEngine(), keep=())
    truth = start_run(book, weights, IDS[:9], engine=NumpyEngine())
    assert distance(run["logits"].array, truth["logits"].array) < 2e-5
    assert not in_one_go(run)


def test_a_text_is_written_in_one_go_only_where_nothing_else_is_kept():
    run = run_of(CompiledEngine(), keep=())
    _ = run["next_logits"]
    assert in_one_go(run)
    for keep in (("*",), ("h0.attention",)):
        run = run_of(CompiledEngine(), keep=keep)
        _ = run["next_logits"]
        assert not in_one_go(run)


def test_tables_between_are_calculated_when_they_are_read():
    run, kept = run_of(CompiledEngine(), keep=()), run_of(CompiledEngine())
    _ = run["next_logits"]
    for name in run.book.nodes:
        assert (run[name].array == kept[name].array).all(), name


def test_a_further_token_is_one_row_of_every_step():
    run = run_of(CompiledEngine(), IDS[:20], keep=())
    _ = run["next_logits"]
    longer = run.append(3)
    _ = longer["next_logits"]
    assert longer.calculations["h1.mlp_up"] == 1 and run.calculations["h1.mlp_up"] == 1
    assert in_one_go(longer)


def test_a_batch_is_calculated_step_by_step():
    run = run_of(CompiledEngine(), IDS.reshape(4, 10), keep=())
    truth = run_of(NumpyEngine(), IDS.reshape(4, 10))
    assert distance(run["logits"].array, truth["logits"].array) < 2e-5
    assert not in_one_go(run)
    longer = run.append([1, 2, 3, 4])["next_logits"].array
    assert distance(longer, truth.append([1, 2, 3, 4])["next_logits"].array) < 2e-5


def test_no_text_is_longer_than_the_model_has_positions():
    ids = [*IDS, *IDS[:8]]
    run = appended(run_of(CompiledEngine(), ids[:5], keep=()), ids[5:], read="next_logits")
    assert len(run.ids) == CONFIG.n_positions
    assert (run["logits"].array == run_of(CompiledEngine(), ids)["logits"].array).all()


def test_a_text_that_does_not_fit_into_the_memory_budget_is_refused_as_with_numpy():
    for engine in (NumpyEngine(), CompiledEngine()):
        run = start_run(BOOK, WEIGHTS, [3, 1, 4], engine=engine, keep=(), memory_budget_bytes=500)
        with pytest.raises(MemoryBudgetExceeded, match="Shorten the prompt or raise the budget"):
            _ = run["next_logits"]


def test_room_for_keys_and_values_counts_as_held_memory():
    run = start_run(BOOK, WEIGHTS, [3, 1, 4], engine=CompiledEngine(), keep=())
    _ = run["next_logits"]
    held = run.memory.held_bytes
    assert held >= run._tables.memory.state.remembered.nbytes
    longer = run.append(1)
    _ = longer["next_logits"]
    assert longer.memory.held_bytes == held


def test_a_text_that_nobody_holds_any_more_is_over_at_once():
    gc.disable()
    try:
        run = start_run(BOOK, WEIGHTS, [3, 1, 4], engine=CompiledEngine(), keep=())
        _ = run["next_logits"]
        longer = run.append(1)
        _ = longer["next_logits"]
        left = ref(longer._tables.memory.state.remembered)
        del run, longer, _
        assert left() is None
    finally:
        gc.enable()


def memory_of(run):
    """The memory of a text, once its prediction has been calculated."""
    _ = run["next_logits"]
    return run._tables.memory.state.remembered.memory


def test_a_text_that_is_over_leaves_its_room_and_instructions_to_the_next():
    engine, leaves = CompiledEngine(), {}

    def text(ids):
        return start_run(BOOK, WEIGHTS, ids, engine=engine, keep=(), leaves=leaves)

    first, second = text([3, 1, 4]), text([1, 5])
    memory = memory_of(first)
    kept = dict(memory.programs)
    assert memory_of(second) is not memory  # the first text is still there
    del first
    again = text([2, 7, 1])
    assert memory_of(again) is memory and memory.programs == kept
    truth = start_run(BOOK, WEIGHTS, [2, 7, 1], engine=CompiledEngine(), keep=())
    assert (again["next_logits"].array == truth["next_logits"].array).all()


def test_the_room_that_is_left_goes_with_the_model():
    gc.disable()
    try:
        engine, book = CompiledEngine(), gpt2(CONFIG)
        run = start_run(book, random_weights(CONFIG, 0.3), IDS[:3], engine=engine, keep=())
        left = ref(memory_of(run))
        del run
        assert left() is not None  # for the next text
        del book
        assert left() is None
    finally:
        gc.enable()


def test_a_text_with_other_weights_has_a_room_of_its_own():
    engine, leaves = CompiledEngine(), {}
    run = start_run(BOOK, WEIGHTS, [3, 1, 4], engine=engine, keep=(), leaves=leaves)
    memories, before = [memory_of(run)], run["next_logits"].array
    edited = run.edit("h0.c_fc_b", 1.0)
    memories.append(memory_of(edited))
    assert (edited["next_logits"].array != before).any()
    other = start_run(BOOK, dict(WEIGHTS), [3, 1, 4], engine=engine, keep=(), leaves={})
    memories.append(memory_of(other))
    assert len({id(memory) for memory in memories}) == 3
    del run, edited
    anew = start_run(BOOK, WEIGHTS, [3, 1, 4], engine=engine, keep=(), leaves=leaves)
    assert (anew["next_logits"].array == before).all()


def test_only_the_last_row_is_calculated_of_what_leads_to_the_last_row_alone():
    engine = CompiledEngine()
    run = run_of(engine, keep=())
    _ = run["next_logits"]
    actions = engine.planner.actions(run._tables, "next_logits")
    assert actions is not None
    alone = {action.node.name for action in actions if action.last}
    last_block = {f"h1.{name}" for name in (
        "queries", "mixed", "joined", "attention_output", "residual_after_attention",
        "mlp_normalised", "mlp_input", "mlp_up", "mlp_active", "mlp_output", "residual_after_mlp")}
    assert alone == last_block | {"final_normalised", "final"}
    whole = engine.planner.actions(run._tables, "logits")
    assert whole is not None and not any(action.last for action in whole)
    assert (run["next_logits"].array == run_of(engine)["logits"].array[-1]).all()


@pytest.mark.parametrize("formulas", [
    {"joined": "merge_heads(mixed + queries)"}, {"mlp_up": "(mlp_input + residual) @ c_fc_w"},
    {"residual_after_mlp": "residual + mlp_output"}, {"residual": "stream + embeddings"},
    {"queries": "split_heads(part(qkv * 2, 0, of=3), n_head)"},
], ids=str)
@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_a_last_row_alone_is_the_last_of_all_rows(formulas, weights):
    book, engine = book_with(**formulas), CompiledEngine(weights)
    numbers = random_weights(CONFIG, 0.3)
    for n in (1, 2, 9):
        text = start_run(book, numbers, IDS[:n], engine=engine, keep=())
        every = start_run(book, numbers, IDS[:n], engine=engine, keep=())
        assert (text["next_logits"].array == every["logits"].array[-1]).all()
