"""Whatever the user's code does, the next request works: in this worker, or in the next."""

import sys

import pytest

from cutaway.errors import WorkerError, WorkerStopped
from tests.studio.a_worker import Started, alive, promise

FOREVER = "print('begun')\nwhile True: pass"


async def still_works(started):
    """The same worker does the next job, and prints."""
    before = started.printed()
    assert await started.run("print('still here')\nresult = 6 * 7") == {"result": 42}
    assert started.printed() == before + "still here\n"


async def fails(started, source):
    """The error that code ends with."""
    with pytest.raises(WorkerError) as caught:
        await started.run(source)
    return caught.value


# ---- Code without end --------------------------------------------------------------------


@promise
async def test_an_endless_loop_is_interrupted():
    async with Started() as started:
        job = started.begin(FOREVER)
        await started.until_printed("begun")
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Nothing was changed"):
            await job
        await still_works(started)


@pytest.mark.parametrize("source", [
    "while True:\n  try:\n    print('begun')\n    while True: pass\n"
    "  except KeyboardInterrupt: print('no')",
    "import os, signal\nsignal.signal(signal.SIGINT, lambda *them: os.write(1, b'no'))\n" + FOREVER,
])
@promise
async def test_an_endless_loop_that_takes_no_interrupt_is_killed_and_another_worker_works(source):
    async with Started() as started:
        job = started.begin(source)
        await started.until_printed("begun")
        started.worker.interrupt()
        await started.until_printed("no")
        assert not job.done()
        await started.worker.kill()
        with pytest.raises(WorkerStopped, match="was ended"):
            await job
    async with Started() as another:
        await still_works(another)


@promise
async def test_recursion_without_end_is_told():
    async with Started() as started:
        error = await fails(started, "def again(): again()\nagain()")
        assert error.kind == "RecursionError" and "calls itself without end" in str(error)
        await still_works(started)


@promise
async def test_a_thread_left_running_goes_on_and_keeps_nobody_from_working():
    async with Started() as started:
        await started.run("import threading\n"
                          "def work():\n"
                          "  while True: print('thread', flush=True)\n"
                          "threading.Thread(target=work).start()")
        assert await started.run("result = 6 * 7") == {"result": 42}
        assert (await started.ask("echo", a=1))["fields"] == {"a": 1}
        await started.worker.kill()
        assert not alive(started.worker.pid)


# ---- Code that takes too much ------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process allocates")
@pytest.mark.parametrize("source", [
    "held = []\nwhile True: held.append(bytearray(10_000_000))",
    "def hold():\n  held = []\n  while True: held.append([len(held)] * 100)\nhold()",
    "import numpy\nnumpy.ones(10 ** 12)",
    "text = 'x'\nwhile True: text += text",
])
@promise
async def test_allocation_without_end_is_told_in_plain_words(source):
    async with Started(memory_bytes=400 * 2**20) as started:
        error = await fails(started, source)
        assert error.kind == "MemoryError"
        assert str(error) == ("This asked for more memory than it may use: 400 MB in all. Nothing "
                              "was changed.")
        await started.run("held = text = None")
        await still_works(started)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process allocates")
@promise
async def test_code_that_holds_all_memory_keeps_views_and_interrupts_working():
    async with Started(memory_bytes=400 * 2**20) as started:
        job = started.begin("held = []\n"
                            "try:\n"
                            "  while True: held.append(bytearray(100_000))\n"
                            "except MemoryError: print('full')\n"
                            "while True: pass")
        await started.until_printed("full")
        assert (await started.ask("echo", a=1))["fields"] == {"a": 1}
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job
        await started.run("del held")
        await still_works(started)


@promise
async def test_printing_a_gigabyte_is_cut_and_fills_no_memory():
    async with Started(memory_bytes=400 * 2**20) as started:
        await started.run("line = 'x' * 999_999\nfor _ in range(1000): print(line)")
        assert len(started.printed()) < 100_200
        assert started.printed().count("… output cut here: more than 100,000 characters") == 1
        assert started.printed().endswith("… 999,900,000 characters were left out\n")
        await still_works(started)


