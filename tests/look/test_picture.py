"""How a number was made: what a picture shows is in the tables, digit for digit, and adds up."""

import json
from dataclasses import asdict
from functools import cache
from math import cos, exp, sin, sqrt

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, gpt2, open_model, start_run
from cutaway.errors import UnknownTable
from cutaway.look.picture import CODE, KINDS, picture
from cutaway.look.picture.operations import FIELDS, MOST_SHARES
from cutaway.look.picture.records import AROUND, MOST_NUMBERS
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.symbol import SIGNS
from tests.models.llama_like import LlamaConfig, llama
from tests.models.llama_peer import llama_peer, weights_of
from tests.oracles import hugging_face_gpt2, our_arrays

IDS = np.array([3, 1, 4, 1, 5, 9, 2])
SEED = 20
TINY = Config(vocab_size=31, n_positions=16, n_embd=16, n_layer=2, n_head=2)
CURVES = {"gelu": "gelu_new", "exact_gelu": "gelu", "relu": "relu", "quick_gelu": "quick_gelu",
          "silu": "silu"}


def tiny(config=TINY, **options):
    return start_run(gpt2(config), our_arrays(hugging_face_gpt2(config, scale=0.5)), IDS,
                     engine=NumpyEngine(np.float64), **options)


def other_architecture():
    config = LlamaConfig(vocab_size=31)
    return start_run(llama(config), weights_of(llama_peer(config)), IDS,
                     engine=NumpyEngine(np.float64))


RUNS = {"tiny": tiny, "another architecture": other_architecture,
        "bundled": cache(lambda: open_model().run("Mike is quick. He moves"))}


@pytest.fixture(scope="module", params=RUNS)
def run(request):
    return RUNS[request.param]()


def cells(run):
    """A random cell of every step, the same one every time."""
    random = np.random.default_rng(SEED)
    for name in run.book.nodes:
        yield name, tuple(int(random.integers(size)) for size in run[name].shape)


def told(value) -> float:
    return float(value)


def agrees_with_the_table(run, line):
    """Every number of a line is the table's own, and so is the one in question."""
    table = run[line["table"]]
    assert set(line["place"]) | {line["axis"]} == set(table.axes)
    row = table.array[tuple(line["place"].get(axis, slice(None)) for axis in table.axes)]
    assert line["count"] == len(row)
    assert line["sizes"] == dict(zip(table.axes, table.shape, strict=True))
    seen = slice(line["first"], line["first"] + len(line["numbers"]))
    np.testing.assert_array_equal([told(one) for one in line["numbers"]],
                                  row[seen].astype(np.float64))
    assert seen.start <= line["lit"] < seen.start + len(line["numbers"])
    if line["labels"]:
        assert line["labels"] == table.labels(line["axis"])[seen]


def patch_agrees(run, patch):
    table = run[patch["table"]]
    numbers = np.array([[told(one) for one in row] for row in patch["numbers"]])
    rows = slice(patch["first_row"], patch["first_row"] + numbers.shape[0])
    columns = slice(patch["first_column"], patch["first_column"] + numbers.shape[1])
    sides = {patch["row_axis"]: rows, patch["column_axis"]: columns}
    where = tuple({**sides, **patch["place"]}[axis] for axis in table.axes)
    np.testing.assert_array_equal(numbers, table.array[where].astype(np.float64))
    row, column = patch["lit"]
    assert rows.start <= row < rows.stop and columns.start <= column < columns.stop


def test_every_number_is_the_tables_own(run):
    for name, index in cells(run):
        made = asdict(picture(run, name, index))
        json.dumps(made, allow_nan=False)
        assert told(made["value"]) == told(made["made"]) == run[name].array[index], name
        assert made["stages"][-1]["result"]["table"] == name
        for stage in made["stages"]:
            lines = [*stage["inputs"], stage["result"]]
            for line in filter(lambda one: one["table"], lines):
                agrees_with_the_table(run, line)
            for patch in filter(lambda one: one["table"], stage["patches"]):
                patch_agrees(run, patch)
            result = stage["result"]
            assert result["numbers"][result["lit"] - result["first"]] == stage["value"]


