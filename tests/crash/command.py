"""The real command line in a process of its own."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("watchstate")
"""What a user runs."""
DEADLINE = 100
"""Seconds after which a process that should have ended is a failure."""


class Process:
    """A running command line; `close` or the end of `running` leaves nothing behind."""

    def __init__(self, arguments, folder, **how):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("WS_")}
        self._popen = subprocess.Popen(
            arguments,
            env=environ | {"WS_DATA_PATH": str(folder), "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )
        self.out = self.err = ""

    @property
    def pid(self):
        return self._popen.pid

    @property
    def code(self):
        """How it ended; None: it still runs."""
        return self._popen.poll()

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL

    def kill(self):
        """End it at this instant, and wait until it is gone."""
        self._popen.kill()
        self._popen.wait(DEADLINE)

    def send(self, number):
        """Send it a signal."""
        self._popen.send_signal(number)

    def lives_for(self, seconds):
        """Wait for its end; say whether it still runs after so many seconds."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def first_line(self):
        """Wait for the first line on stderr."""
        self.err = self._popen.stderr.readline()
        return self.err

    def finish(self):
        """Wait for its end and keep what it said."""
        out, err = self._popen.communicate(timeout=DEADLINE)
        self.out, self.err = self.out + out, self.err + err
        return self

    def close(self):
        if self.code is None:
            self.kill()
        for stream in (self._popen.stdout, self._popen.stderr):
            stream.close()


@contextmanager
def running(arguments, folder, **how):
    process = Process(arguments, folder, **how)
    try:
        yield process
    finally:
        process.close()


def run(folder, *words, **how):
    """Run what a user runs, to its end."""
    with running([SCRIPT, *words], folder, **how) as process:
        return process.finish()


def ahead(ms, *words, death="", patience=90):
    """Return the command line of a process whose clock is ahead of the machine's; see `ahead`."""
    return [sys.executable, str(Path(__file__).with_name("ahead.py")), str(ms), death, str(patience), *words]
