"""The process that calculates: `python -m cutaway.studio.worker SOCKET PIPE MEMORY`.

SOCKET and PIPE are descriptors that lead to the server, which alone starts it: a socket for
questions, and a pipe that ends when the server does. MEMORY is how many bytes the user's code may
allocate; 0 is what suits the machine.
"""

from cutaway.studio.worker.runtime.start import start


def main() -> None:
    """Start with the studio's own verbs."""
    def load():
        from cutaway.studio.worker.verbs import JOBS, VIEWS
        from cutaway.studio.worker.workspace import Workspace

        return VIEWS, JOBS, Workspace

    start(load)


if __name__ == "__main__":
    main()