def test_the_cell_of_the_result_is_made_of_the_cells_that_are_lit(run):
    """Each operation once more, in plain arithmetic on the numbers that the picture shows."""
    seen = set()
    for name, index in cells(run):
        for stage in asdict(picture(run, name, index))["stages"]:
            seen.add(stage["operation"])
            lit = [told(one["numbers"][one["lit"] - one["first"]]) for one in stage["inputs"]]
            expected = ARITHMETIC[stage["kind"]](stage, *lit)
            assert told(stage["value"]) == pytest.approx(expected, rel=2e-5, abs=2e-5), name
    assert len(seen) > 12


def each(stage, left, right):
    return {"add": left + right, "subtract": left - right, "multiply": left * right,
            "divide": left / right if right else np.nan}[stage["operation"]]


def product(stage, *lit):
    row, column = ([told(one) for one in line["numbers"]] for line in stage["inputs"])
    terms = [a * b for a, b in zip(row, column, strict=True)]
    assert stage["series"]["products"] == pytest.approx(terms)
    assert stage["series"]["sums"] == pytest.approx(np.cumsum(terms), abs=1e-6)
    assert abs(lit[0] * lit[1]) == max(map(abs, terms))
    return sum(terms)


def shares(stage, score):
    chosen = next(one for one in stage["shares"] if one["index"] == stage["result"]["lit"])
    assert told(chosen["score"]) == score and chosen["share"] == stage["value"]
    rest = stage["values"]["rest"]
    assert sum(one["share"] for one in stage["shares"]) + rest == pytest.approx(1, abs=1e-5)
    places = [one["index"] for one in stage["shares"]]
    assert places == sorted(places)
    assert len(stage["shares"]) + stage["values"]["others"] == stage["result"]["count"]
    assert told(chosen["raised"]) == pytest.approx(exp(score - stage["values"]["largest"]))
    return told(chosen["raised"]) / stage["values"]["total"]


def mask(stage, score):
    before, after = (np.array([[told(one) for one in row] for row in patch["numbers"]])
                     for patch in stage["patches"])
    patch = stage["patches"][1]
    ahead = (np.arange(after.shape[1]) + patch["first_column"]
             > np.arange(after.shape[0])[:, None] + patch["first_row"])
    np.testing.assert_array_equal(np.isneginf(after), ahead)
    np.testing.assert_array_equal(after[~ahead], before[~ahead])
    return score if stage["result"]["lit"] <= stage["result"]["place"]["position"] else -np.inf


def normalised(stage, number, _):
    row = [told(one) for one in stage["inputs"][0]["numbers"]]
    mean = sum(row) / len(row) if stage["operation"] == "normalise" else 0.0
    spread = sqrt(sum((one - mean) ** 2 for one in row) / len(row) + stage["values"]["eps"])
    assert stage["values"]["mean"] == pytest.approx(mean, abs=1e-7)
    assert stage["values"]["spread"] == pytest.approx(spread)
    return (number - mean) / spread


def curve(stage, number):
    """The curve at that number, between two of its points; the points have a test of their own."""
    near = np.interp(number, stage["series"]["x"], stage["series"]["y"])
    assert told(stage["value"]) == pytest.approx(near, abs=1e-2)
    return told(stage["value"])


def rotated(stage, *_):
    known = stage["values"]
    turned = complex(known["x"], known["y"]) * complex(cos(known["angle"]), sin(known["angle"]))
    assert known["angle"] == pytest.approx(known["position"] * known["theta"] ** (
        -known["first"] / (stage["result"]["count"] / 2)))
    return turned.real if stage["result"]["lit"] == known["first"] else turned.imag


def constant(stage, number):
    return sqrt(number) if stage["operation"] == "sqrt" else stage["inputs"][0]["count"]


def unmoved(stage, number, *_):
    return number


ARITHMETIC = {"each": each, "product": product, "shares": shares, "mask": mask,
              "normalise": normalised, "curve": curve, "rotate": rotated, "constant": constant,
              "same": unmoved, "transpose": unmoved, "look_up": unmoved, "cut": unmoved,
              "join": unmoved, "repeat": unmoved, "last_row": unmoved}


