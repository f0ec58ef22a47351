"""The server's side of the process that calculates."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from typing import cast

import pytest

from cutaway.errors import MessageError, StudioError, WorkerError, WorkerStopped
from cutaway.studio.ending import how_it_ended
from cutaway.studio.environment import passed_on
from cutaway.studio.process import Spare, Worker
from cutaway.studio.worker import frames
from cutaway.studio.worker.channel import Channel
from cutaway.studio.worker.state import State
from tests.studio.a_worker import MODULE, PATIENCE_SECONDS, Started, alive, on_the_path, promise

FOREVER = "print('begun')\nwhile True: pass"


# ---- Asking ------------------------------------------------------------------------------


@promise
async def test_jobs_are_done_in_the_main_thread_and_views_in_another():
    async with Started() as started:
        assert (await started.ask("job_echo", a=1)) == {"fields": {"a": 1}, "thread": "MainThread"}
        assert (await started.ask("echo", a=[1]))["thread"].startswith("view")


@promise
async def test_numbers_come_as_they_lie_in_memory():
    async with Started() as started:
        reply = await started.worker.ask("numbers", {"tens": 2})
        assert reply.ok == {"rows": 2} and reply.payload == b"01234567890123456789"


@promise
async def test_many_questions_at_once_get_their_own_answers():
    async with Started() as started:
        answers = await asyncio.gather(*[
            started.ask("echo" if number % 2 else "job_echo", number=number)
            for number in range(200)])
        assert [answer["fields"]["number"] for answer in answers] == list(range(200))


@promise
async def test_views_go_on_while_code_runs():
    async with Started() as started:
        job = started.begin(FOREVER)
        await started.until_printed("begun")
        assert (await started.ask("echo", a=2))["fields"] == {"a": 2}
        assert not job.done()
        started.worker.interrupt()
        await asyncio.wait({job})


@promise
async def test_what_a_view_has_calculated_waits_for_the_job_and_other_views_do_not_wait():
    async with Started() as started:
        job = started.begin(FOREVER)
        await started.until_printed("begun")
        waiting = [asyncio.create_task(started.ask("in_main", source="pass")) for _ in range(8)]
        assert (await started.ask("echo", a=3))["fields"] == {"a": 3}
        assert not any(task.done() for task in waiting)
        started.worker.interrupt()
        await asyncio.wait({job})
        assert [await task for task in waiting] == [{"in_main": True}] * 8


@promise
async def test_what_a_view_has_calculated_can_be_interrupted():
    async with Started() as started:
        view = asyncio.create_task(started.ask("in_main", source=FOREVER))
        await started.until_printed("begun")
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await view


# ---- Errors ------------------------------------------------------------------------------


@promise
async def test_an_error_comes_with_its_kind_its_message_and_the_line_of_the_cell():
    async with Started() as started:
        with pytest.raises(WorkerError) as caught:
            await started.run("a = 1\n\nb = a / 0")
        assert str(caught.value) == "ZeroDivisionError: division by zero"
        assert (caught.value.kind, caught.value.line) == ("ZeroDivisionError", 3)


@promise
async def test_an_error_of_our_own_comes_as_it_is():
    async with Started() as started:
        with pytest.raises(WorkerError) as caught:
            await started.run("from cutaway.errors import CodeError\nraise CodeError('Look.', 7)")
        error = caught.value
        assert (error.kind, str(error), error.line) == ("CodeError", "Look.", 7)
        with pytest.raises(WorkerError, match="'tens' is missing") as caught:
            await started.ask("numbers")
        assert caught.value.kind == "MessageError" and caught.value.line is None


@promise
async def test_an_unknown_verb_is_named():
    async with Started() as started:
        with pytest.raises(WorkerError, match="knows no verb 'dance'"):
            await started.ask("dance")


@promise
async def test_a_question_that_is_no_json_is_refused_before_it_is_sent():
    async with Started() as started:
        with pytest.raises(MessageError, match="cannot be passed on"):
            await started.ask("echo", a=float("inf"))


@promise
async def test_a_worker_that_cannot_start_says_why():
    with pytest.raises(WorkerStopped, match="exit status 1"):
        await Worker.start(module="cutaway.no_such_module")


@promise
async def test_a_worker_whose_verbs_cannot_be_imported_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken_worker.py").write_text(
        "from cutaway.studio.worker.start import start\n"
        "start(lambda: __import__('no_such_library'))\n", encoding="utf-8")
    with on_the_path():
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
        with pytest.raises(WorkerStopped, match=r"could not start .*No module named 'no_such_lib"):
            await Worker.start(module="broken_worker")


@promise
async def test_on_windows_wsl_is_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(StudioError, match="WSL"):
        await Worker.start()


# ---- What it pushes ----------------------------------------------------------------------


@promise
async def test_prints_arrive_before_the_reply_and_bear_their_cell():
    async with Started() as started:
        await started.run("print('one')\nimport sys\nprint('two', file=sys.stderr)", cell="c7")
        prints = [push for push in started.pushes if push["push"] == "print"]
        assert prints == [
            {"push": "print", "text": "one\n", "stream": "out", "cell": "c7"},
            {"push": "print", "text": "two\n", "stream": "error", "cell": "c7"}]


@promise
async def test_whoever_prints_is_heard():
    async with Started() as started:
        await started.run("import os, subprocess, sys\n"
                          "os.write(1, b'raw')\n"
                          "sys.stdout.buffer.write(b' bytes \\xff ')\n"
                          "print('lone \\ud800', end=' ')\n"
                          "sys.stdout.flush()\n"
                          "subprocess.run(['echo', 'a child'])")
        assert started.printed() == "raw bytes \\xff lone \\ud800 a child\n"


@promise
async def test_a_long_text_without_an_end_of_line_is_seen_while_the_code_runs():
    async with Started() as started:
        job = started.begin("print('.', end='', flush=True)\nwhile True: pass")
        await started.until_printed(".")
        started.worker.interrupt()
        await asyncio.wait({job})


@promise
async def test_pushes_come_in_their_order_and_before_the_reply():
    async with Started() as started:
        await started.run("for number in range(5000): workspace.push({'push': 'n', 'n': number})")
        assert [push["n"] for push in started.pushes if push["push"] == "n"] == list(range(5000))


@promise
async def test_a_long_job_is_told_and_so_is_its_end():
    async with Started() as started:
        job = started.begin(FOREVER, cell="c3")
        await started.until(started.states)
        assert [push for push in started.pushes if push["push"] == "worker"] == [
            {"push": "worker", "state": "busy", "doing": "run c3"}]
        started.worker.interrupt()
        await asyncio.wait({job})
        await started.until(lambda: started.states() == ["busy", "ready"])


class Recorded:
    """A channel that keeps what is pushed; the first push of `until` ends the wait."""

    def __init__(self, until):
        self.pushes, self.until, self.done = [], until, threading.Event()

    def push(self, message):
        self.pushes.append(message)
        if message == self.until:
            self.done.set()


def test_what_lasts_an_instant_is_not_told():
    end = {"push": "paused", "line": 9}
    channel = Recorded(end)
    state = State(cast(Channel, channel))
    for _ in range(3):
        state.busy("a quick job")
        state.ready()
    state.busy("a paused job")
    for line in (1, 2):
        state.paused({"line": line})
        state.busy("a step")
    state.ready()
    state.paused({"line": 9})
    state.start()
    assert channel.done.wait(PATIENCE_SECONDS)
    paused = {"push": "worker", "state": "paused", "doing": ""}
    assert channel.pushes == [
        paused, {"push": "paused", "line": 1}, {"push": "paused", "line": 2},
        {"push": "worker", "state": "ready", "doing": ""}, {"push": "resumed"}, paused, end]


# ---- Interrupt ---------------------------------------------------------------------------


@promise
async def test_an_interrupt_ends_the_job_and_says_so():
    async with Started() as started:
        job = started.begin(FOREVER)
        await started.until_printed("begun")
        assert started.worker.running and started.worker.interrupt()
        with pytest.raises(WorkerError) as caught:
            await job
        assert str(caught.value) == "Interrupted. Nothing was changed."
        assert caught.value.kind == "Interrupted" and caught.value.line in (1, 2)
        assert await started.run("result = 5") == {"result": 5}


@promise
async def test_a_sleeping_job_is_woken():
    async with Started() as started:
        job = started.begin("print('begun')\nimport time\ntime.sleep(1e6)")
        await started.until_printed("begun")
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job


@promise
async def test_without_a_job_there_is_nothing_to_interrupt():
    async with Started() as started:
        await started.run("pass")
        assert not started.worker.running and not started.worker.interrupt()


@promise
async def test_interrupts_outside_of_a_job_and_in_a_row_do_no_harm():
    async with Started() as started:
        for number in range(20):
            job = started.begin(FOREVER)
            await started.until(lambda: started.worker.running)
            for _ in range(3):
                os.kill(started.worker.pid, signal.SIGINT)
            with pytest.raises(WorkerError, match="Interrupted"):
                await job
            os.kill(started.worker.pid, signal.SIGINT)
            assert (await started.ask("job_echo", a=number))["fields"] == {"a": number}


@promise
async def test_code_that_takes_the_signal_away_loses_it_with_its_end():
    async with Started() as started:
        await started.run("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
                          "signal.signal(signal.SIGUSR1, signal.SIG_DFL)")
        job = started.begin(FOREVER)
        await started.until_printed("begun")
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job


@promise
async def test_what_is_being_entered_is_not_interrupted():
    async with Started() as started:
        job = started.begin("import os, signal\nworkspace.interrupts.hold()\n"
                            "os.kill(os.getpid(), signal.SIGINT)\nresult = 'entered'")
        assert await job == {"result": "entered"}


# ---- The end -----------------------------------------------------------------------------


@promise
async def test_kill_leaves_nothing_of_the_process_nor_of_what_it_forked():
    async with Started() as started:
        job = started.begin(
            "import os, subprocess, time\n"
            "child = os.fork()\n"
            "if not child: time.sleep(1e6)\n"
            "other = subprocess.Popen(['sleep', '1000000'])\n"
            "print(f'[{os.getpid()}, {child}, {other.pid}]')\n"
            "while True: pass")
        await started.until_printed("]")
        processes = json.loads(started.printed())
        assert all(map(alive, processes)) and processes[0] == started.worker.pid
        await started.worker.kill()
        with pytest.raises(WorkerStopped, match=r"was ended\. Your changes are kept\."):
            await job
        await started.until(lambda: not any(map(alive, processes)))
        with pytest.raises(ProcessLookupError):  # it was waited for: not even a zombie is left
            os.kill(started.worker.pid, 0)


@promise
async def test_the_end_is_told_once_and_whoever_asks_later_is_told_too():
    async with Started() as started:
        await asyncio.gather(started.worker.kill(), started.worker.kill())
        assert started.ends == ["was ended"] == [started.worker.ended]
        assert not started.worker.interrupt()
        with pytest.raises(WorkerStopped, match="was ended"):
            await started.ask("echo")


@pytest.mark.parametrize(("status", "words"), [
    (0, "ended with exit status 0"), (3, "ended with exit status 3"),
    (77, "used more memory than it may, and ended"),
    (-9, "ended by signal 9 (SIGKILL): something killed it, perhaps because the machine's memory "
         "was full"),
    (-15, "ended by signal 15 (SIGTERM)"), (-99, "ended by signal 99")])
def test_each_end_has_its_words(status, words):
    assert how_it_ended(status) == words


SERVER = f"""
import asyncio, sys
from cutaway.studio.process import Worker

