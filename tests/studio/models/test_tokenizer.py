"""The tokenizer of a dropped model: there, absent, lent, or another model's."""

from types import SimpleNamespace

from cutaway.studio.models.check import find_tokenizer, tokenizer_folder
from cutaway.tokenizer import Tokenizer
from cutaway.weights import Store
from tests.studio.dropping import HPARAMS, run


def test_a_tokenizer_is_lent_by_a_model_of_as_many_tokens(book, speaking_csvs, tokenizer):
    files = [*speaking_csvs.values(), tokenizer / "hparams.json"]
    found = run(book.drop(*files, tokenizer / "tokenizer.json"))
    run(book.ask("upload_finish", upload=found["upload"], name="lender"))
    found = run(book.drop(*files))
    assert found["tokenizer"]["state"] == "absent" and found["ready"]
    assert found["tokenizer"]["lenders"] == ["lender"]  # storybook has 4,096 tokens
    kept = run(book.ask("upload_finish", upload=found["upload"], name="mine", tokenizer="lender"))
    assert kept["model"]["has_tokenizer"]


def test_a_model_without_a_tokenizer_is_kept_and_listed_so(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    kept = run(book.ask("upload_finish", upload=found["upload"], name="mute"))
    assert kept["model"]["has_tokenizer"] is False


def test_half_a_tokenizer_says_what_belongs_to_it(book, csvs, tokenizer):
    found = run(book.drop(*csvs.values(), HPARAMS, tokenizer / "vocab.json"))
    assert found["tokenizer"]["state"] == "wrong" and not found["ready"]
    assert "merges.txt is missing" in found["tokenizer"]["words"]


def test_a_tokenizer_of_another_model_stands_in_the_way(book, csvs, tmp_path):
    Tokenizer.from_merges([(b"a", b"b")]).save(tmp_path / "other")
    found = run(book.drop(*csvs.values(), HPARAMS, tmp_path / "other" / "tokenizer.json"))
    assert found["problems"] == [found["tokenizer"]["words"]]
    assert "The tokenizer has 258 tokens, but the token table has" in found["problems"][0]


def test_gpt2s_own_tokenizer_is_lent_to_a_model_of_as_many_tokens(tmp_path):
    store = Store(tmp_path / "store")
    assert find_tokenizer(tmp_path, 50_257, store).lenders == ("gpt2",)
    assert find_tokenizer(tmp_path, 50_258, store).lenders == ()
    absent = SimpleNamespace(tokenizer=find_tokenizer(tmp_path, 50_257, store))
    folder = tokenizer_folder(absent, "gpt2", store)
    assert folder is not None and len(Tokenizer.open(folder)) == 50_257
