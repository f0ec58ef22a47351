"""The pages that tests get report every fault, and stay out of the way of other tests."""

import asyncio
import http.server
import threading
from types import SimpleNamespace

import pytest

from tests.studio.browser import pytest_runtest_call

PAGE = b"<!doctype html><title>plain</title><h1>plain</h1>"
POLICY = "default-src 'self'"


class OnePage(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the same page under a strict policy."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format, *args):
        """Keep quiet."""


@pytest.fixture
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OnePage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_quiet_page_has_no_faults(page, faults, address):
    page.goto(address)
    assert page.title() == "plain"
    assert faults.found == []


def test_an_error_on_the_console_is_a_fault(page, faults, address):
    faults.expect("out of cheese")
    page.goto(address)
    page.evaluate("console.error('out of cheese')")
    assert len(faults.found) == 1


def test_an_uncaught_exception_is_a_fault(page, faults, address):
    faults.expect("fell over")
    page.goto(address)
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('fell over') })")
    assert any("fell over" in fault for fault in faults.found)


@pytest.mark.parametrize("code", [
    "setTimeout(() => { throw new Error('fell over') })",
    "Promise.reject(new Error('fell over'))",
    "console.error('fell over')"])
def test_a_test_whose_page_had_an_error_fails_unless_it_expected_that(page, faults, address, code):
    page.goto(address)
    page.evaluate(f"() => {{ {code} }}")
    page.wait_for_timeout(100)
    test = pytest_runtest_call(SimpleNamespace(funcargs={"faults": faults}))
    next(test)
    with pytest.raises(pytest.fail.Exception, match="fell over"):
        test.send(None)
    faults.expect("fell over")


def test_a_request_to_another_machine_is_a_fault_and_does_not_leave(page, faults, address):
    faults.expect("cutaway.invalid")
    faults.expect("policy connect-src")
    faults.expect("Connecting to")
    page.goto("about:blank")
    failed = page.evaluate("fetch('https://cutaway.invalid/x').then(() => false, () => true)")
    assert failed
    assert "request left the machine: https://cutaway.invalid/x" in faults.found


def test_a_violated_content_security_policy_is_a_fault(page, faults, address):
    faults.expect("policy style-src")
    faults.expect("Content Security Policy")
    page.goto(address)
    page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")
    page.wait_for_function("() => true")
    assert any("policy style-src" in fault for fault in faults.found)


def test_faults_of_a_second_tab_count_as_well(page, faults, address):
    faults.expect("second tab")
    page.context.new_page().evaluate("console.error('second tab')")
    assert any("second tab" in fault for fault in faults.found)


def test_a_test_without_a_browser_may_run_an_event_loop():
    assert asyncio.run(asyncio.sleep(0, "done")) == "done"
