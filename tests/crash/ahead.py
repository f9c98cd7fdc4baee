"""`ahead.py MS COMMIT WORDS…`: watchstate, with a clock that is so many ms ahead of the machine's.

It kills itself right before its COMMIT-th commit to the database (0: never).
"""

import os
import signal
import sys

from sqlalchemy import Engine, event

from watchstate.app import open_services
from watchstate.cli import main
from watchstate.clock import system_clock


def run_ahead(ms, commit, *words):
    left = commit

    def count(_conn):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", count)
    open_services.__wrapped__.__kwdefaults__["clock"] = lambda: system_clock() + ms
    sys.argv[1:] = words
    main()


if __name__ == "__main__":
    run_ahead(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
