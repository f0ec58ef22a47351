import pytest

from tests.weights import peers


@pytest.fixture(scope="session")
def numbers():
    """The numbers of a tiny GPT-2, by our names, as TensorFlow read them back."""
    return peers.digits()


@pytest.fixture(scope="session")
def huggingface_model(numbers):
    return peers.huggingface_model(numbers)


@pytest.fixture
def model_folder(huggingface_model, tmp_path):
    """A folder that transformers' own writer has filled."""
    folder = tmp_path / "tiny"
    huggingface_model.save_pretrained(folder)
    return folder
