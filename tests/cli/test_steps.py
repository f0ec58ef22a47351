"""`cutaway steps`: the definition as it is stated in the code."""

import json

from cutaway import models
from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2


def test_every_step_of_the_book_is_listed_with_its_formula(cutaway):
    listed = {step["name"]: step for sheet in json.loads(cutaway("steps", "--json").stdout)
              for step in sheet["steps"]}
    for node in gpt2(Config(n_layer=1)).nodes.values():
        assert listed[node.step.name]["formula"] == node.step.formula


def test_the_page_shows_number_axes_formula_and_meaning(cutaway):
    page = cutaway("steps").stdout
    assert "    7  attention " in page and "head position source" in page
    assert "softmax(causal(scores))" in page
    assert "nothing looks ahead" in page


def test_it_says_how_long_the_whole_definition_is(cutaway):
    with open(models.gpt2.__file__, encoding="utf-8") as file:
        n_lines = len([*file])
    page = " ".join(cutaway("steps").stdout.split())
    assert f"the whole model: models/gpt2.py, {n_lines} lines" in page and n_lines <= 200


def test_one_step_shows_what_it_reads_and_what_reads_it(cutaway):
    page = cutaway("steps", "attention").stdout
    assert "reads       scores" in page and "is read by  mixed" in page
    assert "exp(x) / sum(exp(x))" in page


def test_a_step_of_a_block_may_be_given_by_its_full_name(cutaway):
    assert cutaway("steps", "h11.attention").stdout == cutaway("steps", "attention").stdout


def test_remembered_steps_say_that_they_are_the_cache(cutaway):
    assert "KV cache" in cutaway("steps", "keys").stdout
    assert "KV cache" not in cutaway("steps", "queries").stdout


def test_a_weight_is_explained_too(cutaway):
    page = cutaway("steps", "c_attn_w").stdout
    assert "a weight of the sheet block" in page and "is read by  qkv" in page


def test_an_unknown_step_suggests_a_near_one(cutaway):
    result = cutaway("steps", "atention")
    assert result.exit_code == 1
    said = " ".join(result.stderr.split())
    assert ("No step, no weight and no word of the glossary is called 'atention'. "
            "Did you mean 'attention'") in said


def test_an_operation_is_explained_with_an_example_and_its_users(cutaway):
    page = " ".join(cutaway("steps", "gelu").stdout.split())
    assert "holds negative ones back" in page and "-1 0 1 become -0.16 0 0.84" in page
    assert "in a spreadsheet 0.5*x*(1+TANH(" in page and "is used by mlp_active" in page
    page = " ".join(cutaway("steps", "@").stdout.split())
    assert "SUMPRODUCT of a row and a column" in page
    assert "is used by qkv, scores, mixed, attention_output" in page
    assert "is used by no step of this model" in " ".join(cutaway("steps", "relu").stdout.split())
    assert json.loads(cutaway("steps", "softmax", "--json").stdout)["kind"] == "operation"


def test_a_table_comes_before_the_word_of_the_same_name(cutaway):
    assert "step 7 of the sheet block" in cutaway("steps", "attention").stdout
