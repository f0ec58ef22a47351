"""The line debugger: breakpoint(), stepping into the model, locals, watch, pause, stop."""

import asyncio

import pytest

from cutaway.errors import WorkerError, WorkerStopped
from tests.studio.a_worker import Started, local, promise, stands

FOREVER = "count = 0\nwhile True:\n  count = count + 1"


# ---- Stopping and stepping ---------------------------------------------------------------


@promise
async def test_breakpoint_stops_there_and_shows_the_cell():
    source = "a = 1\nbreakpoint()\nb = a + 1\nresult = b"
    async with Started() as started:
        job = started.begin(source)
        pause = await started.until_paused()
        assert stands(pause) == ("<cell c1>", "<module>", 2)
        assert pause["source"] == source and pause["event"] == "line"
        assert local(pause, "a") == {"name": "a", "text": "1"}
        assert stands(await started.goes("next")) == ("<cell c1>", "<module>", 3)
        pause = await started.goes("step")
        assert pause["line"] == 4 and local(pause, "b")["text"] == "2"
        await started.command("continue")
        assert await job == {"result": 2}


@promise
async def test_the_page_is_told_of_the_pause_and_of_its_end():
    async with Started() as started:
        job = started.begin("breakpoint()\nfor _ in range(50): pass\nresult = 1")
        await started.until_paused()
        assert started.states()[-1] == "paused"
        await started.command("continue")
        await job
        await started.until(lambda: started.states()[-1] == "ready")
        await started.until(lambda: {"push": "resumed"} in started.pushes)


@promise
async def test_code_that_goes_on_for_long_is_busy_again():
    async with Started() as started:
        job = started.begin(f"breakpoint()\n{FOREVER}")
        await started.until_paused()
        await started.command("continue")
        await started.until(lambda: started.states()[-2:] == ["paused", "busy"])
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job


@promise
async def test_step_goes_into_the_models_step_and_its_operations_and_not_into_the_engine_room():
    async with Started() as started:
        job = asyncio.create_task(started.ask("step_into"))
        seen = [stands(await started.until_paused())[:2]]
        while not (seen[-1] == ("models/gpt2.py", "attention") and len(seen) > 1):
            seen.append(stands(await started.goes("step"))[:2])
        assert list(dict.fromkeys(seen)) == [("models/gpt2.py", "attention"),
                                             ("workbook/operations.py", "causal"),
                                             ("workbook/operations.py", "softmax")]
        pause = started.pauses()[-1]
        # Two pages of three rows of equal scores: what may be seen is shared equally.
        assert pause["event"] == "gives" and pause["locals"][0] == {
            "name": "gives", "text": pause["locals"][0]["text"], "shape_words": "2 x 3 x 3",
            "lowest": 0.0, "largest": 1.0,
            "rows": [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.333333, 0.333333, 0.333333]]}
        await started.command("continue")
        assert await job == {"sum": pytest.approx(6)}  # six rows, each sums to 1


@promise
async def test_a_formula_that_was_typed_in_is_stepped_into_and_its_text_shown():
    async with Started() as started:
        job = asyncio.create_task(started.ask("step_into", formula="softmax(causal(scores)) * 2"))
        pause = await started.until_paused()
        assert (pause["where"], pause["line"]) == ("<formula of attention>", 1)
        assert pause["source"].strip() == "softmax(causal(scores)) * 2"
        assert local(pause, "scores")["largest"] == 3.0
        assert (await started.goes("step"))["function"] == "causal"
        await started.command("continue")
        assert await job == {"sum": pytest.approx(12)}


@promise
async def test_next_steps_over_the_operations():
    async with Started() as started:
        job = asyncio.create_task(started.ask("step_into"))
        first = await started.until_paused()
        second = await started.goes("next")
        assert stands(first) == stands(second) and second["event"] == "gives"
        await started.command("next")  # nothing of interest is left
        assert await job == {"sum": pytest.approx(6)}  # six rows, each sums to 1


