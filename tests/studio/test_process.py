"""The server's side of the process that calculates."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from unittest.mock import ANY

import pytest

from cutaway.errors import MessageError, StudioError, WorkerError, WorkerStopped
from cutaway.studio.process.child import CALCULATES, ChildProcess, Spare
from tests.studio.a_worker import MODULE, Started, alive, on_the_path, promise

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
        await ChildProcess.start(program=replace(CALCULATES, module="cutaway.no_such_module"))


@promise
async def test_a_worker_whose_verbs_cannot_be_imported_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken_worker.py").write_text(
        "from cutaway.studio.worker.runtime.start import start\n"
        "start(lambda: __import__('no_such_library'))\n", encoding="utf-8")
    with on_the_path():
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
        with pytest.raises(WorkerStopped, match=r"could not start .*No module named 'no_such_lib"):
            await ChildProcess.start(program=replace(CALCULATES, module="broken_worker"))


@promise
async def test_on_windows_wsl_is_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(StudioError, match="WSL"):
        await ChildProcess.start()


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


# ---- What it is given --------------------------------------------------------------------


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
async def test_it_leaves_no_core_file_and_its_memory_is_limited():
    async with Started(memory_bytes=500 * 2**20) as started:
        assert await started.run(
            "import resource\n"
            "result = [resource.getrlimit(resource.RLIMIT_CORE)[0],\n"
            "          resource.getrlimit(resource.RLIMIT_DATA)[0]]") == {
                "result": [0, 500 * 2**20 if sys.platform == "linux" else ANY]}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this order")
@promise
async def test_the_kernel_takes_the_worker_before_the_server_when_memory_ends():
    async with Started() as started:
        assert await started.run("result = int(open('/proc/self/oom_score_adj').read())") == {
            "result": 500}


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
        return await ChildProcess.start(program=replace(CALCULATES, module=MODULE))


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
        await (one.kill() if isinstance(one, ChildProcess) else one.close())
