"""The page's figures: a first visit, frames while scrolling, far jumps, edits, tiles, memory.

    python -m bench.studio                                                   a first visit alone
    python -m bench.studio --tokenizer ../shared/data/gpt2-tokenizer         all of it

In one run, in a headless Chromium on this machine: the time from opening the page to the frame in
which a first visit's overview stands, the whole machine with the prompt's numbers (bundled model,
beside an empty page of the same server library); then everything else on a GPT-2 small with random
weights. `--tokenizer` is a folder with GPT-2's own vocabulary.
Waits for a quiet machine before each part, and says when it has not become quiet.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from bench.random_model import random_gpt2_small
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

PROMPT = "Mike is quick. He moves"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
QUIET_LOAD, QUIET_SECONDS = 0.7, 120
OVERVIEW = ".machine-drawing [role=button]"  # its parts are drawn with numbers, or not at all
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--no-first-run"]
EMPTY_PAGE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
page = HTMLResponse("<!doctype html><title>empty</title><p id=ready>ready")
print("http://127.0.0.1:{port}/", flush=True)
uvicorn.run(Starlette(routes=[Route("/", lambda request: page)]), port={port}, log_level="error")
"""
# Runs in the page: scrolls down fast for some seconds and notes how long each frame took.
SCROLL = """async (seconds) => {
  const box = [...document.querySelectorAll(".grid-place *")].find((one) => one.scrollHeight > 1e5);
  const times = [];
  const end = performance.now() + seconds * 1000;
  let last = await new Promise(requestAnimationFrame);
  while (performance.now() < end) {
    box.scrollTop += 900;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times.slice(5);
}"""
# Jumps to a far place and waits until every number in view is painted.
JUMP = """async (share) => {
  const box = [...document.querySelectorAll(".grid-place *")].find((one) => one.scrollHeight > 1e5);
  const settled = () => document.querySelector(".grid-place [data-settled]")?.dataset.settled;
  const start = performance.now();
  box.scrollTop = share * (box.scrollHeight - box.clientHeight);
  box.scrollLeft = (1 - share) * (box.scrollWidth - box.clientWidth);
  await new Promise(requestAnimationFrame);
  while (settled() !== "true") await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
# Changes a number and waits until the table is painted anew.
EDIT = """async ([table, value]) => {
  const bars = () => document.querySelector(".bars").textContent;
  const before = bars();
  const start = performance.now();
  await cutaway.ask("change", {change: {kind: "numbers", table, cells: {head: 1}, value}});
  while (bars() === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
TILES = """async (count) => {
  const start = performance.now();
  const asked = Array.from({length: count}, (_, index) =>
    cutaway.ask("tile", {table: "wte", row: index % 785, column: index % 12}));
  await Promise.all(asked);
  return count / ((performance.now() - start) / 1000);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=FLAGS)
        first_visit(browser, Path(folder), options.rounds)
        if options.tokenizer:
            model = random_gpt2_small(Path(folder) / "gpt2-random", options.tokenizer)
            large_model(browser, Path(folder), model, options.rounds)
        browser.close()


@contextmanager
def serving(command: list[str], home: Path) -> Iterator[tuple[str, int]]:
    """A server in a process of its own: its address and its process id."""
    environment = {**os.environ, "CUTAWAY_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        found = next(filter(None, map(ADDRESS.search, process.stdout or [])))
        try:
            yield found[0], process.pid
        finally:
            process.terminate()


def studio(home: Path, *arguments: str):
    return serving([sys.executable, "-u", "-m", "cutaway", "open", "--new", "--no-browser",
                    *arguments], home)


def first_visit(browser: Browser, folder: Path, rounds: int) -> None:
    """From opening the page to the overview with its numbers, in turn with an empty page."""
    wait_until_quiet()
    ours, empty = [], []
    empty_server = [sys.executable, "-u", "-c", EMPTY_PAGE.replace("{port}", "8791")]
    with serving(empty_server, folder) as (bare, _), studio(folder / "home") as (address, _):
        time.sleep(3)
        for _ in range(rounds + 1):  # the first round warms the disk, and does not count
            ours.append(opened(browser, address, OVERVIEW))
            empty.append(opened(browser, bare, "#ready"))
    tell("first visit: the overview with the prompt's numbers, ms", ours[1:])
    tell("empty Starlette page, ms", empty[1:])
    ratio = statistics.median(ours[1:]) / statistics.median(empty[1:])
    print(f"  ratio of the medians {ratio:.1f}")


def opened(browser: Browser, address: str, ready: str) -> float:
    """Milliseconds from the call to what is waited for, in a fresh browser context."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        # Asked in every frame: wait_for_selector looks again after half a second at times.
        page.wait_for_function("(ready) => document.querySelector(ready)", arg=ready)
        page.evaluate("() => new Promise((painted) => requestAnimationFrame(() => "
                      "requestAnimationFrame(painted)))")
        return (time.perf_counter() - started) * 1000


def large_model(browser: Browser, folder: Path, model: Path, rounds: int) -> None:
    """Scrolling, jumping, editing, tiles and memory on GPT-2 small."""
    with studio(folder / "home", PROMPT, "--model", str(model)) as (address, server):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector(".machine-drawing", timeout=120_000)
        page.evaluate("cutaway.openTable('wte')")
        page.wait_for_selector(".grid-place [data-settled=true]", timeout=120_000)
        page.wait_for_function(
            "() => document.querySelector('.table-view h1').textContent.includes('wte')")
        wait_until_quiet()
        frames = [time for _ in range(rounds) for time in page.evaluate(SCROLL, 3)]
        frames.sort()
        print(f"scrolling wte, 50,257 x 768: {len(frames)} frames, median "
              f"{statistics.median(frames):.1f} ms, p95 {frames[int(len(frames) * 0.95)]:.1f} ms")
        tell("far jump, ms", [page.evaluate(JUMP, share) for share in
                              np.random.default_rng(1).random(4 * rounds).tolist()])
        edits(page, rounds)
        print(f"tiles of 64 x 64: {page.evaluate(TILES, 2000):,.0f} a second")
        memory(page, server)


def edits(page: Page, rounds: int) -> None:
    """An edit at block 6 and at block 12 of 12, in turn with a whole calculation."""
    page.evaluate("cutaway.openTable('h11.attention', {head: 1})")
    times: dict[str, list[float]] = {"whole": [], "block 6": [], "block 12": []}
    tables = {"whole": "h0.attention", "block 6": "h5.attention", "block 12": "h11.attention"}
    for turn in range(rounds):
        for name, table in tables.items():
            times[name].append(page.evaluate(EDIT, [table, 0.1 * (turn + 1)]))
            page.evaluate("cutaway.ask('reset')")
            page.wait_for_timeout(300)
    for name, found in times.items():
        tell(f"edit to repaint, {name}, ms", found)
    whole = statistics.median(times["whole"])
    for name in ("block 6", "block 12"):
        print(f"  {name} / whole {statistics.median(times[name]) / whole:.2f}")


def memory(page: Page, server: int) -> None:
    """What the tab's scripts, the server and the worker hold."""
    session: CDPSession = page.context.new_cdp_session(page)
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
    print(f"memory: tab's heap {heap:.1f} MiB, server {resident(server):.0f} MiB, "
          f"worker {max(map(resident, children(server)), default=0):.0f} MiB")


def children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], check=False,
                            capture_output=True, text=True)
    return [int(line) for line in listed.stdout.split()]


def resident(process: int) -> float:
    """MiB in memory; of mapped weights, what was read."""
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], check=False,
                            capture_output=True, text=True)
    return int(listed.stdout.strip() or 0) / 1024


def wait_until_quiet() -> None:
    """Until the machine has little else to do, or for two minutes."""
    end = time.monotonic() + QUIET_SECONDS
    while os.getloadavg()[0] > QUIET_LOAD and time.monotonic() < end:
        time.sleep(5)
    if os.getloadavg()[0] > QUIET_LOAD:
        print(f"(the machine is not quiet: load {os.getloadavg()[0]:.1f})")


def tell(words: str, times: list[float]) -> None:
    print(f"{words}: median {statistics.median(times):.1f}, "
          f"from {min(times):.1f} to {max(times):.1f}, {len(times)} times")


if __name__ == "__main__":
    main()
