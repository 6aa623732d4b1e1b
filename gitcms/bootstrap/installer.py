"""The shipped pip: checked by its hash, run inside the environment, its failures put into words.

pip is run from its wheel file and never installed. It reads the user's own settings (PIP_* and
pip.conf for the index, proxy and certificates; SSL_CERT_FILE); only those that would put packages
elsewhere are taken out. Every package must match a hash of `requirements.lock` and come as a wheel,
so nothing is built and no code of a package runs while it is installed.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from gitcms.errors import GitCMSError

PIP = Path(__file__).parent / "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
OPTIONS = ["--require-hashes", "--only-binary", ":all:", "--no-compile", "--no-input"]
OPTIONS += ["--no-color", "--progress-bar", "off", "--disable-pip-version-check"]
# Settings for where packages go, or which ones: ours to say. PIP_USER=0 also overrules pip.conf.
OURS = (
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_PYTHON",
    "PIP_CONSTRAINT",
    "PIP_REQUIREMENT",
    "PIP_DRY_RUN",
)
FETCHING = re.compile(r"(?:Collecting|Processing) (\S+)")
INSTALLING = "Installing collected packages"


class SetUpFailed(GitCMSError):
    """`.venv` could not be made or brought up to date."""

    code = "set_up"
    hint = "Start again; what is there already is kept."


def install(interpreter: Path, sections: Mapping[str, str], *, scratch: Path) -> None:
    """Install the sections of the lock file for this interpreter. Raises SetUpFailed.

    :param sections: group → the lines of its section.
    :param scratch: a folder for the list that pip reads.
    """
    check_the_wheel()
    requirements = scratch / "gitcms-requirements.txt"
    requirements.write_text("".join(sections.values()), encoding="utf-8")
    command = [str(interpreter), "-I", f"{PIP}/pip", "install", *OPTIONS, "--requirement", str(requirements)]
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    environment = {**kept, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "1", "PYTHONUNBUFFERED": "1"}
    total = sum(text.count("==") for text in sections.values())
    # close_fds: pip inherits our caller's lock, so that nobody else starts while it still writes
    # after we were killed.
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
    ) as pip:
        assert pip.stdout is not None
        output = show_progress((line.decode(errors="replace") for line in pip.stdout), total)
    if pip.returncode != 0:
        raise failure(output)
    requirements.unlink()


def check_the_wheel() -> None:
    found = hashlib.sha256(PIP.read_bytes()).hexdigest() if PIP.exists() else "no file"
    if found != PIP_SHA256:
        raise SetUpFailed(
            f"{PIP} is not the file that belongs there.",
            hint=f"Fetch it again: git checkout -- {PIP}",
            details=f"expected sha256 {PIP_SHA256}, found {found}",
        )


def show_progress(lines: Iterable[str], total: int) -> str:
    """Follow pip's lines and tell how far it is: one line on a terminal, two lines in a log."""
    output, fetched, on_terminal = [], 0, sys.stderr.isatty()
    if not on_terminal:
        say(f"  fetching {total} packages")
    for line in lines:
        output.append(line)
        if match := FETCHING.match(line):
            fetched += 1
            if on_terminal:
                name = Path(match[1]).name.replace("==", " ")
                print(f"\r\033[K  fetching {fetched} of {total}: {name}", end="", file=sys.stderr, flush=True)
        elif line.startswith(INSTALLING):
            print("\r\033[K" if on_terminal else "", end="", file=sys.stderr)
            say(f"  installing {total} packages")
    return "".join(output)


def failure(output: str) -> SetUpFailed:
    """Put what pip printed before it gave up into a sentence and what to do."""
    known = next((make for sign, make in SIGNS if re.search(sign, output)), None)
    lines = [
        line for line in output.strip().splitlines() if not line.startswith(("Collecting", "  Downloading"))
    ]
    last_lines = "\n".join(lines[-12:])
    if known is None:
        return SetUpFailed(
            "The packages that gitcms needs could not be installed.",
            hint="pip's last lines say why:",
            details=last_lines,
        )
    error = known()
    error.details = error.details or f"pip's last lines:\n{last_lines}"
    return error


def disk_full() -> SetUpFailed:
    return SetUpFailed(
        "The disk is full: .venv could not be finished.",
        hint="Make room (about 500 MB are enough for every command) and start again.",
    )


def wrong_hash() -> SetUpFailed:
    return SetUpFailed(
        "A package that was fetched is not the one that requirements.lock names, so nothing was installed.",
        hint="Start again with PIP_NO_CACHE_DIR=1; then ask whoever runs your package index or proxy.",
    )


def no_trust() -> SetUpFailed:
    return SetUpFailed(
        "The package index's certificate is not one that this machine trusts.",
        hint="Install ca-certificates, or name your authority's file in SSL_CERT_FILE or PIP_CERT.",
    )


def no_network() -> SetUpFailed:
    return SetUpFailed(
        "The package index cannot be reached, and the packages that gitcms needs are not here yet.",
        hint="Connect to the network, or set PIP_INDEX_URL or PIP_PROXY as your network asks.",
    )


def no_wheel() -> SetUpFailed:
    version = ".".join(str(part) for part in sys.version_info[:2])
    return SetUpFailed(
        f"The package index has no build of one of the packages for this machine and Python {version}.",
        hint="Use Python 3.11, 3.12 or 3.13 on Linux or macOS, on x86-64 or ARM64.",
    )


# What pip prints, first match wins: a lost network also ends in "No matching distribution".
SIGNS = (
    (r"No space left on device|Disk quota exceeded|\[Errno (28|122)\]", disk_full),
    (r"DO NOT MATCH THE HASHES", wrong_hash),
    (r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError|certificate verify failed", no_trust),
    (
        r"Retrying \(Retry|NewConnectionError|NameResolutionError|ProxyError|ConnectTimeout|ReadTimeout",
        no_network,
    ),
    (r"No matching distribution found", no_wheel),
)


def say(line: str) -> None:
    """Tell the person who waits. On stderr: stdout belongs to the command."""
    print(line, file=sys.stderr, flush=True)
