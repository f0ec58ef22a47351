"""How a process ended, in words."""

import signal

OUT_OF_MEMORY = 77   # exit status of a worker that could not even tell that memory is full
INTERNAL_ERROR = 70  # exit status of a worker whose own parts the user's code has broken
LIKELY = {
    "SIGKILL": "something killed it, perhaps because the machine's memory was full",
    "SIGSEGV": "compiled code crashed, or the code called itself without end",
    "SIGABRT": "compiled code gave up",
    "SIGBUS": "compiled code crashed",
    "SIGFPE": "compiled code crashed",
    "SIGILL": "compiled code crashed",
}


def how_it_ended(status: int) -> str:
    """An exit status as the rest of "The process ...".

        how_it_ended(3)         # 'ended with exit status 3'
        how_it_ended(-9)        # 'ended by signal 9 (SIGKILL): something killed it, ...'
    """
    if status == OUT_OF_MEMORY:
        return "used more memory than it may, and ended"
    if status == INTERNAL_ERROR:
        return "ended, because the code that it ran had broken what it stands on"
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        kind = signal.Signals(-status)
    except ValueError:
        return f"ended by signal {-status}"
    cause = f": {LIKELY[kind.name]}" if kind.name in LIKELY else ""
    return f"ended by signal {-status} ({kind.name}){cause}"
