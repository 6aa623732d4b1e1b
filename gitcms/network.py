"""The one client that goes out to the network, and the guard before it.

Whoever names an address for us to call could otherwise reach what only this server reaches: its own
services, its neighbours, a cloud's metadata. So a name is resolved once, every address it has is checked
against our own table, and the connection goes to the very address that was checked. Nothing is read from
the environment, no redirect is followed, TLS is always verified, and time and size have bounds.

A remote is called by git and not by the client here, but by the same guard, with another measure: who runs
the server names it, so that an inner one is as good as any (`check_server`).

Mail goes to the server that the configuration names, by `mail`, with the encryption of here (`tls`).

What is sent and what an answer means is decided by those who call.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from gitcms.errors import ConfigError, GitCMSError

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MOST_ANSWER_BYTES = 65_536
LONGEST_URL = 2_048
MOST_ADDRESSES = 16

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

# What no service on the public internet has for an address (the IANA IPv4 special-purpose registry), and
# public ones behind which a cloud keeps its machines' credentials.
_CLOSED_4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# All of the public IPv6 internet lies in 2000::/3; these parts of it do not (2001::/23 holds Teredo).
_OPEN_6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)
# An IPv6-only network reaches IPv4 through these (RFC 6052): what counts is the address inside.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "168.63.129.16")))

_METADATA_NAME = "metadata.google.internal"
# Readers of addresses take these for numbers, each in its own way: 127.1, 0x7f000001, 2130706433.
_ODD_NUMBER = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")

_INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion")
# Below 1024 only https itself; above, the usual places of databases and the like.
_CLOSED_PORTS = frozenset((1433, 1521, 2049, 2375, 2376, 3306, 5432, 6000, 6379, 9200, 9300, 11211, 27017))

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9_.-]*[a-z0-9.])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?].*)?",
    re.ASCII | re.IGNORECASE,
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]*")
# What may stand in a path or a query (RFC 3986, 3.3 and 3.4), spelled out or escaped already.
_IN_PATH = "/?:@!$&'()*+,;=-._~%"


class AddressRefused(GitCMSError):
    """An address that this server does not call. Nothing was sent."""

    code = "webhook.address_not_allowed"
    hint = "Use the service's public https:// address. An administrator can allow an inner one."

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None, details: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        if code is not None:
            self.code = code


class NetworkFailed(GitCMSError):
    """A call that brought no answer. `kind` is resolve, connect, tls, timeout, cut or protocol."""

    code = "network"
    hint = "It is tried again by itself."

    def __init__(self, kind: str, message: str, *, details: str | None = None) -> None:
        super().__init__(message, details=details)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of the list of inner places that may be called: a name, or a network; on one port or all."""

    name: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What this server may call.

    `own` are the names under which it is itself called; `ca_file` holds more roots for TLS, or is "".
    """

    allowed: tuple[Allowed, ...] = ()
    own: frozenset[str] = frozenset()
    ca_file: str = ""

    def opens(self, host: str, port: int, address: IPAddress | None = None) -> bool:
        """Tell whether the list names this place."""
        return any(
            each.port in (None, port)
            and (
                each.name == host if each.network is None else address is not None and address in each.network
            )
            for each in self.allowed
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address, taken apart: `host` in small letters, without brackets and final dot."""

    scheme: str
    host: str
    port: int
    path: str
    address: IPAddress | None

    @property
    def authority(self) -> str:
        """The name and port as the Host header has them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"http": 80, "https": 443}[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    most_bytes: int = MOST_ANSWER_BYTES
    """So much of the answer's body is read, and no more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is its first bytes, not decoded; `whole` tells whether that was all."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool

    def header(self, name: str) -> str:
        """Return a header's first value, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def rules(allowed: Sequence[str], own: frozenset[str] = frozenset(), ca_file: str = "") -> Rules:
    """Read the list of inner places, each "name", "address" or "network/bits", with or without ":port".

    :raises ConfigError: a line is none of these.
    """
    return Rules(tuple(map(_allowed, allowed)), own, ca_file)


def check_url(url: str, given: Rules) -> Target:
    """Take an address apart and judge all that can be judged without asking for its name.

    It is read by one strict form, since readers that are lenient in different ways would call different
    places (user names, backslashes, numbers that are not dotted, letters that look like digits …).

    :raises AddressRefused: it is none that we call.
    """
    if len(url) > LONGEST_URL:
        raise AddressRefused(f"This address is longer than {LONGEST_URL} characters.")
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\^`{|}<>\"#]", url):
        raise AddressRefused(
            "This address holds characters that do not belong into one.",
            hint="Copy it again. Write a name with other letters in its xn-- form.",
        )
    parts = _URL.fullmatch(url)
    if parts is None:
        raise AddressRefused(
            "This is not a web address.", hint="It begins with https:// and has no user name."
        )
    scheme, host = parts["scheme"].lower(), parts["host"].lower().strip("[]").removesuffix(".")
    if scheme not in ("http", "https"):
        raise AddressRefused("Only https:// addresses are called.")
    port = int(parts["port"]) if parts["port"] else {"http": 80, "https": 443}[scheme]
    if not 0 < port < 65536:
        raise AddressRefused("This address has an impossible port.")
    rest = parts["rest"] or "/"
    path = quote(rest if rest.startswith("/") else "/" + rest, safe=_IN_PATH)
    target = Target(scheme, host, port, path, _literal(host))
    _check_place(target, given)
    return target


def check_address(address: IPAddress, target: Target, given: Rules) -> None:
    """Judge one address of a target.

    :raises AddressRefused: it is not public, and not allowed.
    """
    if address in _METADATA or not (is_public(address) or given.opens(target.host, target.port, address)):
        raise AddressRefused(
            f"{target.host} leads into this server's own network.", details=f"{target.host} is {address}"
        )


def is_public(address: IPAddress) -> bool:
    """Tell whether an address belongs to the public internet, by our own table."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    if address in _NAT64:
        return is_public(_inside(address))
    return address in _OPEN_6 and not any(address in network for network in _CLOSED_6)


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, as the system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def check_server(host: str, *, this_machine: bool) -> None:
    """Judge the host of a remote, as far as that can be done without asking for its name.

    :param host: as it stands in the address; an IPv6 one without brackets.
    :param this_machine: whether a server on this machine may be meant.
    :raises AddressRefused: it gives out this machine's credentials, is this machine, or a disguised number.
    """
    name = host.lower().removesuffix(".")
    address = _literal(name)
    if address is not None:
        check_server_address(name, address, this_machine=this_machine)
    elif _ODD_NUMBER.fullmatch(name) or ":" in name or name == _METADATA_NAME:
        raise AddressRefused(f"{host} names no server that can be called.")
    elif not this_machine and (name == "localhost" or name.endswith(".localhost")):
        raise AddressRefused(f"{host} is a server on this machine.")


