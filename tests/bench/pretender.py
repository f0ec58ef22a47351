"""A contestant for the tests of the suite's own processes."""

import os
import time


class Pretender:
    """greeting: printed when it is made, where answers are expected"""

    def __init__(self, greeting: str = ""):
        print(greeting)

    def run(self, count: int) -> list[int]:
        print("libraries print as well")
        return list(range(count))

    def slow(self) -> None:
        time.sleep(0.01)

    def threads(self) -> str:
        return os.environ["OMP_NUM_THREADS"]

    def fail(self) -> None:
        raise ValueError("it cannot be done\nand more lines")

    def end(self) -> None:
        os._exit(3)
