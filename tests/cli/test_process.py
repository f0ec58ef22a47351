"""The command line as a process of its own: pipes, terminals, signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PROMPT

SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def environment(tmp_path):
    own = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    return {**own, "PYTHONPATH": SOURCE, "CUTAWAY_HOME": str(tmp_path), "NO_COLOR": ""}


def start(arguments, environment, **settings):
    command = [sys.executable, "-m", "cutaway", *map(os.fsencode, arguments)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE,
                            preexec_fn=_hear_ctrl_c, **settings)  # noqa: PLW1509


def _hear_ctrl_c():
    """What a shell does for a command in the foreground; one in the background is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_pipe_gets_plain_text_without_spaces_at_line_ends(tiny, environment):
    process = start([PROMPT, "--model", tiny], environment, stdout=subprocess.PIPE)
    page = process.communicate(timeout=60)[0].decode("utf-8")
    assert process.returncode == 0
    assert "\x1b" not in page
    assert all(line == line.rstrip() for line in page.splitlines())


def test_a_closed_pipe_says_nothing(tiny, environment):
    process = start(["show", "wte", "--all", "--model", tiny], environment, stdout=subprocess.PIPE)
    process.stdout.close()
    assert process.communicate(timeout=60)[1] == b""


def test_undecodable_bytes_in_the_command_line_are_told(tiny, environment):
    process = start([os.fsdecode(b"Mike \xff"), "--model", tiny], environment,
                    stdout=subprocess.PIPE)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 1 and b"0xFF" in error and b"Traceback" not in error


def test_ctrl_c_ends_with_one_line_and_130(tiny, environment):
    process = start(["-", "--model", tiny], environment, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=3)  # it waits for standard input
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert error.strip() == b"cutaway: stopped."


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, which Linux has")
def test_a_full_disk_behind_standard_output_is_told(tiny, environment):
    with open("/dev/full", "wb") as full:
        process = start(["steps"], environment, stdout=full)
        error = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert b"could not be written" in error and b"Traceback" not in error


def in_an_encoding(encoding, arguments, environment):
    """What is printed into a pipe of an encoding, and what is said beside it."""
    process = start(arguments, {**environment, "PYTHONIOENCODING": encoding},
                    stdout=subprocess.PIPE)
    page, error = process.communicate(timeout=60)
    assert process.returncode == 0
    return page.decode(encoding), error.decode("utf-8")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "shift_jis"])
def test_a_drawing_is_made_of_what_the_output_can_show(tiny, environment, encoding):
    page, error = in_an_encoding(encoding, [PROMPT, "--model", tiny, "--max-tokens", "2"],
                                 environment)
    assert error == "" and "?" not in page and ("##" in page or "█" in page)
    heat, error = in_an_encoding(encoding, ["show", "h0.attention[head=1]", PROMPT, "--heat",
                                            "--model", tiny], environment)
    assert error == "" and "?" not in heat and " to 100 %" in heat


@pytest.mark.parametrize(("encoding", "text"), [
    ("ascii", "naïve"), ("cp1252", "日本"), ("latin-1", "Œuvre ☃"), ("cp437", "Łódź"),
    ("shift_jis", "hè 😀")])
def test_no_letter_is_lost_that_the_output_cannot_show(tiny, environment, encoding, text):
    page, error = in_an_encoding(encoding, ["tokens", text, "--model", tiny], environment)
    there = page.encode("ascii", "backslashreplace").decode("ascii")
    assert all(word in there for word in
               text.encode("ascii", "backslashreplace").decode("ascii").split())
    assert "PYTHONUTF8=1" in error and encoding.replace("latin-1", "iso8859-1") in error


def test_every_shade_has_a_sign_of_its_own_in_ascii():
    from cutaway.cli.drawing.heat import SHADES
    from cutaway.cli.encoding import LIKE

    assert SHADES.translate(LIKE).isascii() and len(set(SHADES.translate(LIKE))) == len(SHADES)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(tiny, environment, columns):
    from rich.text import Text

    page = on_a_terminal(["show", "h0.attention", PROMPT, "--heat", "--model", str(tiny)],
                         {**environment, "TERM": "xterm-256color"}, columns)
    assert "\x1b[" in page
    assert all(Text.from_ansi(line).cell_len <= columns for line in page.split("\r\n"))


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")
def test_a_narrow_terminal_cuts_no_number_short(tiny, environment):
    import re

    arguments = ["edit", PROMPT, "h0.attention[head=1]=0", "--model", str(tiny)]
    piped = start(arguments, environment, stdout=subprocess.PIPE).communicate(timeout=60)[0]
    shown = on_a_terminal(arguments, {**environment, "TERM": "xterm-256color"}, 50)
    number = re.compile(r"-?\d+\.\d+")
    assert sorted(number.findall(re.sub(r"\x1b\[[0-9;]*m", "", shown))) == sorted(
        number.findall(piped.decode("utf-8")))


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")
def test_no_color_is_respected_and_heat_falls_back_to_shades(tiny, environment):
    page = on_a_terminal(["show", "h0.attention", PROMPT, "--heat", "--model", str(tiny)],
                         {**environment, "TERM": "xterm-256color", "NO_COLOR": "1"}, 80)
    assert "█" in page and "\x1b[38" not in page and "\x1b[48" not in page


def on_a_terminal(arguments, environment, columns):
    """What a program writes on a terminal of so many columns."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = start(arguments, {**environment}, stdout=theirs, stdin=theirs)
    os.close(theirs)
    output = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not block:
            break
        output += block
    process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0
    return output.decode("utf-8")
