"""`cutaway sql`."""

import pytest

from cutaway.cli.edit import changed_run
from cutaway.model import open_model
from tests.cli.conftest import PROMPT


@pytest.fixture(scope="module")
def following(tiny):
    from cutaway.generate import generate_text

    return generate_text(open_model(tiny), PROMPT, max_tokens=3)


def test_the_page_ends_with_the_difference_to_numpy(cutaway, tiny, following):
    done = cutaway("sql", PROMPT, "--model", tiny, "--max-tokens", "3")
    assert done.exit_code == 0, done.output
    assert "in DuckDB: 2 blocks" in done.output
    assert following in done.output
    assert "46 tables compared, the largest difference is" in done.output


def test_the_page_shows_the_numbers_of_the_main_job(cutaway, tiny):
    ours, main = (cutaway(*verb, PROMPT, "--model", tiny, "--max-tokens", "0").output
                  for verb in (["sql"], ["predict"]))
    tables = [text.split("The model")[1].split("in DuckDB")[-1].split("MLP:")[0].split("\n", 1)[1]
              for text in (ours, main)]
    assert tables[0] == tables[1]


def test_the_same_seed_gives_the_text_of_generate(cutaway, tiny):
    options = ["--model", tiny, "--max-tokens", "5", "--temperature", "1.2", "--seed", "4"]
    text = cutaway("generate", PROMPT, *options).output.strip()
    assert text in cutaway("sql", PROMPT, *options).output


def test_a_query_is_answered(cutaway, tiny):
    done = cutaway("sql", PROMPT, "--model", tiny, "--max-tokens", "0", "--query",
                   "SELECT head, sum(value) AS total FROM h1.attention WHERE position = 3 "
                   "GROUP BY head ORDER BY head")
    assert done.exit_code == 0 and "total" in done.output


@pytest.mark.parametrize("before", [None, "The king said to the queen"])
def test_a_query_of_the_choice_is_answered_for_this_prompt(cutaway, tiny, tmp_path, before):
    """On a new database, and on one that holds the choice of another prompt."""
    place = ["--model", tiny, "--database", tmp_path / "tiny.duckdb", "--max-tokens", "3"]
    if before:
        cutaway("sql", before, *place)
    done = cutaway("sql", PROMPT, *place, "--query", "SELECT 'best', id FROM chosen "
                   "UNION ALL SELECT 'of', count(*) FROM choice JOIN next_logits USING "
                   "(vocabulary) WHERE logit = value")
    assert done.exit_code == 0, done.output
    logits = open_model(tiny).run(PROMPT)["next_logits"].array
    answer = done.output.split("The answer")[1].split()
    assert answer[answer.index("best") + 1] == str(logits.argmax())
    assert answer[answer.index("of") + 1] == str(len(logits))


def test_changes_are_those_of_edit(cutaway, tiny):
    changes = ["h0.attention[head=1]=0", "h1.mixed=values", "wte[vocabulary=7]=0.5"]
    done = cutaway("sql", PROMPT, *changes, "--model", tiny, "--max-tokens", "1")
    assert done.exit_code == 0, done.output
    assert "h0.attention[head=1]=0" in done.output
    difference = float(done.output.split("largest difference is ")[1].split(" ")[0])
    assert difference < 1e-4
    run = changed_run(open_model(tiny), PROMPT, changes)
    best = run["next_probabilities"].array.max()
    assert f"{best:.1%}".replace("%", " %") in done.output


def test_a_file_has_the_changes_in_it(cutaway, tiny):
    arguments = [PROMPT, "h0.attention[head=1]=0", "--model", tiny, "--script", "-"]
    assert "-- typed: head 1 <- 0.0" in cutaway("sql", *arguments).stdout
    further = cutaway("sql", *arguments, "--further").stdout
    assert "-- typed: head 1 <- 0.0" in further and "INSERT INTO tokens" in further


def test_a_wrong_query_is_told(cutaway, tiny):
    done = cutaway("sql", PROMPT, "--model", tiny, "--max-tokens", "0", "--query", "SELECT nothing")
    assert done.exit_code == 1 and "DuckDB says" in done.stderr
    assert "Traceback" not in done.output


def test_a_script_is_written_or_printed(cutaway, tiny, tmp_path):
    done = cutaway("sql", PROMPT, "--model", tiny, "--script", tmp_path / "gpt.sql")
    assert "lines of SQL" in done.output
    text = (tmp_path / "gpt.sql").read_text(encoding="utf-8")
    assert cutaway("sql", PROMPT, "--model", tiny, "--script", "-").stdout == text
    further = cutaway("sql", "--model", tiny, "--script", "-", "--further")
    assert "INSERT INTO h0.keys" in further.stdout


def test_a_database_is_made_where_one_wants_it(cutaway, tiny, tmp_path):
    done = cutaway("sql", "--load", "--model", tiny, "--database", tmp_path / "mine.duckdb")
    assert done.exit_code == 0 and (tmp_path / "mine.duckdb").exists()


@pytest.mark.parametrize("arguments, said", [
    ([], "Give a prompt"),
    (["--script", "-"], "--script takes a prompt"),
    ([PROMPT, "--script", "-", "--further"], "--script takes a prompt"),
    ([PROMPT, "--database", "a.duckdb", "--postgres", "postgresql:///b"], "give one of them"),
])
def test_options_that_do_not_fit_are_told(cutaway, tiny, arguments, said):
    done = cutaway("sql", *arguments, "--model", tiny)
    assert done.exit_code == 2 and said in done.stderr


def test_a_prompt_that_is_too_long_is_told(cutaway, tiny):
    done = cutaway("sql", "a " * 200, "--model", tiny)
    assert done.exit_code == 1 and "24 positions" in done.stderr


def test_a_postgresql_that_is_not_there_is_told_without_its_address(cutaway, tiny):
    done = cutaway("sql", PROMPT, "--model", tiny, "--postgres",
                   "postgresql://me:s3cret@127.0.0.1:1/db")
    assert done.exit_code == 1 and "cannot be reached" in done.stderr
    assert "s3cret" not in done.output and "Traceback" not in done.output


def test_a_shell_that_is_not_installed_is_told(cutaway, tiny, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    done = cutaway("sql", "--shell", "--model", tiny)
    assert done.exit_code == 1 and "pip install 'cutaway[shell]'" in done.stderr


def test_the_shell_opens_on_the_database(cutaway, tiny, monkeypatch):
    called = []
    monkeypatch.setattr("subprocess.run", lambda command, **settings: called.append(command))
    assert cutaway("sql", "--shell", "--model", tiny).exit_code == 0
    assert called[0][0].endswith("duckdb") and called[0][1].endswith(".duckdb")
