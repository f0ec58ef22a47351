"""Documents as people have them, in files that Python's own csv and json, and DuckDB, wrote."""

import csv
import json

import duckdb
import pytest

from cutaway.errors import NotText, SettingError
from cutaway.texts import Reading, read_documents, split_documents

TEXTS = ['He said "no", twice.', "Two\nlines; a semicolon,\tand a tab", "Grüße, 猫 🙂", "=1+1"]
MARK = "<|endoftext|>"


def documents(path, *settings):
    return list(read_documents(path, Reading(*settings)))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_column_of_csv_gives_what_was_written(tmp_path, separator, encoding):
    file = tmp_path / "texts.csv"
    with file.open("w", encoding=encoding, newline="") as written:
        csv.writer(written, delimiter=separator).writerows(
            [["number", "text"], *([str(number), text] for number, text in enumerate(TEXTS))])
    assert documents(file, None, None, encoding) == TEXTS
    assert documents(file, None, "number", encoding) == ["0", "1", "2", "3"]


def test_a_field_of_json_lines_gives_what_was_written(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps({"n": n, "answer": text, "who": "me"}) + "\n"
                            for n, text in enumerate(TEXTS)), encoding="utf-8")
    assert documents(file, None, "answer") == TEXTS
    with pytest.raises(SettingError, match=r"several columns of texts.*n, answer, who.*--column"):
        documents(file)


def test_a_column_of_parquet_gives_what_was_written_in_order(tmp_path):
    file = tmp_path / "texts.parquet"
    many = [f"{text} {number}" for number in range(1500) for text in TEXTS]
    with duckdb.connect() as database:
        database.execute("CREATE TABLE t AS SELECT unnest($texts) AS body, 1 AS n",
                         {"texts": many})
        database.execute(f"COPY t TO '{file}' (FORMAT parquet)")
    assert documents(file) == many


def test_each_line_is_a_document_where_that_is_asked_for(tmp_path):
    (tmp_path / "a.txt").write_text("one\n\n two\r\nthree", encoding="utf-8", newline="")
    assert documents(tmp_path / "a.txt", "lines") == ["one", " two", "three"]


def test_a_folder_gives_its_texts_in_order_and_leaves_hidden_files_out(tmp_path):
    for name, text in (("b.txt", "b"), ("a/x.md", "a"), (".git/y.txt", "no"), ("z.png", "no")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert documents(tmp_path) == ["a", "b"]


@pytest.mark.parametrize(("text", "wanted"), [
    (f"one{MARK}\ntwo{MARK}\n", ("one", "two")),
    (f"one {MARK} two", ("one", "two")),
    (f"one\n{MARK}  \r\ntwo\n", ("one", "two")),
    (f"{MARK}{MARK}one", ("one",)),
    (f" \n{MARK}\n", ()),
])
def test_an_end_mark_ends_a_document_wherever_it_is(text, wanted):
    assert split_documents(text) == wanted


@pytest.mark.parametrize(("content", "words"), [
    (b"fine \xe9", r"latin.txt: The byte 0xE9 at place 5 .* not UTF-8 .*--encoding cp1252"),
    ("wide".encode("utf-16"), r"latin.txt: The byte 0xFF at place 0 .*--encoding utf-16"),
    (b"x" * (2**20 + 3) + b"\xff", r"at place 1048579 "),
])
def test_the_file_that_is_no_utf_8_is_named_with_the_place_and_the_remedy(tmp_path, content,
                                                                          words):
    (tmp_path / "latin.txt").write_bytes(content)
    (tmp_path / "fine.txt").write_text("fine", encoding="utf-8")
    with pytest.raises(NotText, match=words):
        documents(tmp_path)


def test_an_encoding_is_followed(tmp_path):
    (tmp_path / "a.txt").write_bytes("Grüße".encode("cp1252"))
    assert documents(tmp_path / "a.txt", None, None, "cp1252") == ["Grüße"]


@pytest.mark.parametrize(("settings", "words"), [
    (("xml",), "no way to read a file: text, lines, csv, jsonl, parquet"),
    ((None, None, "utf-9"), "no encoding that Python knows"),
])
def test_settings_that_nobody_knows_are_refused(settings, words):
    with pytest.raises(SettingError, match=words):
        Reading(*settings)


@pytest.mark.parametrize(("name", "content", "settings", "words"), [
    ("a.csv", b"n,text\n1,x\n", (None, "body"), r"no column of texts 'body'.* n, text\."),
    ("a.parquet", b"no parquet", (), "cannot be read as parquet"),
    ("a.jsonl", b'{"text": "x"\n{', (), "cannot be read as jsonl"),
])
def test_a_table_that_cannot_be_read_so_says_why(tmp_path, name, content, settings, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingError, match=words):
        documents(tmp_path / name, *settings)
