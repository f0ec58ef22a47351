"""A LibreOffice of its own for a test: started, asked, and ended."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

SCRIPT = Path(__file__).with_name("office_script.py")
INSTALL = "apt-get install -y libreoffice-calc-nogui python3-uno"


class Office:
    """What office_script.py can do, as methods."""

    def __init__(self, process: subprocess.Popen[str], group: int):
        self._process, self._group = process, group

    def _ask(self, verb: str, *arguments: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([verb, arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "fails" not in answer, f"{verb}{arguments}: {answer['fails']}"
        return answer["gives"]

    def open(self, path: Path) -> float:
        """Opens a workbook or a CSV; how many seconds that took."""
        return self._ask("open", str(path))

    def close(self) -> None:
        self._ask("close")

    def calculate(self) -> float:
        """Calculates every formula anew; how many seconds that took."""
        return self._ask("calculate")

    def put(self, name: str, value: str | float, row: int = 0, column: int = 0) -> None:
        """Types into a cell of a named range; what depends on it follows."""
        self._ask("put", name, value, row, column)

    def read(self, *names: str) -> list[list[list[Any]]]:
        """The cells of named ranges, row by row."""
        return self._ask("read", *names)

    def one(self, name: str) -> Any:
        """What a single named cell holds."""
        return self.read(name)[0][0][0]

    def formula(self, name: str) -> str:
        return self._ask("formula", name)

    def sheets(self) -> list[str]:
        return self._ask("sheets")

    def everything(self, sheet: str) -> list[list[Any]]:
        return self._ask("everything", sheet)

    def pdf(self, sheet: str, cells: str, path: Path) -> None:
        """Prints some cells of a sheet, such as "A1:T40"."""
        self._ask("pdf", sheet, cells, str(path))

    def peak_bytes(self) -> int:
        """The most memory that LibreOffice has had; what it has now where Linux tells only that."""
        peaks = [0]
        for status in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):  # a process that has just ended
                if os.getpgid(int(status.parent.name)) == self._group:
                    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
                    kilobytes = told.get("VmHWM") or told.get("VmRSS") or "0 kB"
                    peaks.append(int(kilobytes.split()[0]) * 1024)
        return max(peaks)

    def formulas(self, sheet: str) -> list[str]:
        return self._ask("formulas", sheet)

    def errors(self, sheet: str) -> list[str]:
        return self._ask("errors", sheet)


def find_office() -> tuple[str, str]:
    """LibreOffice and a Python that can speak to it; skips the test, saying how to get them."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip(f"LibreOffice is not installed: {INSTALL}")
    beside = Path(program).resolve().parent / "python"
    for python in (str(beside), "/usr/bin/python3", shutil.which("python3") or ""):
        if shutil.which(python) and not subprocess.run(
                [python, "-c", "import uno"], capture_output=True, check=False).returncode:
            return program, python
    pytest.skip(f"No Python here can speak to LibreOffice: {INSTALL}")


@contextmanager
def running_office(folder: Path) -> Iterator[Office]:
    """A LibreOffice with its profile in a folder; it ends with the block."""
    program, python = find_office()
    pipe = f"cutaway{uuid4().hex}"
    office = subprocess.Popen(
        [program, "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
         f"-env:UserInstallation={(folder / 'profile').as_uri()}",
         f"--accept=pipe,name={pipe};urp"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        with subprocess.Popen([python, str(SCRIPT), pipe], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout and process.stdout.readline().strip() == '"ready"'
                yield Office(process, office.pid)
                process.communicate(timeout=60)  # the script's end of input: it ends LibreOffice
            finally:
                process.kill()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(office.pid, signal.SIGKILL)  # the program has started a process of its own
        office.wait()
