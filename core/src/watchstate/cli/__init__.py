"""The command line."""

import errno
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import CycloptsError

from watchstate.api import WatchStateError
from watchstate.cli.output import complain, finish_output
from watchstate.cli.root import build_app
from watchstate.cli.spelling import spell

_log = logging.getLogger(__name__)

USAGE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


def main() -> None:
    """Run the command line of this process and end the process with its exit code."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        # A stream that was closed before we began is None.
        sys.stdout = sys.stdout or nowhere
        sys.stderr = sys.stderr or nowhere
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a title may not fit a terminal's encoding
        sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code.

    What a user can cause or meet becomes one line on stderr; a programmer's mistake traces back.
    """
    try:
        code = build_app()(spell(arguments), exit_on_error=False, print_error=False, result_action="return_value")
        finish_output()
    except CycloptsError as error:
        error.verbose = False
        command = " ".join(("watchstate", *(error.command_chain or ())))
        complain(str(error), hint=f"see {command} --help")
        return USAGE
    except WatchStateError as error:
        complain(str(error))
        _log.debug("where it came from", exc_info=error)
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        finish_output(is_broken=True)
        return PIPE_CLOSED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        finish_output(is_broken=True)
        complain("the disk is full, so the result can't be written")
        return WatchStateError.exit_code
    return code if isinstance(code, int) else 0
