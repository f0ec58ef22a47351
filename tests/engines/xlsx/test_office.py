"""The workbook in LibreOffice: recalculated, typed into, compared with the NumPy engine in float64.

The engine is held to Hugging Face at every step (tests/models/test_parity.py).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from cutaway import Model, NumpyEngine, Run
from cutaway.engines.xlsx import write_xlsx
from cutaway.engines.xlsx.forms import MASKED
from cutaway.engines.xlsx.layout import lay_out
from tests.engines.xlsx.conftest import PROMPT, STORYBOOK_GREEDY, WORKBOOKS
from tests.engines.xlsx.models import cells_of, random_model
from tests.engines.xlsx.office import Office
from tests.profiles import many

LIMIT = 1e-9  # of the table's largest number; weights are written with all their digits
POSITIONS = 10
# Formulas that replace the book's own, several in one workbook. Where a name has no block, all
# blocks have the formula.
REWRITTEN: dict[str, Mapping[str, str]] = {
    "in every block": {
        "token_embeddings": "look_up(wte * 2, ids)",
        "h0.queries": "split_heads(part(qkv * 2, 0, of=3), n_head) / sqrt(last_axis(qkv))",
        "h1.keys": "rotate(split_heads(part(qkv, 1, of=3), n_head), positions, 100)",
        "values": "rotate(repeat_heads(split_heads(part(qkv, 2, of=3), n_head), 1) * 2, "
                  "positions + 1, 10)",
        "attention": "softmax(causal(scores * 2))",
        "joined": "merge_heads(attention @ values)",
        "attention_output": "merge_heads(mixed) @ attn_c_proj_w - attn_c_proj_b * 2",
        "mlp_normalised": "normalise(softmax(residual_after_attention) - 1, eps) * 0.5",
        "attention_normalised": "rms_normalise(residual, eps) + rms_normalise(residual + 1, eps)",
        "mlp_active": "gelu(mlp_up - 1) + silu(mlp_up)",
        "h1.mlp_active": "exact_gelu(mlp_up - 1) * 2 + quick_gelu(mlp_up) - relu(mlp_up * 2)",
        "predicted_embedding": "last_row(final * 2)",
        "next_logits": "last_row(final) @ transpose(wte)",
        "next_probabilities": "softmax(next_logits / 2)",
        "logits": "softmax(final @ transpose(wte))"},
    "in one block": {
        "embeddings": "look_up(wte, ids)",
        "h0.attention": "scores / 3", "h0.mlp_active": "-mlp_up ** 2 / 3",
        "h1.attention": "softmax(scores)",
        "h2.scores": "causal(queries @ transpose(keys))",
        "h3.attention": "softmax(causal(scores + transpose(scores)))",
        "h4.attention": "softmax(causal(queries @ transpose(queries)))"},
}


def distances(office: Office, model: Model, run: Run, positions: int) -> dict[str, float]:
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


# The storybook takes LibreOffice most of a minute: `make test` asks for its text alone.
STEP_BY_STEP = [pytest.param(name, marks=pytest.mark.long) if name == "storybook" else name
                for name in WORKBOOKS if name != "storybook" or many(0, 1)]


@pytest.mark.parametrize("name", STEP_BY_STEP)
def test_every_step_recalculated_agrees_with_the_numpy_engine(office, workbook, name, capsys):
    written = workbook(name)
    office.open(written.path)
    office.calculate()
    run = float64(written.model, written.prompt)
    found = distances(office, written.model, run, written.positions)
    worst = max(found, key=found.__getitem__)
    with capsys.disabled():
        print(f"\nworst step: {worst} {found[worst]:.1e} (LibreOffice, {name})", end="")
    assert found[worst] <= LIMIT
    assert {sheet: office.errors(sheet) for sheet in office.sheets()} == {
        sheet: [] for sheet in office.sheets()}


def test_the_cells_hold_the_right_values_before_anything_is_calculated(office, workbook):
    """For viewers that cannot calculate. LibreOffice calculates when it opens the workbook."""
    path = workbook("heads of one number").path
    office.open(path)
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


def test_another_prompt_typed_into_its_cell_gives_that_prompts_prediction(office, workbook):
    written = workbook("two heads")
    office.open(written.path)
    for prompt in ("The cat", "the king said to the queen", "x"):
        office.put("t_prompt", prompt)
        run = float64(written.model, prompt)
        found = distances(office, written.model, run, written.positions)
        assert max(found.values()) <= LIMIT
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


def test_typed_numbers_stand_in_the_cells_and_the_rest_follows(office, workbook, tmp_path):
    written = workbook("two heads")
    model, positions, path = written.model, written.positions, tmp_path / "gpt.xlsx"
    like = edited_run(model)
    write_xlsx(model, PROMPT, path, positions, like=like)
    office.open(path)
    office.calculate()
    assert max(distances(office, model, like, positions).values()) <= LIMIT
    for prompt in ("The cat", "the king said to the queen"):
        office.put("t_prompt", prompt)
        other = like.edit("prompt", prompt)
        assert max(distances(office, model, other, positions).values()) <= LIMIT
    written = openpyxl.load_workbook(path, data_only=True)
    said = {cell.value for row in written["Block 0"].iter_rows() for cell in row}
    assert any(str(words).endswith("Typed over it: head 1 <- 0.2.") for words in said)


def test_a_weight_that_is_changed_changes_what_depends_on_it_and_nothing_else(office, workbook):
    written = workbook("two heads")
    office.open(written.path)
    office.put("t_h1_c_fc_w", 3.25, row=2, column=5)
    run = float64(written.model, written.prompt)
    edited = run.edit("h1.c_fc_w", 3.25, embed=2, hidden=5)
    against_new, against_old = (distances(office, written.model, one, written.positions)
                                for one in (edited, run))
    assert max(against_new.values()) <= LIMIT
    moved = {name for name, distance in against_old.items() if distance > LIMIT}
    assert moved == written.model.book.downstream({"h1.c_fc_w"})


def test_twenty_greedy_tokens_are_the_numpy_engines(office, workbook):
    written = workbook("two heads")
    office.open(written.path)
    office.put("t_prompt", "The cat")
    run = float64(written.model, "The cat")
    for _ in range(20):
        best = int(run["next_logits"].array.argmax())
        assert office.one("t_next_id") == best
        run = run.append(best)
        text = written.model.tokenizer.decode([int(id) for id in run.ids])
        if written.model.tokenizer.encode(text) != [int(id) for id in run.ids]:
            break  # its bytes are no text, or another split: nobody could type that
        office.put("t_prompt", text)


@pytest.mark.long
def test_the_storybooks_greedy_tokens_are_the_numpy_engines(office, workbook):
    written = workbook("storybook")
    office.open(written.path)
    run = float64(written.model, written.prompt)
    count = 0
    while (best := int(run["next_logits"].array.argmax())) != written.model.tokenizer.end_of_text:
        run, count = run.append(best), count + 1  # up to the end mark, which nobody can type
        if count == STORYBOOK_GREEDY:
            break
    text = written.prompt
    for _ in range(count):
        text = office.one("t_continued")
        office.put("t_prompt", text)
    assert text == written.model.tokenizer.decode([int(id) for id in run.ids])


@pytest.mark.parametrize("where", REWRITTEN)
def test_rewritten_formulas_are_written_as_well(office, tmp_path, where):
    model = random_model(8, 5, 2)
    run = float64(model, PROMPT)
    for table, formula in REWRITTEN[where].items():
        run = run.rewrite(table, formula)
    changed = replace(model, book=run.book)
    write_xlsx(changed, PROMPT, tmp_path / "gpt.xlsx", POSITIONS)
    office.open(tmp_path / "gpt.xlsx")
    office.calculate()
    found = distances(office, changed, run, POSITIONS)
    assert {name: distance for name, distance in found.items() if distance > LIMIT} == {}


def test_the_temperature_is_a_cell(office, workbook):
    from cutaway.generate import Sampling
    from cutaway.generate.distribution import distribution

    written = workbook("one head")
    office.open(written.path)
    logits = float64(written.model, written.prompt)["next_logits"].array
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
def test_a_prompt_without_room_is_refused_in_words_and_predicts_nothing(office, workbook,
                                                                       prompt, said):
    office.open(workbook("one head").path)
    office.put("t_prompt", prompt)
    assert said in office.one("t_status")
    assert office.one("t_next_id") == office.one("t_continued") == ""
    assert not any(office.errors(sheet) for sheet in office.sheets())
    office.put("t_prompt", "The cat")
    assert office.one("t_status") == ""
    assert office.one("t_next_id") != ""
