"""The table of forms: complete, and in the words that stand in the cells."""

import numpy as np
import pytest

from cutaway import Config, gpt2
from cutaway.engines.xlsx import FORMS
from cutaway.engines.xlsx.forms import Speech
from cutaway.engines.xlsx.layout import Layout, lay_out
from cutaway.errors import UnsupportedStep
from cutaway.workbook import function_from_formula
from cutaway.workbook import operations as vocabulary
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.symbol import GIVES, SIGNS

CONFIG = Config(vocab_size=300, n_positions=24, n_embd=6, n_layer=2, n_head=2)
BOOK = gpt2(CONFIG)


def formula_of(layout: Layout, table: str, front: tuple[int, ...] = ()) -> list[str]:
    """What stands in the cells of a table, piece by piece."""
    part = next(part for part in layout.parts if part.name == table)
    helpers = {symbol: {kind: helper.name for kind, helper in kinds.items()}
               for symbol, kinds in part.helpers.items()}
    place = layout.places.of(table, front)
    return [panel.text for panel in
            Speech(layout.places, helpers).panels(part.symbol, front, place.down)]


def rewritten(table: str, formula: str) -> Layout:
    function = function_from_formula(table.rpartition(".")[2], formula)
    return lay_out(BOOK.replace(function, at=table), 8)


def test_every_operation_and_sign_has_a_form():
    missing = (OPERATIONS.keys() | SIGNS.keys()) - FORMS.keys()
    assert not missing, f"no form in engines/xlsx/forms.py for: {', '.join(sorted(missing))}"
    assert FORMS.keys() - OPERATIONS.keys() - SIGNS.keys() == {"table"}


def test_an_operation_without_a_form_is_named_before_anything_is_written(monkeypatch):
    def cube(table):
        return table * table * table

    monkeypatch.setitem(GIVES, "cube", lambda table: table)
    vocabulary.operation(cube)
    try:
        from cutaway.workbook.symbol import Symbol, _recording

        OPERATIONS["cube"].register(Symbol, _recording("cube", cube))
        with pytest.raises(UnsupportedStep, match=r"h1\.mlp_active: .*cube has no form"):
            rewritten("h1.mlp_active", "cube(mlp_up)")
    finally:
        del OPERATIONS["cube"]


@pytest.mark.parametrize(("table", "front", "formulas"), [
    ("embeddings", (), ["t_token_embeddings+t_position_embeddings"]),
    ("h0.attention_input", (), ["t_h0_attention_normalised*t_h0_ln_1_g+t_h0_ln_1_b"]),
    ("h0.qkv", (), ["MMULT(t_h0_attention_input,t_h0_c_attn_w)+t_h0_c_attn_b"]),
    ("h0.attention_normalised", (), [
        "(t_h0_residual-t_h0_attention_normalised_mean)"
        "/SQRT(t_h0_attention_normalised_variance+1E-05)"]),
    ("h1.scores", (1,), ["MMULT(t_h1_queries_head1,TRANSPOSE(t_h1_keys_head1))/SQRT(3)"]),
    ("h1.attention.given", (0,), [
        "IF(TRANSPOSE(t_positions)<=t_positions,t_h1_scores_head0,-1E+300)"]),
    ("h1.attention", (0,), [
        "EXP(t_h1_attention_given_head0-t_h1_attention_max_head0)/t_h1_attention_sum_head0"]),
    ("h1.mixed", (1,), ["MMULT(t_h1_attention_head1,t_h1_values_head1)"]),
    ("h1.joined", (), ["t_h1_mixed_head0", "t_h1_mixed_head1"]),
    ("predicted_embedding", (), ["INDEX(t_final,t_count,0)"]),
    ("next_logits", (), ["MMULT(t_wte,TRANSPOSE(t_predicted_embedding))"]),
    ("logits", (), ["MMULT(t_wte,TRANSPOSE(t_final))"]),
])
def test_formulas_read_as_the_book_states_them(table, front, formulas):
    assert formula_of(lay_out(BOOK, 8), table, front) == formulas