@promise
async def test_return_leads_to_the_end_of_the_function_and_then_of_the_one_that_called_it():
    async with Started() as started:
        job = started.begin("def inner():\n  breakpoint()\n  a = 2\n  return a\n"
                            "def outer():\n  b = inner()\n  return b * 3\n"
                            "result = outer()")
        pause = await started.until_paused()
        assert [stands(frame) for frame in pause["stack"]] == [
            ("<cell c1>", "inner", 2), ("<cell c1>", "outer", 6), ("<cell c1>", "<module>", 8)]
        pause = await started.goes("return")
        assert stands(pause) == ("<cell c1>", "inner", 4)
        assert pause["event"] == "gives" and pause["locals"][0]["text"] == "2"
        pause = await started.goes("return")
        assert stands(pause) == ("<cell c1>", "outer", 7) and pause["locals"][0]["text"] == "6"
        await started.command("return")
        assert await job == {"result": 6}


@promise
async def test_step_from_the_end_of_a_function_stands_in_its_caller():
    async with Started() as started:
        job = started.begin("def inner():\n  breakpoint()\n  return 2\nresult = inner()\nafter = 1")
        await started.until_paused()
        assert [stands(await started.goes("step"))[1:] for _ in range(3)] == [
            ("inner", 3), ("inner", 3), ("<module>", 5)]
        await started.command("continue")
        assert await job == {"result": 2}


@promise
async def test_every_breakpoint_stops_also_after_continue():
    async with Started() as started:
        job = started.begin("for number in range(3):\n  breakpoint()")
        for number in range(3):
            pause = await started.until_paused(number + 1)
            assert local(pause, "number")["text"] == str(number)
            await started.command("continue")
        await job
        assert len(started.pauses()) == 3


@promise
async def test_an_exception_is_shown_where_it_is_raised_and_told_at_the_end():
    async with Started() as started:
        job = started.begin("def divide(by):\n  return 1 / by\nbreakpoint()\ndivide(0)")
        await started.until_paused()
        pauses = [await started.goes("step") for _ in range(4)]
        assert [(one["event"], one["function"], one["line"]) for one in pauses] == [
            ("line", "<module>", 4), ("line", "divide", 2), ("raised", "divide", 2),
            ("raised", "<module>", 4)]
        assert pauses[2]["raised"] == "ZeroDivisionError: division by zero"
        await started.command("step")
        with pytest.raises(WorkerError, match="division by zero") as caught:
            await job
        assert caught.value.line == 2


@promise
async def test_a_loop_that_ends_is_no_exception():
    async with Started() as started:
        job = started.begin("def two():\n  yield 1\n  yield 2\nbreakpoint()\n"
                            "for number in two(): pass\nresult = 5")
        await started.until_paused()
        pauses = [await started.goes("next") for _ in range(4)]
        # The loop's own line comes again for each turn, and once more to find that none is left.
        assert [(one["event"], one["line"]) for one in pauses] == [
            ("line", 5), ("line", 5), ("line", 5), ("line", 6)]
        await started.command("continue")
        assert await job == {"result": 5}


# ---- Pause, stop, interrupt, kill --------------------------------------------------------


@promise
async def test_running_code_can_be_paused_looked_at_and_let_go_again_and_again():
    async with Started() as started:
        job = started.begin(FOREVER)
        await started.until(lambda: started.worker.running)
        counts = []
        for number in range(1, 4):
            await started.command("pause")
            pause = await started.until_paused(number)
            assert pause["where"] == "<cell c1>" and pause["line"] in (2, 3)
            rows = [row for row in pause["locals"] if row["name"] == "count"]
            counts.append(int(rows[0]["text"]) if rows else 0)
            await started.command("continue")
        assert counts == sorted(counts) and not job.done()
        started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job


