"""JupyterLab and marimo as a user starts them, on 127.0.0.1, with nothing kept outside a folder."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_SECONDS = 120  # a loaded machine takes long to start a notebook server
GRACE_SECONDS = 30
KERNEL_READY = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


@contextmanager
def jupyter_lab(folder: Path, cells: Sequence[str]) -> Iterator[str]:
    """The address of a notebook of code cells in a running JupyterLab."""
    token, port = secrets.token_hex(16), free_port()
    (folder / "tables.ipynb").write_text(json.dumps(notebook(cells)), encoding="utf-8")
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(NO_NEWS))
    lab = {"news_url": None, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
           "extension_manager": "readonly", "expose_app_in_browser": True}
    config = {"LabApp": lab, "IdentityProvider": {"token": token},
              "LabServerApp": {"workspaces_dir": str(folder / "workspaces"),
                               "user_settings_dir": str(folder / "settings")},
              "ServerApp": {"ip": "127.0.0.1", "port": port, "port_retries": 0,
                            "open_browser": False, "allow_root": True, "root_dir": str(folder),
                            "terminals_enabled": False}}
    (folder / "config").mkdir()
    (folder / "config" / "jupyter_lab_config.json").write_text(json.dumps(config))
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data",
           "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    address = f"http://127.0.0.1:{port}"
    with server(folder, ["jupyterlab"], f"{address}/api", own):
        yield f"{address}/doc/tree/tables.ipynb?token={token}"


def run_all(page: "Page") -> None:
    """Run the cells of the notebook in a page, once its kernel is there."""
    page.wait_for_function(f"window.jupyterapp && {KERNEL_READY}")
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")


@contextmanager
def marimo_app(folder: Path, cells: Sequence[str], *, dark: bool = False) -> Iterator[str]:
    """The address of a marimo notebook that runs as an app."""
    port = free_port()
    theme = "dark" if dark else "light"
    (folder / "app.py").write_text(marimo_file(cells), encoding="utf-8")
    settings = folder / "config" / "marimo" / "marimo.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[display]\ntheme = "{theme}"\n', encoding="utf-8")
    own = {"XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache"}
    command = ["marimo", "--yes", "run", "app.py", "--headless", "--no-token", "--no-check",
               "--no-sandbox", "--host", "127.0.0.1", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with server(folder, command, f"{address}/health", own):
        yield address


def notebook(cells: Sequence[str]) -> dict:
    """A notebook's file, format 4.5."""
    written = [{"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "outputs": [],
                "execution_count": None, "source": source} for number, source in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel},
            "cells": written}


def marimo_file(cells: Sequence[str]) -> str:
    """A marimo notebook: all lines in one cell, whose last one is what it shows."""
    body = "\n".join(f"    {line}" for source in cells for line in source.splitlines())
    return f"import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():\n{body}\n    return\n"


@contextmanager
def server(folder: Path, command: Sequence[str], ready: str,
           own: dict[str, str]) -> Iterator[None]:
    """A Python module that serves; it and all that it started end at the end.

    ready  an address that answers once it does
    own    variables of its environment that name folders inside `folder`
    """
    log = folder / "server.log"
    environment = {**os.environ, "HOME": str(folder), "MARIMO_SKIP_UPDATE_CHECK": "1",
                   **{name: str(folder / path) for name, path in own.items()}}
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environment, stdout=output,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        if not answers(ready, process):
            raise AssertionError(f"{command[0]} does not answer:\n{log.read_text()[-4000:]}")
        yield
    finally:
        end(process)


def answers(address: str, process: subprocess.Popen) -> bool:
    """Whether a server answers before it ends and before patience does."""
    last = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < last:
        with suppress(URLError, OSError), urllib.request.urlopen(address, timeout=10):
            return True
        time.sleep(0.1)
    return False


def end(process: subprocess.Popen) -> None:
    """Ask a server to end, which ends its kernels; then end what is left of its group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
