"""Run every `$ cutaway ...` in the pages of this folder again, and put its output below it.

    python docs/refresh_outputs.py

Blocks that begin with ```console hold one command and what it prints. A command that ends in a
comment (# not run) is left as it stands: it needs a network, or minutes.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"```console\n\$ (?P<command>cutaway [^\n]*)\n(?P<output>.*?)```", re.DOTALL)
NOT_RUN = "# not run"


def commands(page: str) -> list[str]:
    """The commands of a page that can be run."""
    found = [match["command"] for match in BLOCK.finditer(page)]
    return [command for command in found if not command.endswith(NOT_RUN)]


def refreshed(page: str) -> str:
    """The page with what each of its commands prints now."""
    return BLOCK.sub(_with_output, page)


def _with_output(match: re.Match[str]) -> str:
    if match["command"].endswith(NOT_RUN):
        return match[0]
    shell = match["command"].replace("cutaway ", f"{sys.executable} -m cutaway ", 1)
    done = subprocess.run(shell, shell=True, capture_output=True, check=False, encoding="utf-8",
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    output = (done.stdout + done.stderr).strip("\n")
    return f"```console\n$ {match['command']}\n{output}\n```"


if __name__ == "__main__":
    for file in sorted(Path(__file__).parent.glob("*.md")):
        page = file.read_text(encoding="utf-8")
        if commands(page):
            file.write_text(refreshed(page), encoding="utf-8")
