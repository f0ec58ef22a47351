"""The gradient of the loss: against Hugging Face's autograd, and against finite differences."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from cutaway import Config, NumpyEngine, gpt2, start_run
from cutaway.models.gpt2_record import fresh_weights
from cutaway.train.loop import cross_entropy
from cutaway.train.module import BookModule
from tests.oracles import hugging_face_gpt2, our_arrays, peer_names

CONFIGS = {
    "odd": Config(vocab_size=53, n_positions=12, n_embd=15, n_layer=3, n_head=3),
    "one head": Config(vocab_size=7, n_positions=5, n_embd=8, n_layer=1, n_head=1),
    "wide": Config(vocab_size=101, n_positions=32, n_embd=96, n_layer=2, n_head=6),
}
WINDOWS = np.random.default_rng(3).integers(0, 7, (2, 6))


class PlainModule(BookModule):
    """The same module with attention calculated step by step."""

    def __init__(self, config, arrays):
        super().__init__(config, arrays)
        self.book = gpt2(config)


def peer_gradients(peer) -> tuple[float, dict[str, torch.Tensor]]:
    """Hugging Face's loss and gradient. Its own loss rounds to float32, so torch takes it here."""
    ids = torch.from_numpy(WINDOWS)
    logits = peer(ids[:, :-1]).logits
    loss = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
    loss.backward()
    return loss.item(), {name: tensor.grad for name, tensor in peer.named_parameters()}


def our_gradients(module) -> tuple[float, dict[str, torch.Tensor]]:
    ids = torch.from_numpy(WINDOWS)
    loss = cross_entropy(module(ids[:, :-1]), ids[:, 1:])
    loss.backward()
    return loss.item(), {name: weight.grad for name, weight in module.weights().items()}


def module_like(peer, config, kind) -> BookModule:
    """Our module with the peer's weights in float64."""
    module = kind(config, our_arrays(peer)).double()
    with torch.no_grad():
        for name, array in our_arrays(peer).items():
            module.weights()[name].copy_(torch.from_numpy(array))
    return module


@pytest.mark.parametrize("kind", [BookModule, PlainModule], ids=["fused", "plain"])
@pytest.mark.parametrize("scale", [0.02, 0.4])
@pytest.mark.parametrize("shape", CONFIGS)
def test_the_gradient_of_every_parameter_is_hugging_faces(shape, scale, kind):
    config = CONFIGS[shape]
    peer = hugging_face_gpt2(config, scale=scale)
    their_loss, theirs = peer_gradients(peer)
    our_loss, ours = our_gradients(module_like(peer, config, kind))
    assert our_loss == pytest.approx(their_loss, rel=1e-12)
    names = peer_names(config)
    assert set(ours) == set(names)
    for name, gradient in ours.items():
        wanted = theirs[names[name]]
        assert (gradient - wanted).abs().max() <= 1e-9 * wanted.abs().max(), name


@pytest.mark.parametrize("shape", CONFIGS)
def test_every_part_of_the_model_learns(shape):
    """W124: embeddings, positions, queries, keys and values, and layer norms have gradients too."""
    config = CONFIGS[shape]
    peer = hugging_face_gpt2(config, scale=0.4)
    _, gradients = our_gradients(module_like(peer, config, BookModule))
    for name, gradient in gradients.items():
        assert gradient.abs().max() > 1e-8, name
        if name.endswith("c_attn_w"):
            for piece in gradient.chunk(3, dim=-1):
                assert piece.abs().max() > 1e-8, name


def test_every_gradient_is_how_the_loss_really_changes():
    """Finite differences in float64, of the loss as the NumPy engine calculates it."""
    config = Config(vocab_size=7, n_positions=5, n_embd=4, n_layer=2, n_head=2)
    peer = hugging_face_gpt2(config, scale=0.5)
    arrays = our_arrays(peer)
    _, gradients = our_gradients(module_like(peer, config, BookModule))
    generator, small = np.random.default_rng(0), 1e-4

    def loss(weights) -> float:
        run = start_run(gpt2(config), weights, WINDOWS[:, :5], engine=NumpyEngine(np.float64))
        logits, target = run["logits"].array, WINDOWS[:, 1:]
        of_target = np.take_along_axis(logits, target[..., None], -1)[..., 0]
        return float((np.log(np.exp(logits).sum(-1)) - of_target).mean())

    for name, array in arrays.items():
        for _ in range(2):
            direction = generator.normal(size=array.shape)
            direction /= np.linalg.norm(direction)
            near, far = ([loss({**arrays, name: array + step * direction}) for step in steps]
                         for steps in ((small, -small), (2 * small, -2 * small)))
            # The five-point rule: its error shrinks with the fourth power of the step.
            measured = (8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * small)
            predicted = float((gradients[name].numpy() * direction).sum())
            assert measured == pytest.approx(predicted, rel=1e-6, abs=1e-9), name


@pytest.mark.parametrize("shape", CONFIGS)
def test_the_loss_is_hugging_faces_own(shape):
    config = CONFIGS[shape]
    peer = hugging_face_gpt2(config, scale=0.1, dtype=torch.float32)
    ids = torch.from_numpy(WINDOWS[:, :5])
    theirs = peer(ids, labels=ids).loss.item()  # it shifts the labels itself
    ours = cross_entropy(BookModule(config, our_arrays(peer))(ids[:, :-1]), ids[:, 1:]).item()
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_a_loss_in_bfloat16_is_taken_in_float32():
    logits = torch.randn(2, 5, 11, generator=torch.Generator().manual_seed(0)).bfloat16()
    target = torch.zeros(2, 5, dtype=torch.int64)
    ours = cross_entropy(logits, target)
    assert ours.dtype == torch.float32
    assert ours == functional.cross_entropy(logits.float().flatten(0, 1), target.flatten())


def test_a_module_gives_back_the_weights_that_it_was_given():
    config = CONFIGS["odd"]
    arrays = fresh_weights(config, np.random.default_rng(0))
    module = BookModule(config, arrays)
    for name, array in module.arrays().items():
        np.testing.assert_array_equal(array, arrays[name], strict=True)
    module.arrays()["wte"][:] = 0
    assert module.weights()["wte"].abs().max() > 0


def test_the_weights_to_start_from_are_spread_as_hugging_face_spreads_them():
    """GPT2LMHeadModel's own start: 0.02; projections into the residual 0.02 / sqrt(2 n_layer)."""
    from transformers import GPT2LMHeadModel

    from tests.oracles import peer_config

    config = Config(vocab_size=503, n_positions=128, n_embd=96, n_layer=3, n_head=3)
    torch.manual_seed(0)
    theirs = dict(GPT2LMHeadModel(peer_config(config)).named_parameters())
    for name, array in fresh_weights(config, np.random.default_rng(0)).items():
        wanted = theirs[peer_names(config)[name]]
        assert array.dtype == np.float32 and array.shape == tuple(wanted.shape)
        assert array.std() == pytest.approx(wanted.std().item(), rel=0.05), name
        assert array.mean() == pytest.approx(wanted.mean().item(), abs=2e-3), name
