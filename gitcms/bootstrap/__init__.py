"""In a checkout, sees to it that what a command needs is installed, and restarts inside.

`python3 -m gitcms` calls `ensure` before anything else is imported, so that a machine with Python
and Git alone can run every command. It acts only where `pyproject.toml` and `requirements.lock`
stand beside the package (never from an installed wheel), and only when something is missing or out
of date; else it is silent and takes a few milliseconds.

    __init__       what to do, told in order
    groups         which sections of requirements.lock a command needs; are they here already
    environment    .venv: its stamp, its lock, making and repairing it
    installer      the shipped pip, checked by its hash; its progress and its failures

Standard library only, and written so that an older Python can read it far enough to be told that
it is too old.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

# The same as for every other error that a person can put right.
EXIT_CODE = 2
# Into the environment, and once more when it turned out there that it has to be made anew.
MOST_RESTARTS = 2
RESTARTS = "GITCMS_RESTARTS"


def ensure(argv: list[str]) -> None:
    """Return when this interpreter can run `argv`; else make or mend `.venv` and restart in it.

    Leaves the process with a sentence and a hint on stderr when that fails.

    :param argv: the command line after `python3 -m gitcms`.
    """
    top = checkout()
    if top is None:
        return
    from gitcms.bootstrap.environment import Environment
    from gitcms.errors import GitCMSError

    try:
        interpreter = Environment(top).interpreter_for(argv)
    except GitCMSError as error:
        leave(str(error), error.hint, error.details)
    except KeyboardInterrupt:
        leave("", "Stopped. The next start goes on from here.")
    else:
        if interpreter is not None:
            restart(interpreter)
        os.environ.pop(RESTARTS, None)


def checkout() -> Path | None:
    """Return the top folder of the checkout that we run from, None when we are installed."""
    top = Path(__file__).resolve().parent.parent.parent
    return top if (top / "pyproject.toml").is_file() and (top / "requirements.lock").is_file() else None


def restart(interpreter: Path) -> None:
    """Replace this process by the same command line under another interpreter."""
    restarts = int(os.environ.get(RESTARTS, "0"))
    if restarts == MOST_RESTARTS:
        leave(
            f"{interpreter} does not start as the Python of its folder.",
            "Unset PYTHONHOME, or remove that .venv folder, and start again.",
        )
    os.environ[RESTARTS] = str(restarts + 1)
    sys.stdout.flush()
    sys.stderr.flush()
    command = [str(interpreter), *getattr(sys, "orig_argv", ["", "-m", "gitcms", *sys.argv[1:]])[1:]]
    os.execv(command[0], command)


def leave(*lines: str | None) -> NoReturn:
    """Write what happened, what to do next and the details to stderr, and exit."""
    for line in lines:
        if line is not None:
            print(line, file=sys.stderr)
    sys.exit(EXIT_CODE)
