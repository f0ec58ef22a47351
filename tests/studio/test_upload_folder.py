"""What a server leaves behind is removed by the next, and never what a living one holds."""

import os
import signal
import subprocess
import sys

from cutaway.studio.models.uploads import Uploads
from tests.studio.dropping import files_below

HOLDING = """
import asyncio, sys
from pathlib import Path
from cutaway.studio.models.uploads import Uploads

async def byte():
    yield b"1"

uploads = Uploads(Path(sys.argv[1]))
upload, files = uploads.begin([("wte.csv", 1)])
asyncio.run(uploads.receive(upload, 0, byte()))
print(upload.folder, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_server_had_taken_is_removed_by_the_next_and_a_living_ones_stays(tmp_path):
    servers = [subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in "ab"]
    try:
        dead, living = [server.stdout.readline().strip() for server in servers]
        servers[0].send_signal(signal.SIGKILL)
        servers[0].wait()
        assert os.path.exists(dead)
        Uploads(tmp_path)
        assert not os.path.exists(dead)
        assert os.path.exists(os.path.join(living, "files", "wte.csv"))
    finally:
        for server in servers:
            server.kill()
            server.communicate()
    Uploads(tmp_path)
    assert files_below(tmp_path) == [] and not (tmp_path / ".uploads").exists()
