"""How a process ended, in words."""

import signal

OUT_OF_MEMORY = 77   # exit status of a worker that could not even tell that memory is full
INTERNAL_ERROR = 70  # exit status of a worker whose own parts the user's code has broken
LIKELY = {
    signal.SIGKILL: "something killed it, perhaps because the machine's memory was full",
    signal.SIGSEGV: "compiled code crashed, or the code called itself without end",
    signal.SIGABRT: "compiled code gave up",
    signal.SIGBUS: "compiled code crashed",
    signal.SIGFPE: "compiled code crashed",
    signal.SIGILL: "compiled code crashed",
}


def how_it_ended(status: int) -> str:
    """An exit status as the rest of "The process ...".

        how_it_ended(3)         # 'ended with exit status 3'
        how_it_ended(-9)        # 'ended by signal 9 (SIGKILL): something killed it, ...'
    """
    if status == OUT_OF_MEMORY:
        return "used more memory than it may, and ended"
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        kind = signal.Signals(-status)
    except ValueError:
        return f"ended by signal {-status}"
    cause = f": {LIKELY[kind]}" if kind in LIKELY else ""
    return f"ended by signal {-status} ({kind.name}){cause}"
