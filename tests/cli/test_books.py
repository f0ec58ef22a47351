"""`cutaway books`: the list, one of them, another name, and what is gone for good."""

import json
from dataclasses import replace

import pytest

from cutaway.studio.server.document_lock import DocumentLock
from cutaway.studio.server.documents import last_document, new_document, save

HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
OTHER_PROMPT = {"kind": "prompt", "text": "The king"}


@pytest.fixture
def book():
    """A workbook of two changes, one of which was undone."""
    document = replace(new_document("storybook", "Once"), cursor=1,
                       changes=[HEAD_OFF, OTHER_PROMPT])
    save(document, 1e9)
    return document


@pytest.fixture
def serves(monkeypatch):
    """Which workbooks would be served until Ctrl-C."""
    served = []
    monkeypatch.setattr("cutaway.studio.server.serve.serve",
                        lambda document, **settings: served.append(document))
    return served


def test_the_list_names_each_with_its_key_and_says_what_is_missing(cutaway, book):
    save(replace(new_document("gone"), name="my study"), 2e9)
    shown = cutaway("books").stdout
    study, other = [line for line in shown.splitlines() if "2033-" in line or "2001-" in line]
    assert study.startswith("  my study") and "its model is not on this computer" in study
    assert other.split()[:4] == ["“Once”", book.identity, "storybook", "1"]
    listed = json.loads(cutaway("books", "--json").stdout)["books"]
    assert [(one["name"], one["has_model"]) for one in listed] == [("my study", False), ("", True)]


def test_without_any_the_list_says_how_one_begins(cutaway):
    assert "There is none yet: cutaway open begins one." in cutaway("books").stdout


def test_one_is_shown_with_its_changes_and_those_that_were_undone(cutaway, book):
    shown = cutaway("books", book.identity).stdout
    assert "1  h3.attention[head=1] = 0" in shown and "2  (the prompt is “The king”)" in shown
    assert json.loads(cutaway("books", book.identity, "--json").stdout)["changes"] == 1


def test_one_is_named_opened_by_its_name_and_deleted_after_a_question(cutaway, book, serves):
    assert cutaway("books", book.identity, "--name", "heads off").exit_code == 0
    assert cutaway("open", "--book", "heads off", "--no-browser").exit_code == 0
    assert serves == [replace(book, name="heads off")]
    asked = cutaway("books", "heads off", "--delete", input="n\n")
    assert asked.exit_code == 1 and "Nothing was deleted" in asked.stderr
    assert "Delete heads off with 1 change and 0 cells for good? [y/N]" in asked.stdout
    assert last_document() == replace(book, name="heads off")
    assert cutaway("books", "heads off", "--delete", input="y\n").exit_code == 0
    assert last_document() is None


def test_one_that_is_open_is_not_even_asked_about(cutaway, book):
    lock = DocumentLock("http://elsewhere/")
    lock.take(book.identity)
    refused = cutaway("books", book.identity, "--delete", "--yes")
    lock.release()
    assert refused.exit_code == 1 and "This workbook is open in a cutaway" in refused.stderr
    assert last_document() == book


@pytest.mark.parametrize(("arguments", "message"), [
    (["books", "--delete"], "Which workbook?"),
    (["books", "--name", "x"], "Which workbook?"),
    (["books", "x", "--name", "x", "--delete"], "give one of them"),
    (["books", "nothing"], "There is no workbook 'nothing'"),
    (["books", "\x1b[31m" + "x" * 5_000], "There is no workbook"),
    (["open", "--book", "nothing"], "There is no workbook 'nothing'"),
    (["open", "--book", "my study"], "of the model 'gone', which is not on this computer"),
    (["open", "--book", "my study", "--new"], "leave out the prompt, --model and --new"),
    (["open", "Once", "--book", "my study"], "leave out the prompt, --model and --new"),
])
def test_a_mistake_is_told_in_few_words(cutaway, serves, arguments, message):
    save(replace(new_document("gone"), name="my study"))
    refused = cutaway(*arguments)
    assert refused.exit_code in (1, 2) and not serves
    assert message in " ".join(refused.stderr.split()) and len(refused.stderr) < 1_000
    assert "\x1b" not in refused.stderr


def test_a_prompt_without_changes_is_not_kept_twice(cutaway, serves):
    for _ in range(2):
        assert cutaway("open", "Once", "--no-browser").exit_code == 0
        save(serves[-1])
    assert serves[0] == serves[1]