def check_server_address(host: str, address: IPAddress, *, this_machine: bool) -> None:
    """Judge one address that a remote's host has.

    :raises AddressRefused: as `check_server`.
    """
    inner = _inside(address)
    if inner in _METADATA or inner.is_link_local or inner.is_multicast:
        raise AddressRefused(f"{host} names no server that can be called.", details=f"It is {address}.")
    if (inner.is_loopback or inner.is_unspecified) and not this_machine:
        raise AddressRefused(f"{host} is a server on this machine.", details=f"It is {address}.")


def server_addresses(
    host: str, port: int, *, this_machine: bool, seconds: float, resolver: Resolver = resolve
) -> list[IPAddress]:
    """Return all addresses of a remote's host, each of them checked.

    :raises AddressRefused: as `check_server`, for any of them.
    :raises NetworkFailed: the name was not found, or not in time.
    """
    check_server(host, this_machine=this_machine)
    given = _literal(host)
    found = [given] if given is not None else _look_up(resolver, host, port, time.monotonic() + seconds)
    for address in found:
        check_server_address(host, address, this_machine=this_machine)
    return found


def _inside(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 one leads to, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def check_header(name: str, value: str) -> None:
    """Judge a header that somebody wishes to be sent.

    :raises AddressRefused: it could end its line, or is one that we write ourselves.
    """
    if name.lower() in _OUR_HEADERS:
        raise _no_header(name)
    if len(value) > 4096:
        raise _no_value(name)
    _header(name, value)


def _header(name: str, value: str) -> str:
    """Return a header's line without its end.

    :raises AddressRefused: it would be another, or several.
    """
    if not _TOKEN.fullmatch(name):
        raise _no_header(name)
    if not _VALUE.fullmatch(value):
        raise _no_value(name)
    return f"{name}: {value}"


def _no_header(name: str) -> AddressRefused:
    return AddressRefused(f"No header of the name {name[:40]!r} can be sent.", hint="Choose another name.")


def _no_value(name: str) -> AddressRefused:
    return AddressRefused(
        f"The value of {name} holds characters that no header can carry.",
        hint="Use one line of plain letters.",
    )


_OUR_HEADERS = frozenset(
    (
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "proxy-authorization",
    )
)


class Client:
    """Sends requests by the rules. Safe to use from many threads."""

    def __init__(
        self,
        given: Rules,
        *,
        resolver: Resolver = resolve,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """
        :raises ConfigError: `ca_file` cannot be read.
        """
        self.rules = given
        self._resolver = resolver
        self._connect_seconds = connect_seconds
        self.total_seconds = total_seconds
        self._tls = tls(given.ca_file)

    def send(self, request: Request) -> Answer:
        """Send a request and return the answer, whatever its status.

        :raises AddressRefused: the guard does not let it out; nothing was sent.
        :raises NetworkFailed: no answer came: not found, not reached, not in time, not verified, cut off.
        """
        begun = time.monotonic()
        end = begun + self.total_seconds
        target = check_url(request.url, self.rules)
        connect_end = begun + self._connect_seconds
        addresses = self._addresses(target, connect_end)
        head = _head(request, target)
        try:
            with self._connect(target, addresses, connect_end, end) as connection:
                connection.settimeout(max(0.01, end - time.monotonic()))
                # Together, so that they are one packet where they fit into one.
                connection.sendall(head + request.body)
                return _answer(connection, request, end)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _failed(error, target) from error

    def _addresses(self, target: Target, end: float) -> list[IPAddress]:
        """Return every address of the target, all of them checked."""
        found = (
            [target.address]
            if target.address is not None
            else _look_up(self._resolver, target.host, target.port, end)
        )
        for address in found:
            check_address(address, target, self.rules)
        return found

    def _connect(
        self, target: Target, addresses: list[IPAddress], connect_end: float, end: float
    ) -> socket.socket:
        failed: OSError | None = None
        for address in addresses:
            left = connect_end - time.monotonic()
            if left <= 0:
                failed = failed or TimeoutError()
                break
            try:
                plain = _reach(address, target.port, left)
            except OSError as error:
                failed = error
                continue
            return self._secure(plain, target, end) if target.scheme == "https" else plain
        if isinstance(failed, TimeoutError):
            raise NetworkFailed(
                "timeout", f"{target.host} could not be reached within {self._connect_seconds:g} seconds."
            )
        raise NetworkFailed(
            "connect", f"{target.host} could not be reached.", details=str(failed)
        ) from failed

    def _secure(self, plain: socket.socket, target: Target, end: float) -> socket.socket:
        try:
            plain.settimeout(max(0.01, end - time.monotonic()))
            return self._tls.wrap_socket(plain, server_hostname=target.host)
        except ssl.SSLCertVerificationError as error:
            plain.close()
            raise NetworkFailed(
                "tls",
                f"The certificate of {target.host} is not valid for it: {error.verify_message.rstrip('.')}.",
                details=str(error),
            ) from error
        except TimeoutError as error:
            plain.close()
            raise NetworkFailed("timeout", f"{target.host} did not answer in time.") from error
        except OSError as error:
            plain.close()
            raise NetworkFailed(
                "tls", f"No encrypted connection to {target.host} could be made.", details=str(error)
            ) from error


def _look_up(resolver: Resolver, host: str, port: int, end: float) -> list[IPAddress]:
    said: list[Sequence[str] | OSError] = []

    def ask() -> None:
        try:
            said.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            said.append(OSError(str(error)))

    # The system's resolver knows no deadline of ours: it may go on alone.
    thread = threading.Thread(target=ask, name="gitcms-resolve", daemon=True)
    thread.start()
    thread.join(max(0.0, end - time.monotonic()))
    if not said:
        raise NetworkFailed("timeout", f"The name {host} was not found in time.")
    if isinstance(said[0], OSError) or not said[0]:
        raise NetworkFailed("resolve", f"There is no server of the name {host}.", details=str(said[0]))
    return [ipaddress.ip_address(text.partition("%")[0]) for text in said[0][:MOST_ADDRESSES]]


def _reach(address: IPAddress, port: int, seconds: float) -> socket.socket:
    """Connect to this very address: no name is asked for."""
    connection = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)
    try:
        connection.settimeout(seconds)
        connection.connect((str(address), port))
    except OSError:
        connection.close()
        raise
    return connection


class _Timed(io.RawIOBase):
    """What is read off a socket until one moment, however the bytes trickle in."""

    def __init__(self, inner: socket.socket, end: float) -> None:
        self._inner = inner
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._inner.settimeout(left)
        return self._inner.recv_into(buffer)


class _Lines(io.BufferedReader):
    """Remembers the last line: a head that was cut off has no empty one, and `http.client` does not mind."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


class _TimedSocket:
    """The little of a socket that an answer of `http.client` needs to be read."""

    def __init__(self, inner: socket.socket, end: float) -> None:
        self.lines = _Lines(_Timed(inner, end))

    def makefile(self, mode: str) -> _Lines:
        return self.lines


def _head(request: Request, target: Target) -> bytes:
    """Return all that goes before the body.

    :raises AddressRefused: a header would be another, or several.
    """
    lines = [f"{request.method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [_header(name, value) for name, value in request.headers.items()]
    head = "\r\n".join(lines).encode("ascii") + b"\r\nConnection: close\r\n"
    if request.body or request.method not in ("GET", "HEAD"):
        head += b"Content-Length: %d\r\n" % len(request.body)
    return head + b"\r\n"


def _answer(connection: socket.socket, request: Request, end: float) -> Answer:
    timed = _TimedSocket(connection, end)
    answer = http.client.HTTPResponse(timed, method=request.method)  # type: ignore[arg-type]
    answer.begin()
    if timed.lines.last not in (b"\r\n", b"\n"):
        raise http.client.IncompleteRead(timed.lines.last)
    body, whole = _read(answer, request.most_bytes)
    # It stands in sentences, and no database keeps a NUL in a text.
    reason = answer.reason[:200].replace("\0", "\ufffd")
    return Answer(answer.status, reason, tuple(answer.getheaders()), body, whole)


def _failed(error: Exception, target: Target) -> NetworkFailed:
    """Say what came instead of an answer."""
    if isinstance(error, TimeoutError):
        return NetworkFailed("timeout", f"{target.host} did not answer in time.")
    details = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return NetworkFailed("cut", f"{target.host} ended the connection without an answer.", details=details)
    if isinstance(error, OSError):
        return NetworkFailed("cut", f"The connection to {target.host} broke.", details=details)
    return NetworkFailed("protocol", f"{target.host} gave no answer that can be read.", details=details)


def _read(answer: http.client.HTTPResponse, most: int) -> tuple[bytes, bool]:
    """Return the first bytes of an answer's body. The status has come: a broken body does no harm."""
    parts: list[bytes] = []
    size = 0
    try:
        while size <= most:
            part = answer.read1(most + 1 - size)
            if not part:
                # `read1` ends quietly where a body of a known length was cut off.
                return b"".join(parts), not answer.length
            parts.append(part)
            size += len(part)
    except (OSError, http.client.HTTPException, ValueError):
        return b"".join(parts)[:most], False
    return b"".join(parts)[:most], False


def _check_place(target: Target, given: Rules) -> None:
    host, port = target.host, target.port
    if given.opens(host, port, target.address):
        if target.address in _METADATA:
            raise AddressRefused(f"{host} gives out this server's own credentials, and is never called.")
        return
    if target.address is not None:
        check_address(target.address, target, given)
    elif _ODD_NUMBER.fullmatch(host):
        raise AddressRefused("This address is a number in an unusual form.", hint="Write the server's name.")
    elif ":" in host:
        raise AddressRefused("This is not a web address.")
    elif "." not in host or host.endswith(tuple(f".{name}" for name in _INNER_NAMES)) or ".." in host:
        raise AddressRefused(f"{host} is a name of this server's own network.")
    if host in given.own or target.authority in given.own:
        raise AddressRefused("This is the address of this very server.")
    if port != 443 and ((port < 1024 and target.scheme == "https") or port in _CLOSED_PORTS):
        raise AddressRefused(f"Port {port} is not one that webhooks are sent to.")
    if target.scheme == "http":
        raise AddressRefused(
            "What is sent to an http:// address can be read on its way.", hint="Use the https:// address."
        )


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _allowed(line: str) -> Allowed:
    match = re.fullmatch(
        r"(\[[0-9a-f:.]+\](?:/\d+)?|[0-9a-f:]*:[0-9a-f:]+(?:/\d+)?|[a-z0-9._/-]+?)(?::(\d{1,5}))?",
        line.lower(),
    )
    if match is None:
        raise _no_place(line)
    name, port = match[1].replace("[", "").replace("]", ""), int(match[2]) if match[2] else None
    try:
        return Allowed("", ipaddress.ip_network(name, strict=False), port)
    except ValueError:
        if "/" in name:
            raise _no_place(line) from None
    return Allowed(name.removesuffix("."), None, port)


def _no_place(line: str) -> ConfigError:
    return ConfigError(
        f"{line!r} in [network] allowed is no name, address or network.",
        hint='Write one such as "jenkins.lan:8080", "10.0.0.5" or "10.1.0.0/16".',
    )


def tls(ca_file: str) -> ssl.SSLContext:
    """Return what every encrypted connection is made with: certificates are always checked.

    :raises ConfigError: the file with further certificates cannot be read.
    """
    # Not `create_default_context`: it takes the name of a file for keys from the environment.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"The certificates in {ca_file} cannot be read: {error}.",
                hint="Mend ca_file under [network].",
            ) from error
    return context
