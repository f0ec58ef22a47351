"""Tokens that a spreadsheet might calculate are shown by LibreOffice as the texts that they are."""

import pytest

from cutaway import open_model
from cutaway.engines.xlsx import write_xlsx
from cutaway.studio.share.labels import label_itself
from cutaway.studio.share.table_csv import table_csv
from tests.hostile_model import WORDS, write_hostile_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return open_model(str(write_hostile_model(tmp_path_factory.mktemp("hostile"))))


def test_a_csv_of_hostile_tokens_has_no_formula_and_every_token(office, model, tmp_path):
    text = "".join(table_csv(model.run("<b>=1+1")["next_logits"]))
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    office.open(tmp_path / "table.csv")
    [sheet] = office.sheets()
    assert office.formulas(sheet) == []
    labels = [row[1] for row in office.everything(sheet)[1:]]
    for id, label in enumerate(labels):
        token = model.tokenizer.text_of(id)
        assert label_itself(label) == token if isinstance(label, str) else label == int(token)


def test_a_workbook_of_hostile_tokens_shows_them_as_texts(office, model, tmp_path):
    write_xlsx(model, "=1+1<b>\u202e", tmp_path / "book.xlsx", n_positions=12)
    office.open(tmp_path / "book.xlsx")
    cells = {cell for name in office.sheets() for row in office.everything(name) for cell in row
             if isinstance(cell, str)}
    assert "=1+1<b>\u202e" in cells
    for word in WORDS:
        assert word in cells or not word.isprintable(), word
    assert "\uffff" not in "".join(cells) and "<0x1B>]0;owned<0x07>" in cells
