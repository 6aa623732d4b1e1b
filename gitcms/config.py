"""The configuration: the shipped example first, then the user's file, checked line by line.

`config.example.toml` holds every key with its default, so it cannot grow stale: a key that is
missing there does not exist. What lives here is reading and checking; what a key means is said
in the example and acted on where it is used.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from gitcms import resources
from gitcms.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    threads: int
    allowed_hosts: tuple[str, ...]
    trusted_proxies: int
    proxies: tuple[str, ...]
    path: str
    https: bool
    plain_http: bool
    metrics_token: str


@dataclass(frozen=True, slots=True)
class SiteConfig:
    path: str
    public_url: str
    time_zone: str
    lfs: bool


@dataclass(frozen=True, slots=True)
class State:
    folder: str
    database: str


@dataclass(frozen=True, slots=True)
class Committer:
    name: str
    email: str
    signing: str
    signing_key: str
    sign_off: bool


@dataclass(frozen=True, slots=True)
class Sessions:
    idle_minutes: int
    absolute_hours: int
    link_minutes: int
    second_factor: str


@dataclass(frozen=True, slots=True)
class Oidc:
    """What goes for a provider that people sign in through; `[oidc]` alone says what goes for all of them."""

    title: str
    issuer: str
    client_id: str
    client_secret_file: str
    new_people: str
    email_domains: tuple[str, ...]
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider by the name of its section: `[oidc.NAME]`."""

    name: str
    settings: Oidc

    @property
    def title(self) -> str:
        """What people know it as."""
        return self.settings.title or self.name.capitalize()


@dataclass(frozen=True, slots=True)
class Mail:
    host: str
    port: int
    encryption: str
    user: str
    password_file: str
    sender: str


@dataclass(frozen=True, slots=True)
class Limits:
    form_bytes: int
    upload_bytes: int
    picture_pixels: int
    lock_seconds: int
    sign_in_attempts: int


@dataclass(frozen=True, slots=True)
class Build:
    command: tuple[str, ...]
    publish: tuple[str, ...]
    output: str
    quiet_seconds: float
    most_seconds: float
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Remote:
    url: str
    local: bool
    user: str
    password_file: str
    key_file: str
    known_hosts: str
    before_answer: bool
    fetch_seconds: float
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Webhooks:
    senders: int
    keep_days: int
    keep_deliveries: int


@dataclass(frozen=True, slots=True)
class Network:
    allowed: tuple[str, ...]
    ca_file: str


@dataclass(frozen=True, slots=True)
class Log:
    level: str
    format: str


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, each section a field. `source` is the user's file, or None."""

    server: Server
    site: SiteConfig
    state: State
    committer: Committer
    sessions: Sessions
    oidc: Oidc
    mail: Mail
    limits: Limits
    build: Build
    remote: Remote
    webhooks: Webhooks
    network: Network
    log: Log
    source: Path | None = None
    providers: tuple[Provider, ...] = ()

    def with_values(self, section: str, **values: object) -> Config:
        """Return this configuration with some keys of one section replaced, checked as in a file.

        :raises ConfigError: when a value has the wrong type or lies outside its range.
        """
        changed = _section(
            type(getattr(self, section)), section, _as_toml(getattr(self, section)) | values, None
        )
        _check(section, changed, None)
        return replace(self, **{section: changed})


# Of letters that stand for themselves in an address (RFC 3986, 2.3).
_PLACE = re.compile(r"(/[A-Za-z0-9._~-]+)*")
CHOICES = {
    ("committer", "signing"): ("", "ssh", "openpgp"),
    ("sessions", "second_factor"): ("", "admins", "everyone"),
    ("oidc", "new_people"): ("", "contributor", "author", "reviewer"),
    ("mail", "encryption"): ("", "starttls", "tls"),
    ("log", "level"): ("debug", "info", "warning", "error"),
    ("log", "format"): ("text", "json"),
}
LEAST: dict[tuple[str, str], float] = {
    ("server", "port"): 0,
    ("server", "threads"): 1,
    ("server", "trusted_proxies"): 0,
    ("sessions", "idle_minutes"): 1,
    ("sessions", "absolute_hours"): 1,
    ("sessions", "link_minutes"): 1,
    ("mail", "port"): 1,
    ("limits", "form_bytes"): 10_000,
    ("limits", "upload_bytes"): 10_000,
    ("limits", "picture_pixels"): 10_000,
    ("limits", "lock_seconds"): 1,
    ("limits", "sign_in_attempts"): 1,
    ("build", "quiet_seconds"): 0,
    ("build", "most_seconds"): 0,
    ("build", "timeout_seconds"): 1,
    ("remote", "fetch_seconds"): 1,
    ("remote", "timeout_seconds"): 1,
    ("webhooks", "senders"): 0,
    ("webhooks", "keep_days"): 1,
    ("webhooks", "keep_deliveries"): 1,
}


def load(path: Path | None = None) -> Config:
    """Return the defaults, with what the user's file says put over them.

    :param path: the user's TOML file, or None for the defaults alone.
    :raises ConfigError: naming file, line and the nearest known key.
    """
    values = _read(resources.example_config())
    providers: Mapping[str, Any] = {}
    if path is not None:
        own, providers = _without_providers(_read(path))
        values = _over(values, own, path)
    sections: dict[str, Any] = {}
    for name, kind in get_type_hints(Config).items():
        if name not in ("source", "providers"):
            sections[name] = _section(kind, name, values[name], path)
            _check(name, sections[name], path)
    found = tuple(_provider(name, values["oidc"], own, path) for name, own in providers.items())
    return Config(**sections, source=path, providers=found)