@promise
async def test_printing_without_end_in_small_pieces_leaves_views_working_and_is_interrupted():
    async with Started() as started:
        job = started.begin("while True: print('again and again')")
        await started.until_printed("output cut here")
        for number in range(20):
            assert (await started.ask("echo", a=number))["fields"] == {"a": number}
        assert not job.done()
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job
        assert len(started.printed()) < 100_200
        assert len([push for push in started.pushes if push["push"] == "print"]) < 1000
        await still_works(started)


@promise
async def test_each_job_may_print_as_much_again():
    async with Started() as started:
        for count in (1, 2):
            await started.run("print('x' * 99_999)")
            assert started.printed().count("x") == count * 99_999
        assert "cut" not in started.printed()


@promise
async def test_an_answer_that_is_too_large_is_refused_by_name():
    async with Started() as started:
        for verb in ("many", "job_many", "numbers"):
            with pytest.raises(WorkerError, match=f"answer to '{verb}' has 70 MB; at most 64 MB"):
                await started.ask(verb, count=70_000_000, tens=7_000_000)
        assert len((await started.ask("many", count=60 * 2**20))["many"]) == 60 * 2**20
        await still_works(started)


@promise
async def test_an_answer_that_is_no_json_is_refused_by_name():
    async with Started() as started:
        for what in ("nan", "object"):
            with pytest.raises(WorkerError, match="answer to 'odd' cannot be passed on") as caught:
                await started.ask("odd", what=what)
            assert caught.value.kind == "MessageError"
        assert await started.ask("odd", what="text") == {"odd": "lone \ud800"}
        error = await fails(started, "workspace.push({'push': 'x', 'nan': float('nan')})")
        assert error.kind == "MessageError"
        await still_works(started)


# ---- Code that forks ---------------------------------------------------------------------


@promise
async def test_a_child_that_runs_into_our_code_answers_nothing():
    async with Started() as started:
        assert await started.run("import os\nprint('before')\nchild = os.fork()\n"
                                 "print('child' if child == 0 else 'parent')\n"
                                 "result = 'answer'\nif child: os.waitpid(child, 0)") == {
                                     "result": "answer"}
        assert sorted(started.printed().split()) == ["before", "child", "parent"]
        await still_works(started)


@promise
async def test_a_child_that_fails_or_exits_ends_silently():
    async with Started() as started:
        for ending in ("1 / 0", "raise SystemExit(1)", "breakpoint()",
                       "workspace.push({'push': 'from the child'})"):
            await started.run(f"import os\nchild = os.fork()\n"
                              f"if child: os.waitpid(child, 0)\nelse: {ending}")
        assert {push["push"] for push in started.pushes} <= {"worker"}
        await still_works(started)


@promise
async def test_a_bomb_of_forks_dies_with_its_worker():
    async with Started() as started:
        job = started.begin("import os, time\n"
                            "for _ in range(5): os.fork()\n"  # 32 processes
                            "os.write(1, f'{os.getpid()}\\n'.encode())\n"
                            "while True: time.sleep(1)")
        await started.until(lambda: started.printed().count("\n") == 32)
        processes = [int(line) for line in started.printed().split()]
        await started.worker.kill()
        with pytest.raises(WorkerStopped):
            await job
        await started.until(lambda: not any(map(alive, processes)))
    async with Started() as another:
        await still_works(another)


# ---- Code that breaks what it stands on --------------------------------------------------


@promise
async def test_code_that_closes_descriptors_0_to_100_finds_them_put_right():
    async with Started() as started:
        await started.run("import os\nprint('before')\nos.closerange(0, 101)")
        await still_works(started)
        error = await fails(started, "import os\nos.closerange(0, 101)\nprint('lost or not')")
        assert error.kind == "OSError" and error.line == 3
        assert (await started.ask("echo", a=1))["fields"] == {"a": 1}
        assert await started.run("import sys\nresult = sys.stdin.read()") == {"result": ""}


@promise
async def test_code_that_closes_every_descriptor_ends_its_worker_and_nothing_hangs():
    async with Started() as started:
        with pytest.raises(WorkerStopped):
            await started.run("import os\nos.closerange(0, 100_000)")
        assert len(started.ends) == 1 and not alive(started.worker.pid)
    async with Started() as another:
        await still_works(another)


