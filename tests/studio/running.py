"""The studio as a user starts it: `cutaway open` in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=[\w-]+")
START_SECONDS, END_SECONDS = 300, 60  # a loaded machine takes long


class RunningStudio:
    """`cutaway open` in a process; its address is read from what it prints.

        with RunningStudio(tmp_path / "home") as studio:
            page.goto(studio.address)

    home  where its models and books lie (CUTAWAY_HOME)
    """

    def __init__(self, home: Path, *arguments: str, port: int = 0):
        environment = {**os.environ, "CUTAWAY_HOME": str(home), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "cutaway", "open", "--no-browser", "--port", str(port),
             *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.printed: list[str] = []
        self.address, self.port = "", 0
        found = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(found,), daemon=True)
        self._reader.start()
        found.wait(START_SECONDS)
        if not self.address:
            self.kill()
            raise AssertionError(f"the studio did not start:\n{''.join(self.printed)}")

    def _read(self, found: threading.Event) -> None:
        """All that it prints, until it ends."""
        for line in self.process.stdout or []:
            self.printed.append(line)
            if match := ADDRESS.search(line):
                self.address, self.port = match[0], int(match[1])
                found.set()
        found.set()

    def __enter__(self) -> "RunningStudio":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Ctrl-C, as a user ends it; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reader.join(END_SECONDS)
        return self.process.wait()

    def kill(self) -> None:
        """As a crash or a power cut ends it."""
        self.process.kill()
        self.process.wait()
        self._reader.join(END_SECONDS)