def comments() -> dict[tuple[str, str], str]:
    """Return (section, key) → what the shipped example says about a setting."""
    found: dict[tuple[str, str], str] = {}
    section = ""
    for line in resources.example_config().read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\].*", line):
            section = header[1]
        elif setting := re.fullmatch(r"(\w+) = .*?\s# (.*)", line):
            found[section, setting[1]] = setting[2]
    return found


def line_of(path: Path | None, section: str, key: str) -> str:
    """Return "file:line" where the user's file sets a key, or "" where it does not."""
    if path is None:
        return ""
    here = ""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            here = header[1]
        elif here == section and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
            return f"{path}:{number}"
    return ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"The configuration file {path} cannot be read: {error.strerror}.",
            where=str(path),
            hint="Check the name of the file and its permissions.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ConfigError(
            f"The configuration file is not well-formed TOML: {error}.",
            where=f"{path}:{line[1]}" if line else str(path),
        ) from error


def _over(defaults: Mapping[str, Any], own: Mapping[str, Any], path: Path) -> dict[str, Any]:
    merged = {name: dict(section) for name, section in defaults.items()}
    for name, section in own.items():
        if name not in merged:
            raise _unknown(f"[{name}]", name, list(merged), path)
        if not isinstance(section, dict):
            raise ConfigError(f"[{name}] must be a section, not a value.", where=_where(path, name))
        for key, value in section.items():
            if key not in merged[name]:
                raise _unknown(f"{key} in [{name}]", key, list(merged[name]), path)
            merged[name][key] = value
    return merged


def _without_providers(own: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the sections `[oidc.NAME]` out of `[oidc]`, which is what they share."""
    shared = own.get("oidc")
    if not isinstance(shared, dict):
        return own, {}
    providers = {name: value for name, value in shared.items() if isinstance(value, dict)}
    return own | {"oidc": {key: value for key, value in shared.items() if key not in providers}}, providers


def _provider(name: str, shared: Mapping[str, Any], own: Mapping[str, Any], path: Path | None) -> Provider:
    section = f"oidc.{name}"
    assert path is not None
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise ConfigError(
            f"[{section}] is no name of a provider.",
            where=_where(path, section),
            hint="It stands in the address that you register there: small letters, digits and hyphens.",
        )
    for key in own:
        if key not in shared:
            raise _unknown(f"{key} in [{section}]", key, list(shared), path)
    settings: Oidc = _section(Oidc, section, {**shared, **own}, path)
    _check("oidc", settings, path, section)
    for key in ("issuer", "client_id"):
        if not getattr(settings, key):
            raise ConfigError(
                f"[{section}] needs {key}.",
                where=_where(path, section),
                hint="The provider shows it where you registered this site.",
            )
    return Provider(name, settings)


def _unknown(what: str, key: str, known: list[str], path: Path) -> ConfigError:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "Known here: " + ", ".join(known) + "."
    return ConfigError(f"There is no setting {what}.", where=_where(path, key), hint=hint)


def _section(kind: type[Any], name: str, values: Mapping[str, Any], path: Path | None) -> Any:
    hints = get_type_hints(kind)
    return kind(**{key: _value(hints[key], name, key, values[key], path) for key in hints})


def _value(kind: Any, section: str, key: str, value: Any, path: Path | None) -> Any:
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        if isinstance(value, list | tuple) and all(isinstance(part, item) for part in value):
            return tuple(value)
    elif kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    elif isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    wanted = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
    raise ConfigError(
        f"{key} in [{section}] must be {wanted.get(kind, 'a list of texts')}.", where=_where(path, key)
    )


def _check(section: str, values: Any, path: Path | None, shown: str = "") -> None:
    for field in fields(values):
        value, place = getattr(values, field.name), (section, field.name)
        if place in CHOICES and value not in CHOICES[place]:
            choices = ", ".join(choice or "empty" for choice in CHOICES[place])
            raise ConfigError(
                f"{field.name} in [{shown or section}] must be one of {choices}.",
                where=_where(path, field.name),
            )
        if place in LEAST and value < LEAST[place]:
            raise ConfigError(
                f"{field.name} in [{section}] must be at least {LEAST[place]:g}.",
                where=_where(path, field.name),
            )
    if isinstance(values, Server):
        _check_proxies(values, path)


def _check_proxies(server: Server, path: Path | None) -> None:
    if not _PLACE.fullmatch(server.path):
        raise ConfigError(
            "path in [server] must be like /cms: a slash before each part and none at the end.",
            where=_where(path, "path"),
        )
    for proxy in server.proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError as error:
            raise ConfigError(
                f"{proxy!r} in proxies in [server] is no address and no network.",
                hint="Write addresses such as 10.0.0.5, or networks such as 10.0.0.0/24.",
                where=_where(path, "proxies"),
            ) from error


def _where(path: Path | None, key: str) -> str | None:
    """Return "file:line" of the first line of the user's file that names the key."""
    if path is None:
        return None
    pattern = re.compile(rf'^\s*(\[\s*)?"?{re.escape(key)}"?\s*[=\]]')
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if pattern.match(line):
            return f"{path}:{number}"
    return str(path)


def _as_toml(section: Any) -> dict[str, Any]:
    return {field.name: getattr(section, field.name) for field in fields(section)}
