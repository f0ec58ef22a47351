"""The workbook in LibreOffice: recalculated, typed into, compared with the NumPy engine in float64.

The engine is held to Hugging Face at every step (tests/models/test_parity.py).
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from cutaway import Model, NumpyEngine, Run, open_model
from cutaway.engines.xlsx import write_xlsx
from cutaway.engines.xlsx.forms import MASKED
from cutaway.engines.xlsx.layout import lay_out
from tests.engines.xlsx.models import cells_of, random_model
from tests.engines.xlsx.office import Office, running_office

LIMIT = 1e-9  # of the table's largest number; weights are written with all their digits
PROMPT = "Mike is quick. He moves"
POSITIONS = 10
MODELS: dict[str, Callable[[], Model]] = {
    "one head": lambda: random_model(4, 1, 1),
    "heads of one number": lambda: random_model(6, 2, 6, scale=1.0, eps=1e-2),
    "odd heads": lambda: random_model(35, 3, 7),
    "storybook": open_model,
}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with running_office(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture
def opened(office, tmp_path):
    """Opens a model's workbook in LibreOffice; closes it again at the end."""
    def open_workbook(model: Model, prompt: str = PROMPT, positions: int = POSITIONS,
                      like: Run | None = None) -> Path:
        path = tmp_path / "gpt.xlsx"
        write_xlsx(model, prompt, path, positions, like=like)
        office.open(path)
        return path

    yield open_workbook
    office.close()


def distances(office: Office, model: Model, run: Run,
              positions: int = POSITIONS) -> dict[str, float]:
    """Every step's largest difference, as a share of the table's largest number."""
    places = lay_out(model.book, positions).places
    found = {}
    for name in run.book.nodes:
        truth = run[name].array
        fronts = places.by_name[name]
        blocks = office.read(*[place.name for place in fronts.values()])
        differences = []
        for (front, place), block in zip(fronts.items(), blocks, strict=True):
            wanted = np.maximum(np.atleast_2d(truth[front]), MASKED)
            cells = cells_of(block, place.down)[:wanted.shape[0], :wanted.shape[1]]
            differences.append(np.abs(cells - wanted).max())
        found[name] = float(max(differences) / np.abs(truth[np.isfinite(truth)]).max())
    return found


def float64(model: Model, prompt: str) -> Run:
    return model.run(prompt, engine=NumpyEngine(np.float64))


@pytest.mark.parametrize("name", MODELS)
def test_every_step_recalculated_agrees_with_the_numpy_engine(office, opened, name, capsys):
    model = MODELS[name]()
    opened(model)
    office.calculate()
    found = distances(office, model, float64(model, PROMPT))
    worst = max(found, key=found.__getitem__)
    with capsys.disabled():
        print(f"\nworst step: {worst} {found[worst]:.1e} (LibreOffice, {name})", end="")
    assert found[worst] <= LIMIT
    assert {sheet: office.errors(sheet) for sheet in office.sheets()} == {
        sheet: [] for sheet in office.sheets()}


def test_the_cells_hold_the_right_values_before_anything_is_calculated(office, opened):
    """For viewers that cannot calculate. LibreOffice calculates when it opens the workbook."""
    path = opened(random_model(6, 2, 2), positions=8)
    written = openpyxl.load_workbook(path, data_only=True)
    for sheet in office.sheets():
        for number, row in enumerate(office.everything(sheet), 1):
            for column, calculated in enumerate(row, 1):
                value = written[sheet].cell(number, column).value
                assert same(value, calculated), f"{sheet}, row {number}, column {column}"


def same(value: object, calculated: object) -> bool:
    if isinstance(value, int | float) and isinstance(calculated, float):
        return abs(value - calculated) <= LIMIT * max(1, abs(calculated))
    return (value or "") == calculated


def test_another_prompt_typed_into_its_cell_gives_that_prompts_prediction(office, opened):
    model = random_model(6, 2, 2)
    opened(model)
    for prompt in ("The cat", "the king said to the queen", "x"):
        office.put("t_prompt", prompt)
        run = float64(model, prompt)
        assert max(distances(office, model, run).values()) <= LIMIT
        assert office.one("t_next_id") == int(run["next_logits"].array.argmax())


def edited_run(model: Model) -> Run:
    """Typed numbers of every kind: a head, cells, rows, a table, columns, a weight, the logits."""
    run, random = float64(model, PROMPT), np.random.default_rng(5)
    run = run.edit("h0.attention", 0.2, head=1).edit("h0.scores", 9, head=0, position=2, source=1)
    run = run.edit("h0.mlp_active", random.normal(size=(2, 24)), position=[4, 1])
    run = run.edit("h1.residual", random.normal(size=run["h1.residual"].shape))
    run = run.edit("h1.joined", -1.5, joined=slice(0, 6, 2)).edit("h1.joined", 2, position=3)
    run = run.edit("wte", 0.5, vocabulary=7).edit("h1.ln_2_g", [2, 3], embed=[0, 5])
    run = run.edit("logits", 4, vocabulary=slice(10, 20), position=1)
    return run.edit("next_logits", 6, vocabulary=[3, 5, 6])