@promise
async def test_code_that_shuts_our_socket_ends_its_worker():
    async with Started() as started:
        with pytest.raises(WorkerStopped):
            await started.run("import os, socket, stat\n"
                              "for number in range(3, 1024):\n"
                              "  try: mode = os.fstat(number).st_mode\n"
                              "  except OSError: continue\n"
                              "  if stat.S_ISSOCK(mode):\n"
                              "    socket.socket(fileno=number).shutdown(socket.SHUT_RDWR)\n"
                              "while True: pass")
        assert not alive(started.worker.pid)


@promise
async def test_code_that_sends_rubbish_on_our_socket_ends_its_worker():
    async with Started() as started:
        with pytest.raises(WorkerStopped, match="sent what cannot be read"):
            await started.run("import os, stat\n"
                              "for number in range(3, 1024):\n"
                              "  try: mode = os.fstat(number).st_mode\n"
                              "  except OSError: continue\n"
                              "  if stat.S_ISSOCK(mode): os.write(number, b'x' * 100)\n"
                              "while True: pass")


@pytest.mark.parametrize(("source", "words"), [
    ("import os\nos.kill(os.getpid(), 9)", r"ended by signal 9 \(SIGKILL\)"),
    ("import os\nos.killpg(0, 15)", r"ended by signal 15 \(SIGTERM\)"),
    ("import os\nos._exit(3)", "ended with exit status 3"),
    ("import ctypes\nctypes.string_at(0)", r"ended by signal 11 \(SIGSEGV\): compiled code crash"),
])
@promise
async def test_code_that_ends_its_process_is_told_with_its_end(source, words):
    async with Started() as started:
        with pytest.raises(WorkerStopped, match=words):
            await started.run(source)
    async with Started() as another:
        await still_works(another)


@promise
async def test_an_end_that_leaves_a_child_behind_takes_it_along(tmp_path):
    noted = tmp_path / "child"
    async with Started() as started:
        with pytest.raises(WorkerStopped, match="exit status 3"):
            await started.run(f"import os, pathlib, time\nchild = os.fork()\n"
                              f"if not child: time.sleep(1e6)\n"
                              f"pathlib.Path({str(noted)!r}).write_text(str(child))\nos._exit(3)")
        child = int(noted.read_text(encoding="utf-8"))
        await started.until(lambda: not alive(child))


@pytest.mark.parametrize(("source", "kind", "words"), [
    ("import sys\nsys.exit(3)", "SystemExit", "asked to leave Python"),
    ("raise KeyboardInterrupt", "Interrupted", "Nothing was changed"),
    ("raise BaseException('odd')", "BaseException", "BaseException: odd"),
    ("raise GeneratorExit", "GeneratorExit", "GeneratorExit"),
    ("class Odd(Exception):\n  def __str__(self): return 1 / 0\nraise Odd", "Odd",
     "that cannot be shown"),
    ("raise ValueError('x' * 1_000_000)", "ValueError", "xxx"),
    ("raise ValueError('lone \\ud800')", "ValueError", "lone \\ud800"),
])
@promise
async def test_no_exception_ends_the_worker(source, kind, words):
    async with Started() as started:
        error = await fails(started, source)
        assert error.kind == kind and words in str(error) and len(str(error)) <= 10_000
        await still_works(started)


@pytest.mark.parametrize("source", [
    "import io, sys\nsys.stdout = sys.stderr = io.StringIO()\nprint('into the void')",
    "import sys\nsys.stdout.close()\nsys.stderr.close()",
    "import sys\nsys.stdout = sys.stderr = None\nprint('to nobody')",
    "import sys\ndel sys.stdout, sys.stderr",
    "import os\nfree = os.open(os.devnull, os.O_WRONLY)\nos.dup2(free, 1)\nos.dup2(free, 2)",
    "import sys\nsys.breakpointhook = sys.displayhook = sys.excepthook = None",
    "import sys\nsys.settrace(lambda *them: None)",
])
@promise
async def test_code_that_replaces_what_python_has_finds_it_put_right(source):
    async with Started() as started:
        await started.run(source)
        await still_works(started)
