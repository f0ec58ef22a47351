"""The spellings are those of transformers' state dict and of OpenAI's checkpoint, see peers.py."""

from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.weights.names import is_vector, our_name, reading_order, stored_name
from tests.weights.peers import spellings


def test_every_spelling_of_a_parameter_becomes_our_name():
    for ours, (hugging_face, openai) in spellings(12).items():
        assert our_name(hugging_face) == ours
        assert our_name(hugging_face.removeprefix("transformer.")) == ours
        assert our_name(openai) == ours
        assert our_name(openai.replace("/", "_")) == ours
        assert our_name(ours) == ours


def test_our_name_becomes_every_spelling_of_the_parameter():
    for ours, (hugging_face, openai) in spellings(12).items():
        assert stored_name(ours, "hugging_face") == hugging_face
        assert stored_name(ours, "openai") == openai
        assert stored_name(ours, "csv") == openai.replace("/", "_")
        assert stored_name(ours, "ours") == ours


def test_the_workshop_names_its_files_so():
    assert stored_name("wte", "csv") + ".csv" == "model_wte.csv"
    assert stored_name("h0.c_attn_w", "csv") + ".csv" == "model_h0_attn_c_attn_w.csv"


def test_what_is_no_parameter_of_gpt2_has_no_name():
    for stored in ("transformer.h.0.attn.bias", "h.0.attn.masked_bias",
                   "model.layers.0.mlp.up_proj.weight", "model/wte/Adam", "global_step", "h0.wte"):
        assert our_name(stored) is None


def test_the_names_axes_and_order_are_those_of_the_definition():
    defined = gpt2(Config(n_layer=11)).weights
    assert sorted(spellings(11), key=reading_order) == list(defined)
    assert {name for name in defined if is_vector(name)} == {
        name for name, axes in defined.items() if len(axes) == 1}