@promise
async def test_a_pause_in_the_engine_room_stops_at_the_next_line_of_the_cell():
    async with Started() as started:
        # Both on one line: the pause may come before the sleep begins, and the next line is one.
        job = started.begin("import time\nprint('begun'); time.sleep(0.5)\nresult = 2")
        await started.until_printed("begun")
        await started.command("pause")
        pause = await started.until_paused()
        assert stands(pause) == ("<cell c1>", "<module>", 3)
        await started.command("continue")
        assert await job == {"result": 2}


@promise
async def test_stop_ends_the_job_although_it_catches_exceptions():
    async with Started() as started:
        job = started.begin("try:\n  breakpoint()\n  a = 1\nexcept Exception: result = 'caught'")
        await started.until_paused()
        await started.goes("step")
        await started.command("stop")
        with pytest.raises(WorkerError) as caught:
            await job
        assert caught.value.kind == "Stopped"
        assert str(caught.value) == "Stopped in the debugger. Nothing was changed."
        assert await started.run("result = 4") == {"result": 4}
        assert len(started.pauses()) == 2


@promise
async def test_a_paused_job_can_be_interrupted():
    async with Started() as started:
        job = started.begin("breakpoint()")
        await started.until_paused()
        assert started.worker.interrupt()
        with pytest.raises(WorkerError, match="Interrupted"):
            await job
        assert await started.run("result = 4") == {"result": 4}


@promise
async def test_a_paused_worker_can_be_killed():
    async with Started() as started:
        job = started.begin("breakpoint()")
        await started.until_paused()
        await started.worker.kill()
        with pytest.raises(WorkerStopped):
            await job


@promise
async def test_views_go_on_while_the_code_is_paused():
    async with Started() as started:
        job = started.begin("breakpoint()\nresult = 1")
        await started.until_paused()
        assert (await started.ask("echo", a=1))["fields"] == {"a": 1}
        view = asyncio.create_task(started.ask("in_main", source="pass"))
        assert (await started.ask("echo", a=2))["fields"] == {"a": 2}
        assert not view.done()
        await started.command("continue")
        assert await job == {"result": 1} and await view == {"in_main": True}


@promise
async def test_what_is_printed_before_a_pause_is_seen_before_it():
    async with Started() as started:
        job = started.begin("print('before', end='')\nbreakpoint()")
        await started.until_paused()
        kinds = [push["push"] for push in started.pushes]
        assert kinds.index("print") < kinds.index("paused")
        await started.command("continue")
        await job


@promise
async def test_commands_for_code_that_is_not_paused_are_refused():
    async with Started() as started:
        for word, message in (("step", "not paused"), ("pause", "No code is running"),
                              ("dance", "'command' is 'dance'; one of step, next, return")):
            with pytest.raises(WorkerError, match=message) as caught:
                await started.command(word)
            assert caught.value.kind == "MessageError"
        with pytest.raises(WorkerError, match=r"'watch\[0\]' is 3; a text is expected"):
            await started.command("watch", watch=[3])
        await started.command("watch", watch=["a"])  # may be asked for beforehand
        assert await started.run("result = 4") == {"result": 4}


@promise
async def test_a_breakpoint_in_another_thread_is_passed_over():
    async with Started() as started:
        assert await started.run("import threading\n"
                                 "thread = threading.Thread(target=breakpoint)\n"
                                 "thread.start()\nthread.join()\nresult = 'done'") == {
                                     "result": "done"}
        assert started.pauses() == []


@promise
async def test_after_a_debugged_job_nothing_is_traced():
    async with Started() as started:
        job = started.begin("breakpoint()\na = 1\nb = 2")
        await started.until_paused()
        await started.goes("step")
        await started.goes("step")
        await started.command("step")  # over the end
        await job
        assert await started.run("import sys\nresult = [sys.gettrace() is None,\n"
                                 "  all(sys._getframe(depth).f_trace is None\n"
                                 "      for depth in range(4))]") == {"result": [True, True]}
        assert len(started.pauses()) == 3
