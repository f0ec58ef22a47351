"""Finding a model by name: the bundled one, the store's, a path, the Hugging Face cache's."""

from cutaway.errors import UnknownModel
from cutaway.models import published
from cutaway.weights.bundled import BUNDLED, bundled_names
from cutaway.weights.open import ModelFiles, read_model_files
from cutaway.weights.places import place_of
from cutaway.weights.progress import ProgressCallback, unwatched
from cutaway.weights.store import Store
from cutaway.words import did_you_mean


def find_model(name: str, store: Store | None = None,
               progress: ProgressCallback = unwatched) -> ModelFiles:
    """The model of that name, or at that path.

        find_model("storybook")                  the one that comes with Cutaway
        find_model("gpt2")                       one of the store
        find_model("./my-model")                 a folder or a file
        find_model("openai-community/gpt2")      one of the Hugging Face cache

    store    where to look; without one, this computer's
    Raises:  UnknownModel with what there is and how to get more, and all that
             `read_model_files` raises
    """
    store = Store() if store is None else store
    if name in bundled_names():
        return read_model_files(BUNDLED / name)
    if name in store.names():
        return store.open(name)
    if path := _path_of(name):
        return read_model_files(path, progress)
    at_the_hub = published()
    if name in at_the_hub:
        raise UnknownModel(
            f"{name!r} is not on this computer yet. `cutaway fetch {name}` downloads it; "
            "`cutaway add PATH` takes files that you have.")
    here = [*bundled_names(), *store.names()]
    raise UnknownModel(
        f"There is no model and no file {name!r}.{did_you_mean(name, [*here, *at_the_hub])} "
        f"Here are: {', '.join(here) or 'none'}. `cutaway fetch` downloads one of "
        f"{', '.join(at_the_hub)}, and `cutaway add PATH` takes a file.")


def is_here(name: str, store: Store | None = None) -> bool:
    """Whether this computer has something of that name to open. Nothing is read."""
    store = Store() if store is None else store
    try:
        return name in bundled_names() or name in store.names() or _path_of(name) is not None
    except (OSError, ValueError, RuntimeError):  # a name that can be no path at all
        return False


def _path_of(name: str) -> str | None:
    """A name that is a path or one of the Hugging Face cache; None when nothing is there."""
    return next((one for one in (name, published().get(name, ""))
                 if one and place_of(one).exists()), None)
