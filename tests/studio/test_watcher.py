"""A server that is killed leaves no worker behind, whatever the worker does at the time."""

import asyncio
import json
import subprocess
import sys

import pytest

from tests.studio.a_worker import MODULE, PATIENCE_SECONDS, Started, alive, on_the_path

SERVER = f"""
import asyncio, dataclasses, sys
from cutaway.studio.process.child import CALCULATES, ChildProcess

async def serve():
    worker = await ChildProcess.start(lambda push: print(push.get("text", ""), end="", flush=True),
                                program=dataclasses.replace(CALCULATES, module={MODULE!r}))
    await worker.ask("run", {{"source": sys.argv[1]}})

asyncio.run(serve())
"""


@pytest.mark.parametrize("going_on", [
    "while True: pass",
    "import time; time.sleep(1e6)",
    "try:\n    while True: pass\nexcept BaseException:\n    while True: pass"])
def test_a_server_that_is_killed_takes_the_worker_and_its_children_along(going_on):
    source = (f"import os\nchild = os.fork()\n"
              f"if child: print(f'[{{os.getpid()}}, {{child}}]')\n{going_on}")
    with on_the_path():
        server = subprocess.Popen([sys.executable, "-c", SERVER, source], text=True,
                                  stdout=subprocess.PIPE)
    with server:
        assert server.stdout is not None
        processes = json.loads(server.stdout.readline())
        assert all(map(alive, processes))
        server.kill()
        server.wait(PATIENCE_SECONDS)
    until_gone(processes)


def test_a_server_that_is_killed_takes_a_worker_along_whose_compiled_code_holds_all(tmp_path):
    noted = tmp_path / "worker"
    source = (f"import os, pathlib\npathlib.Path({str(noted)!r}).write_text(str(os.getpid()))\n"
              f"3 ** (10 ** 9)")
    with on_the_path():
        server = subprocess.Popen([sys.executable, "-c", SERVER, source])
    with server:
        until(lambda: noted.exists() and noted.read_text(encoding="utf-8"))
        server.kill()
        server.wait(PATIENCE_SECONDS)
    until_gone([int(noted.read_text(encoding="utf-8"))])


def until(condition):
    asyncio.run(Started().until(condition))


def until_gone(processes):
    until(lambda: not any(map(alive, processes)))
