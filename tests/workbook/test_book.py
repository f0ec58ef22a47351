"""Books of several sheets: sheets that belong to blocks in any order, several heads, and roles."""

import numpy as np
import pytest

from cutaway import Book, NumpyEngine, Sheet, start_run
from cutaway.errors import BookError, NoSuchRole, UnknownTable
from cutaway.models.gpt2 import ROLES, block, embed, head
from cutaway.workbook.roles import BLOCK_ROLES
from cutaway.workbook.roles import ROLES as BOOK_ROLES
from cutaway.workbook.step import function_from_formula
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS

CONSTANTS = {"n_head": CONFIG.n_head, "eps": 1e-5}


def sheet_of(name: str, receives: str | None = "stream", **formulas: str) -> Sheet:
    made = Sheet(name, receives=receives, weights={})
    for table, formula in formulas.items():
        made.step(table, "position embed")(function_from_formula(table, formula))
    return made


def book_of(*sheets, roles=ROLES, **options) -> Book:
    return Book(sheets, sizes=CONFIG.sizes, constants=CONSTANTS, roles=roles, **options)


def test_a_backward_sheet_stands_beside_the_forward_one_from_the_last_block_to_the_first():
    back = sheet_of("backward", d_residual="stream * 2 + residual")
    book = book_of(embed, block.at(0), block.at(1), head,
                   back.at(1, receives="h1.residual_after_mlp"), back.at(0))
    assert list(book.nodes)[-2:] == ["h1.d_residual", "h0.d_residual"]
    assert book.nodes["h0.d_residual"].reads == ("h1.d_residual", "h0.residual")
    assert book.nodes["h0.d_residual"].block == 0 and book.blocks == (0, 1)
    run = start_run(book, WEIGHTS, [0, 1, 2], engine=NumpyEngine(np.float64))
    first = run["h1.residual_after_mlp"].array * 2 + run["h1.residual"].array
    assert np.allclose(run["h0.d_residual"].array, first * 2 + run["h0.residual"].array)


def test_two_heads_receive_the_table_that_is_named():
    second = sheet_of("second", middle="stream + stream")
    book = book_of(embed, block.at(0), block.at(1), head, second.at(receives="h0.residual"))
    assert book.nodes["middle"].reads == ("h0.residual",)


def test_a_sheet_that_stands_twice_without_a_block_is_refused():
    again = sheet_of("again", middle="stream")
    with pytest.raises(BookError, match=r"two tables middle.*sheet\.at\(block\)"):
        book_of(embed, again, again, roles={})


def test_a_table_received_that_is_not_there_yet_is_named():
    with pytest.raises(UnknownTable, match=r"receives 'h1\.residual_after_mlp'"):
        book_of(embed, block.at(0, receives="h1.residual_after_mlp"), block.at(1), head)


def test_a_weight_that_two_sheets_share_has_the_same_axes_in_both():
    tied, other = Sheet("tied", weights={"wte": "vocabulary embed"}), Sheet(
        "other", weights={"wte": "embed vocabulary"})
    assert book_of(embed, tied, roles={}).weights["wte"] == ("vocabulary", "embed")
    with pytest.raises(BookError, match="wte is embed vocabulary in the sheet other"):
        book_of(embed, other, roles={})


def test_gpt2_has_every_role():
    for role in BOOK_ROLES:
        assert BOOK.role(role) in BOOK
        assert BOOK.role_of(BOOK.role(role)) == role
    for role in BLOCK_ROLES:
        assert BOOK.role(role, block=1) in BOOK
        assert BOOK.role_of(BOOK.role(role, block=1)) == role
    assert BOOK.role("block_output", block=1) == "h1.residual_after_mlp"
    assert BOOK.role_of("h0.qkv") is None and BOOK.role_of("wpe") == "position_table"


def test_a_model_without_a_table_of_a_role_says_so_in_words():
    book = book_of(embed, roles={})
    assert book.find_role("next_logits") is None and book.find_role("attention", 0) is None
    with pytest.raises(NoSuchRole, match=r"no table of the next token's logits\.$"):
        book.role("next_logits")
    with pytest.raises(NoSuchRole, match=r"no attention table\.$"):
        book.role("attention", 0)


@pytest.mark.parametrize(("roles", "message"), [
    ({"attentoin": "attention"}, r"'attentoin' is no role.*Did you mean 'attention'"),
    ({"attention": "atention"}, r"role attention names atention.*Did you mean 'attention'"),
    ({"token_table": "wtx"}, "role token_table names wtx"),
])
def test_a_role_that_is_none_or_names_no_table_is_refused(roles, message):
    with pytest.raises(BookError, match=message):
        book_of(embed, block.at(0), head, roles=roles)