def test_every_operation_of_the_vocabulary_and_every_sign_has_a_kind_of_picture():
    assert KINDS.keys() == {*OPERATIONS, *SIGNS, "table"}
    assert set(KINDS.values()) == ARITHMETIC.keys() and CODE not in KINDS.values()
    assert FIELDS.keys() <= ARITHMETIC.keys()


@pytest.mark.parametrize(("operation", "named"), CURVES.items())
def test_a_curve_is_that_of_the_operation_in_force(operation, named):
    run = tiny(Config(**{**asdict(TINY), "activation_function": named}))
    stage = picture(run, "h1.mlp_active", (3, 5)).stages[0]
    assert (stage.operation, stage.kind) == (operation, "curve")
    x, y = np.array(stage.series["x"]), np.array(stage.series["y"])
    np.testing.assert_array_equal(y, OPERATIONS[operation](x))
    assert x[0] <= stage.inputs[0].numbers[5] <= x[-1]


def test_what_was_written_by_a_user_is_drawn_as_its_code():
    def softmax(table):
        return np.maximum(table, 0) * 2

    replaced = tiny().redefine(softmax)
    stages = picture(replaced, "h1.attention", (0, 3, 1)).stages
    assert [(one.operation, one.kind) for one in stages] == [("causal", "mask"), ("softmax", CODE)]
    assert stages[1].value == 2 * max(stages[0].value, 0)

    def mlp_active(mlp_up):
        return mlp_up.clip(0, 3)

    stages = picture(tiny().replace(mlp_active), "h1.mlp_active", (3, 5)).stages
    assert [(one.kind, one.code) for one in stages] == [(CODE, "mlp_up.clip(0, 3)")]
    assert stages[0].inputs[0].table == "h1.mlp_up" and stages[0].inputs[0].lit == 5


def test_numbers_typed_over_a_table_are_told_apart_from_the_formulas():
    run = tiny()
    edited = run.edit("h1.attention", 0.5, head=1, position=3, source=2)
    made = picture(edited, "h1.attention", (1, 3, 2))
    assert made.typed and made.value == 0.5
    assert made.made == pytest.approx(run["h1.attention"].array[1, 3, 2])
    assert not picture(run, "h1.attention", (1, 3, 2)).typed


def test_all_heads_stand_side_by_side_where_tokens_read_each_other(run):
    name = run.book.role("attention", 1)
    table = run[name]
    heads = asdict(picture(run, name, (0, 2, 1)))["heads"]
    assert [one["place"] for one in heads] == [{table.axes[0]: head}
                                              for head in range(table.shape[0])]
    for patch in heads:
        patch_agrees(run, patch)
    assert not picture(run, run.book.role("block_output", 1), (0, 0)).heads


def test_a_long_row_is_shown_around_the_number_and_a_long_row_of_shares_by_its_largest():
    run = RUNS["bundled"]()
    wide = run["next_logits"].shape[0]
    assert wide > MOST_NUMBERS
    line = picture(run, "next_logits", (1000,)).stages[-1].result
    assert (line.first, len(line.numbers)) == (1000 - AROUND, 2 * AROUND + 1)
    shown = picture(run, "next_probabilities", (1000,)).stages[-1].shares
    best = np.argsort(-run["next_probabilities"].array, kind="stable")[:MOST_SHARES // 2]
    assert [one.index for one in shown] == sorted({*best.tolist(), 1000})


def test_infinite_numbers_are_drawn(run):
    broken = run.edit("h1.scores", float("inf"), head=0, position=2, source=4)  # which is masked
    line = picture(broken, "h1.scores", (0, 2, 4)).stages[-1].result
    assert broken["h1.scores"].array[0, 2, 4] == np.inf and line.numbers[4] != "inf"
    stages = picture(broken, "h1.attention", (0, 2, 1)).stages
    assert (stages[0].inputs[0].numbers[4], stages[0].result.numbers[4]) == ("inf", "-inf")
    json.dumps([asdict(stage) for stage in stages], allow_nan=False)


def test_a_weight_has_no_picture():
    with pytest.raises(UnknownTable, match=r"^wte is made by no formula"):
        picture(tiny(), "wte", (0, 0))