def test_typed_numbers_stand_in_the_cells_and_the_rest_follows(office, opened):
    model = random_model(6, 2, 2)
    like = edited_run(model)
    path = opened(model, like=like)
    office.calculate()
    assert max(distances(office, model, like).values()) <= LIMIT
    for prompt in ("The cat", "the king said to the queen"):
        office.put("t_prompt", prompt)
        assert max(distances(office, model, like.edit("prompt", prompt)).values()) <= LIMIT
    written = openpyxl.load_workbook(path, data_only=True)
    said = {cell.value for row in written["Block 0"].iter_rows() for cell in row}
    assert any(str(words).endswith("Typed over it: head 1 <- 0.2.") for words in said)


def test_a_weight_that_is_changed_changes_what_depends_on_it_and_nothing_else(office, opened):
    model = random_model(6, 2, 2)
    opened(model)
    office.put("t_h1_c_fc_w", 3.25, row=2, column=5)
    run = float64(model, PROMPT)
    edited = run.edit("h1.c_fc_w", 3.25, embed=2, hidden=5)
    against_new, against_old = distances(office, model, edited), distances(office, model, run)
    assert max(against_new.values()) <= LIMIT
    moved = {name for name, distance in against_old.items() if distance > LIMIT}
    assert moved == model.book.downstream({"h1.c_fc_w"})


def test_twenty_greedy_tokens_are_the_numpy_engines(office, opened):
    model = random_model(6, 2, 2)
    opened(model, "The cat", 24)
    run = float64(model, "The cat")
    for _ in range(20):
        best = int(run["next_logits"].array.argmax())
        assert office.one("t_next_id") == best
        run = run.append(best)
        text = model.tokenizer.decode([int(id) for id in run.ids])
        if model.tokenizer.encode(text) != [int(id) for id in run.ids]:
            break  # its bytes are no text, or another split: nobody could type that
        office.put("t_prompt", text)


def test_the_storybooks_twenty_greedy_tokens_are_the_numpy_engines(office, opened):
    model, prompt = open_model(), "Once upon a time"
    opened(model, prompt, 24)  # four tokens, and twenty
    run = float64(model, prompt)
    for _ in range(20):
        run = run.append(int(run["next_logits"].array.argmax()))
    text = prompt
    for _ in range(20):
        text = office.one("t_continued")
        office.put("t_prompt", text)
    assert text == model.tokenizer.decode([int(id) for id in run.ids])


@pytest.mark.parametrize(("table", "formula"), [
    ("attention", "softmax(causal(scores * 2))"), ("h1.attention", "softmax(scores)"),
    ("h0.attention", "scores / 3"), ("attention", "softmax(causal(scores + transpose(scores)))"),
    ("attention", "softmax(causal(queries @ transpose(queries)))"),
    ("mlp_active", "gelu(mlp_up - 1)"), ("h0.mlp_active", "-mlp_up ** 2 / 3"),
    ("joined", "merge_heads(attention @ values)"), ("scores", "causal(queries @ transpose(keys))"),
    ("attention_output", "merge_heads(mixed) @ attn_c_proj_w - attn_c_proj_b * 2"),
    ("mlp_normalised", "normalise(softmax(residual_after_attention) - 1, eps) * 0.5"),
    ("h0.queries", "split_heads(part(qkv * 2, 0, of=3), n_head) / sqrt(last_axis(qkv))"),
    ("next_probabilities", "softmax(next_logits / 2)"),
    ("next_logits", "last_row(final) @ transpose(wte)"),
    ("predicted_embedding", "last_row(final * 2)"),
    ("token_embeddings", "look_up(wte * 2, ids)"), ("embeddings", "look_up(wte, ids)"),
    ("logits", "softmax(final @ transpose(wte))"),
])
def test_a_rewritten_formula_is_written_as_well(office, opened, table, formula):
    model = random_model(6, 2, 2)
    run = float64(model, PROMPT).rewrite(table, formula)
    changed = replace(model, book=run.book)
    opened(changed)
    office.calculate()
    assert max(distances(office, changed, run).values()) <= LIMIT


def test_the_temperature_is_a_cell(office, opened):
    from cutaway.generate import Sampling
    from cutaway.generate.distribution import distribution

    model = random_model(6, 1, 2)
    opened(model)
    logits = float64(model, PROMPT)["next_logits"].array
    for temperature in (0.5, 2.0):
        office.put("t_temperature", temperature)
        ours = np.array(office.read("t_share")[0])[:, 0]
        theirs = distribution(logits, Sampling(temperature=temperature)).probabilities
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    office.put("t_temperature", 0)
    assert np.array(office.read("t_share")[0])[:, 0].argmax() == logits.argmax()
    assert max(office.read("t_share")[0])[0] == 1


@pytest.mark.parametrize(("prompt", "said"), [
    ("", "Type a prompt"), ("cat " * 200, "more than 80 characters"),
    ("é" * 100, "more than 80 characters, or bytes"),
    ("x.y" * 9, "tokens are in the prompt; this workbook has 10 positions")])
def test_a_prompt_without_room_is_refused_in_words_and_predicts_nothing(office, opened, prompt,
                                                                       said):
    opened(random_model(4, 1, 1))
    office.put("t_prompt", prompt)
    assert said in office.one("t_status")
    assert office.one("t_next_id") == office.one("t_continued") == ""
    assert not any(office.errors(sheet) for sheet in office.sheets())
    office.put("t_prompt", "The cat")
    assert office.one("t_status") == ""
    assert office.one("t_next_id") != ""