@pytest.mark.parametrize(("formula", "said"), [
    ("mlp_up - (mlp_up - 1)", "t_h0_mlp_up-(t_h0_mlp_up-1)"),
    ("mlp_up / (mlp_up / 2)", "t_h0_mlp_up/(t_h0_mlp_up/2)"),
    ("(mlp_up + 1) * 2", "(t_h0_mlp_up+1)*2"),
    ("-mlp_up ** 2", "-(t_h0_mlp_up^2)"),       # in a spreadsheet -x^2 is (-x)^2
    ("(-mlp_up) ** 2", "(-t_h0_mlp_up)^2"),
    ("mlp_up * -2", "t_h0_mlp_up*(-2)"),
    ("2 - mlp_up", "2-t_h0_mlp_up"),
])
def test_signs_bind_as_in_the_books_formula(formula, said):
    assert formula_of(rewritten("h0.mlp_active", formula), "h0.mlp_active") == [said]


def test_attention_without_its_mask_does_not_see_the_empty_places():
    layout = rewritten("h0.attention", "softmax(scores)")
    assert formula_of(layout, "h0.attention.given", (0,)) == [
        "IF(TRANSPOSE(t_positions)<t_count,t_h0_scores_head0,-1E+300)"]
    layout = rewritten("h0.attention", "scores * 0.1")
    assert formula_of(layout, "h0.mixed", (0,)) == [
        "MMULT(IF(TRANSPOSE(t_positions)<t_count,t_h0_attention_head0,0),t_h0_values_head0)"]


def test_the_operations_of_other_architectures_read_as_a_spreadsheet_says_them():
    wide = gpt2(Config(vocab_size=300, n_positions=24, n_embd=8, n_layer=1, n_head=2))

    def said(table, formula, front=()):
        changed = wide.replace(function_from_formula(table.rpartition(".")[2], formula), at=table)
        return formula_of(lay_out(changed, 8), table, front)

    assert said("h0.mlp_active", "silu(mlp_up)") == ["0.5*t_h0_mlp_up*(1+TANH(0.5*t_h0_mlp_up))"]
    assert said("h0.mlp_active", "exact_gelu(mlp_up)") == [
        "t_h0_mlp_up*_xlfn.NORM.S.DIST(t_h0_mlp_up,TRUE)"]
    assert said("h0.mlp_active", "relu(mlp_up) / 2") == ["(t_h0_mlp_up+ABS(t_h0_mlp_up))/2/2"]
    assert said("h0.attention_normalised", "rms_normalise(residual, eps)") == [
        "t_h0_residual/SQRT(t_h0_attention_normalised_mean_square+1E-05)"]
    assert said("h0.mixed", "repeat_heads(values, 1)", (1,)) == ["t_h0_values_head1"]
    turned = said("h0.mixed", "rotate(values, positions, 100)", (1,))
    angles = "t_positions*100^(-{0,1}/2)"
    assert len(turned) == 2 and all(text.count(f"COS({angles})") == 1 for text in turned)


@pytest.mark.parametrize(("table", "formula", "said"), [
    ("h0.attention", "normalise(scores, eps)", "h0.attention: the mean over positions"),
    ("h0.attention", "rms_normalise(scores, eps)", "h0.attention: the mean over positions"),
    ("h0.mlp_active", "mlp_up.clip(0)", "h0.mlp_active: its formula does more than"),
])
def test_what_a_spreadsheet_cannot_say_is_refused_by_name(table, formula, said):
    with pytest.raises(UnsupportedStep, match=said):
        rewritten(table, formula)


def test_a_table_that_is_larger_than_a_sheet_is_named():
    wide = Config(vocab_size=300, n_positions=8, n_embd=5462, n_layer=1, n_head=1)
    with pytest.raises(UnsupportedStep, match=r"h0\.c_attn_w does not fit .* 16,384\s+columns"):
        lay_out(gpt2(wide), 4)
    long = Config(vocab_size=1_048_576, n_positions=8, n_embd=2, n_layer=1, n_head=1)
    with pytest.raises(UnsupportedStep, match=r"wte does not fit .* 1,048,576 rows"):
        lay_out(gpt2(long), 4)


def test_no_two_tables_share_cells_or_a_name():
    layout = lay_out(BOOK, 8)
    places = [place for fronts in layout.places.by_name.values() for place in fronts.values()]
    assert len({place.name for place in places}) == len(places)
    taken: set[tuple[str, int, int]] = set()
    for place in places:
        cells = {(place.sheet, row + place.row, column + place.column)
                 for row, column in np.ndindex(place.n_rows, place.n_columns)}
        assert not taken & cells, place.name
        taken |= cells
