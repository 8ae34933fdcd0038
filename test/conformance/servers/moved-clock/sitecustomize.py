"""Moves a Python server's clock, for checks of what a server forgets in time: Python imports this by its name from
PYTHONPATH, before the server. The file of FRESHET_CLOCK_FILE holds by how many seconds the clock is ahead."""

import os
import time

_time = time.time
_file = os.environ["FRESHET_CLOCK_FILE"]


def _moved() -> float:
    with open(_file, encoding="ascii") as file:
        return _time() + float(file.read())


time.time = _moved
