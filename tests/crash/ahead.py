"""`ahead.py MS DEATH PATIENCE WORDS…`: watchstate, with a clock that is so many ms ahead of the machine's.

DEATH is the moment at which it kills itself: `commit 3`, right before its third commit to the database, or an audit
event of Python with a part of its first argument, such as `os.rename servers.yaml`; empty for never.
PATIENCE is how many seconds it waits for another process.
"""

import os
import signal
import sys

from sqlalchemy import Engine, event

from watchstate.app import open_services
from watchstate.cli import main
from watchstate.clock import system_clock
from watchstate.sync import lease


def die_at(moment):
    what, _, which = moment.partition(" ")
    if what == "commit":
        left = int(which)

        def count(_conn):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "commit", count)
    elif what:

        def look(name, arguments):
            if name == what and which in str(arguments[0]):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(look)


def run_ahead(ms, death, patience, *words):
    die_at(death)
    lease.PATIENCE = int(patience)
    open_services.__wrapped__.__kwdefaults__["clock"] = lambda: system_clock() + int(ms)
    sys.argv[1:] = words
    main()


if __name__ == "__main__":
    run_ahead(*sys.argv[1:])
