"""Downloading a model from the Hugging Face hub into the store."""

import errno
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutaway.errors import DiskError, DownloadFailed, UnknownModel
from cutaway.models import published
from cutaway.weights.progress import Progress, ProgressCallback, unwatched
from cutaway.weights.store import DOWNLOADS, Store, StoredModel, checksum_of
from cutaway.weights.tokenizer_files import MERGES, OTHERS, VOCABULARY

WANTED = ("config.json", "README.md", *VOCABULARY, *MERGES, *OTHERS)


def fetch(name: str, store: Store, progress: ProgressCallback = unwatched) -> StoredModel:
    """A model of the hub, downloaded and added to the store.

        fetch("gpt2", Store())
        fetch("distilbert/distilgpt2", Store())  kept as "distilgpt2"

    What was downloaded before a break is kept, and the next call goes on from there.
    Raises:  UnknownModel when the hub has no such model or not as safetensors, DownloadFailed
             without a network or after a break, and all that `Store.add` raises
    """
    repository = _repository(name)
    own_name = repository.split("/")[1]
    store.expect_free(own_name)
    downloads = store.folder / DOWNLOADS / repository.replace("/", "--")
    with _hub_errors(repository):
        folder = _download(repository, downloads, progress)
    model = store.add(folder, own_name, progress)
    shutil.rmtree(downloads, ignore_errors=True)
    return model


def _repository(name: str) -> str:
    known = published()
    if name in known:
        return known[name]
    if name.count("/") == 1 and all(name.split("/")):
        return name
    raise UnknownModel(f"{name!r} is no model of the hub that Cutaway knows. Give one of "
                       f"{', '.join(known)}, or a repository as OWNER/NAME.")


def _download(repository: str, downloads: Path, progress: ProgressCallback) -> Path:
    """The folder, named after the repository's newest revision, with all the files of a model."""
    from huggingface_hub import HfApi, hf_hub_url

    info = HfApi().model_info(repository, files_metadata=True)
    there = {file.rfilename: file for file in info.siblings or ()}
    folder = downloads / str(info.sha)
    for name in _wanted_files(repository, list(there)):
        if not (folder / name).exists():
            url = hf_hub_url(repository, name, revision=info.sha)
            lfs = there[name].lfs  # how the hub keeps large files; only of those it has a checksum
            sha256 = None if lfs is None else lfs.sha256
            _download_file(url, folder / name, there[name].size, sha256, progress)
    return folder


def _download_file(url: str, file: Path, size_bytes: int | None, sha256: str | None,
                   progress: ProgressCallback) -> None:
    """Nothing: the file is there, whole. A break keeps the part that has come, under another name.

    The library's own `hf_hub_download` deletes the part when a call ends, which would send 548 MB
    again after every break.
    """
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    if part.exists() and size_bytes is not None and part.stat().st_size > size_bytes:
        part.unlink()  # it cannot be a part of this file
    with part.open("ab") as opened:
        http_get(url, opened, resume_size=opened.tell(), expected_size=size_bytes,
                 headers=build_hf_headers(),
                 tqdm_class=_progress_bar(f"downloading {file.name}", progress))
    if sha256 is not None and checksum_of(part) != sha256:
        part.unlink()
        raise DownloadFailed(f"{file.name} arrived damaged: its checksum is not the hub's. "
                             "Fetch again.")
    part.rename(file)


def _wanted_files(repository: str, there: list[str]) -> list[str]:
    """The small files first, then the weights: one file, or an index with its shards."""
    top = [file for file in there if "/" not in file]
    weights = [file for file in top if file == "model.safetensors"] or [
        file for file in top if file.startswith("model") and ".safetensors" in file]
    if not weights:
        raise UnknownModel(f"{repository} has no model.safetensors. Download its files by hand and "
                           "give their folder to `cutaway add`.")
    return [file for file in WANTED if file in top] + weights


def _progress_bar(doing: str, progress: ProgressCallback) -> type:
    """A progress bar as the hub's library wants one; it reports to `progress` and draws nothing."""
    from tqdm import tqdm

    class Report(tqdm):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **{**kwargs, "file": io.StringIO()})

        def update(self, n=1):
            drawn = super().update(n)
            progress(Progress(doing, int(self.n), int(self.total or 0), "bytes"))
            return drawn

    return Report


@contextmanager
def _hub_errors(repository: str) -> Iterator[None]:
    """What the hub's library raises, in our words."""
    from huggingface_hub import errors

    try:
        yield
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise UnknownModel(f"The hub has no model {repository!r} that is open to all. "
                           "Check the spelling of OWNER/NAME.") from error
    except errors.OfflineModeIsEnabled as error:
        raise DownloadFailed(
            f"{repository} was not downloaded: HF_HUB_OFFLINE is set, which forbids it. Unset it "
            "and fetch again.") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        raise DownloadFailed(
            f"{repository} was not downloaded: the hub answered with status {status}. What has "
            "come is kept: fetch again later and it goes on from there.") from error
    except (OSError, errors.HTTPError) as error:  # pyright: ignore
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskError(
                f"{repository} was not downloaded: {error.strerror}. Make room and fetch again: "
                "it goes on from where it stopped.") from error
        raise DownloadFailed(
            f"{repository} was not downloaded: there is no network, or it broke off ({error}). "
            "What has come is kept: fetch again and it goes on from there.") from error
