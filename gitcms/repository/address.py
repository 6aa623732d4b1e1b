"""The address of a remote: taken apart by one strict form, so that git can take it for nothing else.

No program, no option, no unencrypted way, no name or password inside. Whether a host may be called at all is
judged by `network`, for everything that goes out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from gitcms import network
from gitcms.network import AddressRefused

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9.])?|\[[0-9a-fA-F:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"[A-Za-z0-9_.~+@%/-]+")
_SHORT_SSH = re.compile(r"(?:([^@:/]+)@)?([^@:/]+):([^:].*)")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_HINT = (
    "Write it as https://host/path.git or ssh://git@host/path.git, without a password in it. "
    "A folder, or a server on this machine, has to be allowed as well (local)."
)


@dataclass(frozen=True)
class Address:
    """An address that was checked.

    `kind` is https, http, ssh or file, as git's `protocol.<kind>.allow`. `host` has no brackets; it is "" for
    a folder. `local` tells whether a server on this machine may be meant.
    """

    url: str
    kind: str
    host: str = ""
    port: int = 0
    local: bool = False


def check_address(text: str, *, local: bool = False) -> Address:
    """Return the address of a remote, or refuse it.

    :param local: whether a folder of this machine, and a server on it, may be meant.
    :raises AddressRefused: it names a program, an option, an unencrypted way, or holds a password.
    """
    if text != text.strip() or any(unicodedata.category(char)[0] in "CZ" for char in text) or "$" in text:
        raise _refused("This address of a remote holds characters that no address has.")
    if text.startswith("-") or "::" in text.partition("[")[0]:
        raise _refused("This address of a remote would be taken for an option or a program.")
    if text.startswith("/"):
        if not local:
            raise _refused("This address is a folder of this machine.")
        return Address(text, "file", local=local)
    if "://" in text:
        return _of_url(text, local)
    short = _SHORT_SSH.fullmatch(text)
    if not short:
        raise _refused("This is not the address of a remote.")
    user, host, path = short.groups()
    _check_parts(user, host, path, local)
    return Address(text, "ssh", host, _PORTS["ssh"], local)


def without_secrets(text: str) -> str:
    """Return an address, checked or not, with neither a name nor a password that somebody wrote into it."""
    return re.sub(r"//[^/?#]*@", "//…@", text) if not text.lower().startswith("ssh://") else _without(text)


def _without(text: str) -> str:
    return re.sub(r"//([^/?#:@]*):[^/?#]*@", r"//\1@", text)


def _of_url(text: str, local: bool) -> Address:
    try:
        parts = urlsplit(text)
        port, password = parts.port, parts.password
    except ValueError as error:
        raise _refused("This is not the address of a remote.") from error
    kind = parts.scheme.lower()
    host = parts.netloc.rpartition("@")[2]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    if kind not in ("https", "ssh") and not (kind == "http" and local and _is_this_machine(host)):
        raise _refused("A remote is called by https or ssh alone.")
    if password is not None or (kind != "ssh" and parts.username is not None):
        raise _refused("The address of a remote must not hold a name or a password.")
    if parts.query or parts.fragment or port == 0:
        raise _refused("This is not the address of a remote.")
    _check_parts(parts.username, host, parts.path.lstrip("/"), local)
    return Address(text, kind, host.strip("[]"), port or _PORTS[kind], local)


def _check_parts(user: str | None, host: str, path: str, local: bool) -> None:
    if user is not None and not _USER.fullmatch(user):
        raise _refused("The name before the @ of this address cannot be one.")
    if not _HOST.fullmatch(host):
        raise _refused("This address names no server that can be called.")
    try:
        network.check_server(host.strip("[]"), this_machine=local)
    except AddressRefused as error:
        raise _refused(str(error)) from error
    escaped = re.findall(r"%(..?)", path)
    if not _PATH.fullmatch(path) or path.startswith("-") or any(_control(code) for code in escaped):
        raise _refused("The path of this address holds characters that no path of a remote has.")


def _is_this_machine(host: str) -> bool:
    try:
        network.check_server(host.strip("[]"), this_machine=False)
    except AddressRefused:
        return True
    return False


def _control(code: str) -> bool:
    return not re.fullmatch(r"[0-9a-fA-F]{2}", code) or not 0x20 <= int(code, 16) < 0x7F


def _refused(sentence: str) -> AddressRefused:
    return AddressRefused(sentence, code="remote.url_not_allowed", hint=_HINT)