async def serve():
    worker = await Worker.start(lambda push: print(push.get("text", ""), end="", flush=True),
                                module={MODULE!r})
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


# ---- What it is given --------------------------------------------------------------------


def test_no_secret_is_among_the_variables_that_code_can_see():
    given = {"PATH": "/bin", "HF_TOKEN": "1", "AWS_SECRET_ACCESS_KEY": "2", "LC_ALL": "C",
             "CUTAWAY_HOME": "/home", "CUTAWAY_TOKEN": "3", "DATABASE_URL": "4",
             "XDG_api_key": "5", "MY_OWN": "6", "OMP_NUM_THREADS": "1"}
    assert set(passed_on(given)) == {"PATH", "LC_ALL", "CUTAWAY_HOME", "OMP_NUM_THREADS"}


@promise
async def test_what_code_finds_around_it(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_abc")
    async with Started() as started:
        seen = await started.run(
            "import os, sys\n"
            "result = ['HF_TOKEN' in os.environ, len(sys.argv), sys.stdin.read(),\n"
            "          os.getpgid(0) == os.getpid()]")
        assert seen == {"result": [False, 1, "", True]}


@promise
async def test_a_file_in_the_folder_that_one_stands_in_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    async with Started() as started:
        assert await started.run("import numpy\nresult = numpy.arange(3).tolist()") == {
            "result": [0, 1, 2]}


@promise
async def test_code_can_wait_for_its_own_children_and_finds_no_others():
    async with Started() as started:
        assert await started.run(
            "import os\n"
            "child = os.fork()\n"
            "if not child: os._exit(5)\n"
            "result = os.wait()[0] == child\n"
            "try: os.wait()\n"
            "except ChildProcessError: result = [result, 'no more']") == {
                "result": [True, "no more"]}


# ---- The spare ---------------------------------------------------------------------------


async def start_ours():
    with on_the_path():
        return await Worker.start(module=MODULE)


@promise
async def test_a_spare_worker_is_ready_and_the_next_is_begun():
    pushes, ends = [], []
    spare = Spare(start_ours)
    spare.prepare()
    worker = await spare.take(pushes.append, ends.append)
    await worker.ask("run", {"source": "print('here')"})
    assert [push["text"] for push in pushes] == ["here\n"]
    other = await spare.take(pushes.append, ends.append)
    assert other.pid != worker.pid
    await worker.kill()
    assert ends == ["was ended"]
    await other.kill()
    await spare.close()


@promise
async def test_a_spare_that_has_ended_is_replaced():
    spare = Spare(start_ours)
    first = await spare.take(print, print)
    await spare.close()
    spare.prepare()
    task = spare._next
    assert task is not None
    await (await task).kill()
    worker = await spare.take(print, print)
    assert worker.ended is None and (await worker.ask("echo")).ok
    for one in (first, worker, spare):
        await (one.kill() if isinstance(one, Worker) else one.close())


# ---- Frames ------------------------------------------------------------------------------


@pytest.mark.parametrize(("head", "numbers"), [
    ({}, None), ({"text": "lone \ud800, é, 𝄞"}, b""), ({"a": [1, 2.5, None]}, bytes(10_000))])
def test_a_frame_is_read_as_it_was_written(head, numbers):
    frame = frames.packed(head, numbers)
    assert frames.body_length(frame[:4]) == len(frame) - 4
    assert frames.unpacked(frame[4:]) == (head, numbers)


@pytest.mark.parametrize("body", [b"", b"j", b"jx", b"j[]", b"q{}", b"n", b"n\0\0\0\x09{}",
                                  b"j" + b"[" * 100_000, b"j\xff"])
def test_what_is_no_frame_is_refused(body):
    with pytest.raises(MessageError, match="cannot be read"):
        frames.unpacked(body)


@pytest.mark.parametrize("beginning", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_a_length_that_no_frame_has_is_refused(beginning):
    with pytest.raises(MessageError, match="are expected"):
        frames.body_length(beginning)
