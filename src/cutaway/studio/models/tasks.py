"""What the server knows of models: the uploads under way, the work on them, the download."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutaway.errors import CutawayError, MessageError, ModelError, WorkerStopped
from cutaway.folders import data_folder
from cutaway.studio.models.upload import Limits, Upload
from cutaway.studio.models.uploads import Uploads
from cutaway.studio.process.child import READS_MODELS, ChildProcess
from cutaway.words import message

Push = Callable[[dict[str, Any]], None]
Report = Push
STOPPED = "Stopped. What has come is kept: fetch it again, and it goes on from there."


class ModelProcess:
    """One piece of work on models in a child process, to be done once: whatever a file does there,
    the page stays alive.

        answer = await ModelProcess("check", {"folder": "..."}).run(print)

    stopped  whether `stop` was called; `run` then raises WorkerStopped
    """

    def __init__(self, work: str, order: dict[str, Any]):
        self._work, self._order = work, order
        self._child: ChildProcess | None = None
        self.stopped = False

    async def run(self, report: Report) -> dict[str, Any]:
        """What the work gave.

        report   called with each report of progress
        Raises:  WorkerError for what the process raises; WorkerStopped without an answer
        """
        self._child = await ChildProcess.start(report, program=READS_MODELS)
        try:
            if self.stopped:  # while it was started
                raise WorkerStopped("It was stopped.")
            return (await self._child.ask(self._work, self._order)).ok
        except WorkerStopped:
            if self.stopped:
                raise WorkerStopped("It was stopped.") from None
            raise
        finally:
            await self._child.close()

    def stop(self) -> None:
        """Have the process stop and tidy up."""
        self.stopped = True
        if self._child is not None:
            self._child.stop()


@dataclass
class Fetching:
    """A download from the hub.

    state    "running", "done", "stopped" or "failed"
    message  how it ended, in a sentence
    """

    name: str
    state: str = "running"
    what: str = "asking the hub"
    done: int = 0
    of: int = 0
    unit: str = "bytes"
    message: str = ""
    process: ModelProcess | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The fields, as the page hears them."""
        return {name: value for name, value in vars(self).items() if name != "process"}


class ModelTasks:
    """One of it serves all tabs. Close it when the server ends.

    store_folder  where models are kept; without one, where this computer keeps them
    """

    def __init__(self, store_folder: Path | None = None, limits: Limits | None = None):
        self.store_folder = store_folder or data_folder() / "models"
        self.uploads = Uploads(self.store_folder, limits)
        self.fetching: Fetching | None = None
        self._busy: dict[str, ModelProcess] = {}
        self._fetch_task: asyncio.Task | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def work(self, work: str, fields: dict[str, Any] | None = None,
                   report: Report = lambda progress: None) -> dict[str, Any]:
        """What a piece of work on the store gives.  Raises:  WorkerError, WorkerStopped"""
        return await ModelProcess(work, self._order(fields or {})).run(report)

    async def work_on(self, upload: Upload, work: str, fields: dict[str, Any],
                      push: Push) -> dict[str, Any]:
        """What a piece of work on an upload gives; its progress goes to the tabs.

        Raises:  MessageError while there is other work on it; WorkerError, WorkerStopped
        """
        if upload.key in self._busy:
            raise MessageError("These files are being read. Wait until that is done.")
        files = [{"index": file.index, "name": file.name} for file in upload.here()]
        order = self._order({"folder": str(upload.folder), "files": files, **fields})
        process = self._busy[upload.key] = ModelProcess(work, order)
        try:
            return await process.run(
                lambda progress: push({"push": "progress", "upload": upload.key, **progress}))
        finally:
            self._busy.pop(upload.key, None)
            upload.heard()

    def drop(self, upload: Upload) -> None:
        """Delete the upload, and stop whoever reads it."""
        if process := self._busy.get(upload.key):
            process.stop()
        self.uploads.drop(upload)

    def watch_uploads(self) -> None:
        """Begin to let uploads go of which nothing is heard for long."""
        if self._timer is not None:
            self._timer.cancel()
        self.uploads.drop_idle()
        self._timer = asyncio.get_running_loop().call_later(
            self.uploads.limits.idle_seconds / 4, self.watch_uploads)

    def fetch(self, name: str, push: Push) -> Fetching:
        """The download of a model, which goes on by itself; its progress goes to the tabs.

        Raises:  ModelError while another is fetched
        """
        if self.fetching is not None and self.fetching.state == "running":
            raise ModelError(f"{self.fetching.name} is being fetched. Wait until it is here, or "
                             "stop it first.")
        process = ModelProcess("fetch", self._order({"name": name}))
        self.fetching = Fetching(name, process=process)
        self._fetch_task = asyncio.create_task(_fetch(self.fetching, process, push))
        return self.fetching

    def stop_fetching(self) -> None:
        """Stop the download, if there is one; what has come is kept."""
        if self.fetching is not None and self.fetching.process is not None:
            self.fetching.process.stop()

    async def close(self) -> None:
        """Stop every process, and leave nothing of the uploads."""
        if self._timer is not None:
            self._timer.cancel()
        for process in self._busy.values():
            process.stop()
        self.stop_fetching()
        if self._fetch_task is not None:
            await self._fetch_task
        self.uploads.close()

    def _order(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {"store": str(self.store_folder), **fields}


async def _fetch(fetching: Fetching, process: ModelProcess, push: Push) -> None:
    """The download, from its first report to its end."""

    def report(progress: dict[str, Any]) -> None:
        vars(fetching).update(progress)
        push({"push": "fetch", **fetching.to_dict()})

    try:
        await process.run(report)
        fetching.state = "done"
        fetching.message = f"{fetching.name} is in the store."
    except CutawayError as error:
        fetching.state = "stopped" if process.stopped else "failed"
        fetching.message = STOPPED if process.stopped else message(str(error))
    push({"push": "fetch", **fetching.to_dict()})
    push({"push": "models"})
