"""The lessons on tokens, embeddings and the choice, done on a model with GPT-2's own vocabulary.

The model is two blocks of random numbers, 16 wide: its tokens are OpenAI's, its guesses nobody's.
What the lessons are told of does not hold of it; all else must. Its numbers are Hugging Face's, and
GPT-2's tokens are tiktoken's.
"""

import numpy as np
import pytest
import torch

import cutaway
from cutaway.course.lesson import Act, Ask, Exercise, Lesson, Prose
from cutaway.course.read import find_lesson
from cutaway.course.stage import Stage
from cutaway.course.values import percent
from cutaway.errors import CutawayError
from cutaway.models.config import Config
from cutaway.weights import export_huggingface
from cutaway.workbook.address import changed
from tests.course.test_lessons import parts
from tests.oracles import hugging_face_gpt2, our_arrays

CONFIG = Config(vocab_size=50_257, n_positions=64, n_embd=16, n_layer=2, n_head=2)
THIRSTY = "Lily was thirsty. She drank some"


@pytest.fixture(scope="module")
def peer():
    return hugging_face_gpt2(CONFIG, scale=0.3, seed=16, dtype=torch.float32)


@pytest.fixture(scope="module")
def model(peer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    export_huggingface(CONFIG, our_arrays(peer), None, folder)
    return cutaway.open_model(folder, tokenizer="gpt2")


@pytest.fixture(scope="module")
def stages(model) -> dict[int, Stage]:
    return {number: Stage(find_lesson(str(number)), model, strict=True) for number in (2, 3, 8)}


@pytest.fixture(params=[2, 3, 8])
def stage(stages, request) -> Stage:
    return stages[request.param]


def text_of(stage: Stage, number: int, place: int, blocks) -> str:
    """Paragraphs as one text, with their values."""
    told = stage.told(blocks, stage.seen_at(number, place))
    lines = [line for block in told for some in (block["lines"], *block["rows"]) for line in some]
    return " ".join(word["text"] for line in lines for word in line)


def told(stage: Stage) -> str:
    """All words of a lesson, those of reasons and answers among them."""
    found = []
    for number, place, part in parts(stage.lesson, Prose | Ask | Exercise):
        some = [part.blocks] if isinstance(part, Prose) else \
            [part.question, part.answer] if isinstance(part, Exercise) else \
            [part.question, part.because, part.wrong,
             *[one.words + one.reason for one in part.options]]
        found += [text_of(stage, number, place, blocks) for blocks in some]
    return " ".join(found)


def test_every_act_works(stage):
    for number, place, act in parts(stage.lesson, Act):
        done = stage.doing(act, number, place)
        if done.verb == "cell":
            assert stage.cell(done, number, place) is not None
        if act.verb == "change":
            run = stage.run_of(stage.prompt_at(number, place))
            assert run.diff(changed(run, act.words)), act.words


def test_every_question_is_asked_and_has_this_models_answer(stage):
    for number, place, ask in parts(stage.lesson, Ask):
        assert stage.can_ask(ask, number, place), f"line {ask.line}"
        seen = stage.seen_at(number, place)
        if ask.how == "change":
            assert not stage.judge(ask, "", seen).right, f"line {ask.line}: true from the start"
            after = stage.solved(ask, number, place)
            assert stage.judge(ask, "", stage.seen_at(number, place, after)).right
        else:
            right = str(seen.value(ask.answer))
            assert stage.judge(ask, right, seen).right, f"line {ask.line}"
            assert all(stage.judge(ask, str(wrong), seen).right == (str(wrong) == right)
                       for wrong in range(1, 1 + len(ask.options)))


def test_every_value_has_one_and_what_is_told_of_another_model_says_so(stage):
    assert len(told(stage)) > 2000  # raises where a value has none
    assert stage.told_of_another == (stage.lesson.told_of == "storybook")
    assert stage.told_of_another == (stage.lesson.number != 2)


def test_the_vocabulary_is_openais_in_the_sentences(stages, model):
    tiktoken = pytest.importorskip("tiktoken")
    from tiktoken.load import data_gym_to_mergeable_bpe_ranks as ranks

    from cutaway.tokenizer import gpt2_folder

    folder = gpt2_folder()
    peer = tiktoken.Encoding("peer", pat_str=model.tokenizer.rule.pattern, special_tokens={},
                             mergeable_ranks=ranks(str(folder / "vocab.bpe"),
                                                   str(folder / "encoder.json")))
    words = told(stages[2])
    for text in ("Mike is quick. He moves", "strawberry", " strawberry", "STRAWBERRY", "TL;DR"):
        assert ", ".join(map(str, peer.encode(text))) in words, text


def test_a_rows_length_and_a_share_are_this_models(stages, model, peer):
    assert "50,257 tokens, 16 numbers each" in told(stages[3]).replace("  ", " ")
    with torch.no_grad():
        logits = peer(torch.tensor([model.tokenizer.encode(THIRSTY)])).logits[0, -1].double()
    share = float(torch.softmax(logits / 2, 0)[model.tokenizer.id_of(" water")])
    assert f"At 2 its share is {percent(share)}" in told(stages[8]).replace("  ", " ")
    np.testing.assert_allclose(
        stages[8].run_of(THIRSTY)["next_logits"].array, logits.numpy(), rtol=1e-3, atol=1e-3)


def test_a_lesson_on_blocks_that_a_model_lacks_leaves_its_question_out(model):
    lesson: Lesson = find_lesson("5")
    stage = Stage(lesson, model, strict=True)
    number, place, ask = next(parts(lesson, Ask))
    assert not stage.can_ask(ask, number, place)
    with pytest.raises(CutawayError, match=r"h4\.attention"):
        stage.seen_at(number, place).value(ask.answer)
