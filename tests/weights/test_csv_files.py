"""The workshop's CSV files, written by Python's csv module in every layout that programs use."""

import csv
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cutaway.errors import CorruptFile, NotFinite, UnknownModel, WrongShape
from cutaway.weights import Progress, read_model_files
from cutaway.weights.csv_files import find_layout, read_csv
from tests.weights.peers import OPENAI, assert_same, spellings


def write_csv(path, table, *, delimiter=",", headings=None, row_labels=None, decimal="."):
    """Each number as the shortest text that reads back as the same float32."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        if headings is not None:
            writer.writerow(([""] if row_labels is not None else []) + list(headings))
        for row, line in enumerate(np.atleast_2d(table)):
            label = [] if row_labels is None else [row_labels[row]]
            writer.writerow(label + [str(number).replace(".", decimal) for number in line])


def write_folder(folder, numbers, **layout):
    folder.mkdir()
    for ours, (_, openai) in spellings().items():
        write_csv(folder / f"{openai.replace('/', '_')}.csv", numbers[ours], **layout)
    (folder / "hparams.json").write_bytes((OPENAI / "hparams.json").read_bytes())
    return folder


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_folder_of_csvs_opens_to_the_same_digits(tmp_path, numbers, delimiter):
    folder = write_folder(tmp_path / "csvs", numbers, delimiter=delimiter)
    assert_same(read_model_files(folder).weights, numbers)


@pytest.mark.parametrize("top", ["", "gpt2-small/"])
def test_a_zip_of_csvs_opens_to_the_same_digits(tmp_path, numbers, top):
    folder = write_folder(tmp_path / "csvs", numbers)
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, top + file.name)
            archive.writestr(f"__MACOSX/._{file.name}", b"\x00\x05\x16\x07")
    model = read_model_files(tmp_path / "tiny.zip")
    assert_same(model.weights, numbers)
    assert model.name == "tiny"
    assert model.weights.origin("wte").file.name == "model_wte.csv"


def test_one_csv_stands_for_its_folder(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    assert_same(read_model_files(folder / "model_wte.csv").weights, numbers)


def test_reading_reports_each_file(tmp_path, numbers):
    reports = []
    read_model_files(write_folder(tmp_path / "csvs", numbers), reports.append)
    assert reports[0] == Progress("reading model_h0_attn_c_attn_b.csv", 0, 28, "files")
    assert [report.done for report in reports] == list(range(29))


TABLE = np.array([[0.5, -1.25, 3e-5], [1.0, 2.0, -7.125]], np.float32)


@pytest.mark.parametrize("layout", [
    {},
    {"headings": ["0", "1", "2"]},
    {"headings": ["1", "2", "3"]},
    {"headings": ["a", "b", "c"]},
    {"headings": ["0", "1", "2"], "row_labels": ["0", "1"]},
    {"headings": ["V1", "V2", "V3"], "row_labels": ["Mike", 'is, "so'] },
    {"row_labels": ["0", "1"]},
    {"row_labels": ["1", "2"]},
    {"row_labels": ["Mike", " is"]},
    {"row_labels": ["#", "##"]},
    {"delimiter": ";", "decimal": ","},
    {"delimiter": ";", "decimal": ",", "headings": ["0", "1", "2"], "row_labels": ["0", "1"]},
    {"delimiter": "\t"},
])
def test_headings_and_row_labels_are_told_from_numbers(tmp_path, layout):
    write_csv(tmp_path / "table.csv", TABLE, **layout)
    np.testing.assert_array_equal(read_csv(tmp_path / "table.csv"), TABLE)


@pytest.mark.parametrize(("text", "expected"), [
    ("0.5\n0.25\n", [[0.5], [0.25]]),                       # a vector as a column
    ("0\n0.5\n0.25\n", [[0.5], [0.25]]),                    # as pandas writes it: headed 0
    ("0\n0\n0\n", [[0], [0], [0]]),                         # a bias that is all zeros
    ("1\n1\n", [[1], [1]]),                                 # a gain that is all ones
    (",0\n0,0.5\n1,0.25\n", [[0.5], [0.25]]),               # pandas with its row labels
    (",0,1\n0,0.5,0.25\n", [[0.5, 0.25]]),                  # one row with both
    ('"V1","V2"\n"1",0.5,0.25\n', [[0.5, 0.25]]),           # R: a heading less than there are cells
    ("\ufeff0.5,1\r\n2,3\r\n", [[0.5, 1], [2, 3]]),         # Excel: a byte order mark, CRLF
    ("0.5,1", [[0.5, 1]]),                                  # no line break at the end
    ("0.5,1\n2,3\r\n4,5\r6,7\n", [[0.5, 1], [2, 3], [4, 5], [6, 7]]),  # files put together
    ("gain,0.5,1\n", [[0.5, 1]]),                           # a lone row with a word for a label
    ("0,0.5,1\n", [[0, 0.5, 1]]),                           # a lone row with none, as far as told
    (" 0.5 ,\t1\n", [[0.5, 1]]),                           # blanks around numbers
    ("0.5\n\n0.25\n\n", [[0.5], [0.25]]),                   # empty lines
    (f"0.5\n0.5\n0.5\n0.{'1' * 200_000}\n", [[0.5], [0.5], [0.5], [1 / 9]]),
])
def test_what_programs_write_is_read_as_meant(tmp_path, text, expected):
    (tmp_path / "table.csv").write_bytes(text.encode())
    np.testing.assert_array_equal(read_csv(tmp_path / "table.csv"), np.array(expected, np.float32))


def test_vectors_may_stand_in_a_row_or_in_a_column(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    write_csv(folder / "model_ln_f_b.csv", numbers["ln_f_b"].reshape(-1, 1))
    write_csv(folder / "model_ln_f_g.csv", numbers["ln_f_g"].reshape(1, -1))
    assert_same(read_model_files(folder).weights, numbers)


def test_lone_rows_have_labels_where_the_other_files_have(tmp_path, numbers):
    """As a program writes them that puts a label in front of each row and no headings above."""
    folder = tmp_path / "csvs"
    folder.mkdir()
    for ours, (_, openai) in spellings().items():
        rows = np.atleast_2d(numbers[ours])
        write_csv(folder / f"{openai.replace('/', '_')}.csv", rows,
                  row_labels=[str(row) for row in range(len(rows))])
    (folder / "hparams.json").write_bytes((OPENAI / "hparams.json").read_bytes())
    assert_same(read_model_files(folder).weights, numbers)


@given(arrays.arrays(np.float32, (3, 2), elements=st.floats(width=32, allow_nan=False)))
def test_every_float32_is_read_exactly(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    write_csv(path, table)
    np.testing.assert_array_equal(read_csv(path).view(np.int32), table.view(np.int32))


def test_the_layout_of_the_docstring():
    assert find_layout([",0,1", "0,0.5,-1.25", "1,0.75,2"]).row_labels
    assert not find_layout(["0.5;-1.25", "0.75;2"]).headings


@pytest.mark.parametrize(("text", "reason"), [
    ("", "its first line is empty"),
    ("\n0.5\n", "its first line is empty"),
    ("0.5,1\n2\n", "line 2 has 1 of them and the lines above it 2"),
    ("0,1,2\n0.5,1,2\n\n3,4\n", "line 4 has 2 of them and the lines above it 3"),
    ("0.5,1\n2,cat\n", "'cat' in line 2 is no number"),
    (",0,1\n0,0.5,1\n1,2,\n", "'' in line 3 is no number"),
    ("0.5,1\n2,1_000\n", "'1_000' in line 2 is no number"),
    ("0.5,1\n2,3\n4,5,6\n", "line 3 has 3 of them and the lines above it 2"),
    ('0.5,1\n2,"3\n4,5\n', "line 2: Value with unterminated quote found"),
    ("# my gains\n0.5\n0.25\n", "line 1 is a comment, '# my gains', which a table of numbers has "
                                "no place for: delete that line"),
    ("# rows, columns\n0,1\n0.5,0.25\n", "line 1 is a comment, '# rows, columns', which a table "
                                         "of numbers has no place for: delete that line"),
    ("0,0.5\n1,0.25\n2,1\n# half\n3,2\n",
     "line 4 is '# half'; if that is a comment, delete the line"),
    ("0.5\n# half\n0.25\n", "line 2 is '# half'; if that is a comment, delete the line"),
    (f"0.{'1' * 200_000}\n0.5\n", "its first lines cannot be parted into cells (field larger than "
                                  "field limit (131072))"),
    (f"0.5\n0.5\n0.5\n{'x' * 200_000}\n", f"'{'x' * 59} in line 4 is no number"),
])
def test_what_is_no_table_of_numbers_is_corrupt(tmp_path, numbers, text, reason):
    folder = write_folder(tmp_path / "csvs", numbers)
    (folder / "model_wpe.csv").write_text(text)
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        f"model_wpe.csv cannot be read as a table of numbers: {reason}. Get the file again, or "
        "save it once more as CSV.")


def test_bytes_that_are_no_text_are_corrupt(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    (folder / "model_wpe.csv").write_bytes(b"\xff\xfe0.5")
    with pytest.raises(CorruptFile, match=r"model_wpe\.csv cannot be read as a table of numbers"):
        read_model_files(folder)


def test_a_row_too_few_is_a_wrong_shape(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    write_csv(folder / "model_wpe.csv", numbers["wpe"][:-1])
    with pytest.raises(WrongShape, match="'wpe' is 15 x 8, expected 16 x 8"):
        read_model_files(folder)


def test_nan_is_named(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    spoiled = numbers["wpe"].copy()
    spoiled[3, 5] = np.nan
    write_csv(folder / "model_wpe.csv", spoiled)
    with pytest.raises(NotFinite, match=r"wpe \(1 of 128; the first is nan at \[3, 5\]\)"):
        read_model_files(folder)


def test_a_zip_whose_numbers_are_damaged_is_corrupt(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    packed = tmp_path / "tiny.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
        member = archive.getinfo("model_wte.csv")
    damaged = bytearray(packed.read_bytes())
    middle = member.header_offset + 100 + member.compress_size // 2
    damaged[middle:middle + 20] = bytes(20)
    packed.write_bytes(damaged)
    with pytest.raises(CorruptFile, match=r"model_wte\.csv cannot be read as a table of numbers"):
        read_model_files(packed)


def test_a_zip_without_a_model_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("holiday.txt", "sun")
    with pytest.raises(UnknownModel) as caught:
        read_model_files(tmp_path / "photos.zip")
    assert str(caught.value) == (
        "photos.zip holds none of the workshop's CSV files (model_wte.csv, ...). If a model of "
        "another format is in it, unpack it and open the folder.")
