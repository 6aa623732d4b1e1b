"""The services that hear of what happens: who they are, what they hear, and their secrets.

Addresses of build hooks are passwords, so all that an administrator fills in is kept sealed, and people
are shown what is left without them. What is on its way to an endpoint lives in `queue`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from gitcms import builds, network
from gitcms.database.models import Endpoint
from gitcms.errors import GitCMSError, NotFound
from gitcms.sealing import MASK, Seal, masked
from gitcms.site import Site
from gitcms.webhooks import kinds, signing
from gitcms.webhooks.presets import PRESETS, Preset, request_of

ROTATION = timedelta(hours=24)
"""For so long after a change of the signing key both keys sign."""


LONGEST_WAIT = 3_600


class InvalidEndpoint(GitCMSError):
    """What an administrator filled in cannot be used. `errors` maps a field to a sentence."""

    code = "webhook.invalid"
    hint = "Mend what is named, and save again."

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is sealed of an endpoint. `keys` are the signing keys, the newest first, each with the moment
    (ISO 8601, or "") after which it no longer signs; `hub` adds GitHub's signature."""

    fields: dict[str, str]
    keys: list[tuple[str, str]]
    hub: bool = False

    def signing_keys(self, now: datetime) -> list[str]:
        """Return the keys that sign now."""
        return [key for key, until in self.keys if not until or datetime.fromisoformat(until) > now]

    def hidden(self, preset: Preset) -> list[str]:
        """Return every text that must not be seen: secret fields and their parts, keys."""
        found = [key for key, _ in self.keys] + [key.partition("_")[2] for key, _ in self.keys]
        for each in preset.fields:
            value = self.fields.get(each.name, "")
            if each.secret:
                found.append(value)
                if each.name == "url":
                    parts = urlsplit(value)
                    found += [
                        part for part in re.split(r"[/?&=]", f"{parts.path}?{parts.query}") if len(part) > 7
                    ]
        return found


class Service:
    """An endpoint as it stood when deliveries to it were claimed. Its secrets are opened once for them all,
    and never for later ones: what is changed holds for the next that is claimed."""

    def __init__(self, number: int, name: str, preset: str, shown_url: str, sealed: str) -> None:
        self.id, self.name, self.preset, self.shown_url, self.sealed = number, name, preset, shown_url, sealed
        self._secrets: Secrets | None = None

    def secrets(self, site: Site) -> Secrets:
        """Return what is sealed. :raises StorageFailed: the clone's key has changed."""
        if self._secrets is None:
            self._secrets = opened(site, self)
        return self._secrets


def rules(site: Site) -> network.Rules:
    """Return what this server may call, by its configuration."""
    settings = site.config
    own = frozenset(name.lower() for name in settings.server.allowed_hosts)
    return network.rules(settings.network.allowed, own, settings.network.ca_file)


def add(
    site: Site,
    *,
    name: str,
    preset: str,
    fields: Mapping[str, str],
    events: Sequence[str] = (),
    in_order: bool = False,
    ed25519: bool = False,
    hub: bool = False,
    by: str = "",
) -> tuple[int, str]:
    """Add an endpoint. Returns its number, and the key that its receiver needs, to be shown this once, or "".

    :param fields: the preset's fields by name.
    :param events: filters such as "content.*"; the preset's own when left out.
    :raises InvalidEndpoint: with a sentence for each field; an address that is not called has its own.
    """
    row = PRESETS.get(preset)
    if row is None:
        raise InvalidEndpoint({"preset": f"There is no preset {preset!r}. Known: {', '.join(PRESETS)}."})
    key = (signing.new_private_key() if ed25519 else signing.new_secret()) if row.signed else ""
    secrets = Secrets(_checked(site, row, name, fields, events), [(key, "")] if key else [], hub)
    with site.database.session() as session:
        endpoint = Endpoint(
            name=name.strip(),
            preset=preset,
            shown_url=_shown(row, secrets),
            sealed=_seal(site).close(_as_text(secrets)),
            events=list(events or row.events),
            in_order=in_order,
            quiet_seconds=row.quiet,
            most_seconds=row.most,
            created_at=site.now(),
            created_by=by[:100],
        )
        session.add(endpoint)
        session.flush()
        number = endpoint.id
    return number, signing.public_key(key) if ed25519 and key else key


def change(
    site: Site,
    number: int,
    *,
    name: str,
    fields: Mapping[str, str],
    events: Sequence[str],
    in_order: bool,
    quiet: float,
    most: float,
) -> None:
    """Change an endpoint. A secret field that is left empty stays as it is.

    :raises InvalidEndpoint: with a sentence for each field. :raises NotFound: there is no such endpoint.
    """
    with site.database.session() as session:
        endpoint = find(session, number)
        row, old = PRESETS[endpoint.preset], opened(site, endpoint)
        kept = {each.name for each in row.fields if each.secret and not fields.get(each.name, "").strip()}
        filled = {**fields, **{field: old.fields[field] for field in kept}}
        secrets = Secrets(_checked(site, row, name, filled, events), old.keys, old.hub)
        if not 0 <= quiet <= most <= LONGEST_WAIT:
            raise InvalidEndpoint(
                {"quiet": f"Wait between 0 and {LONGEST_WAIT} seconds, at most the longest wait."}
            )
        endpoint.name, endpoint.events, endpoint.in_order = name.strip(), list(events or row.events), in_order
        endpoint.quiet_seconds, endpoint.most_seconds = quiet, most
        endpoint.sealed, endpoint.shown_url = _seal(site).close(_as_text(secrets)), _shown(row, secrets)


def get(site: Site, number: int) -> Endpoint:
    """Return an endpoint. :raises NotFound: there is none of this number."""
    with site.database.reading() as session:
        return find(session, number)


def shown_fields(site: Site, endpoint: Endpoint) -> dict[str, str]:
    """Return what is filled in of an endpoint, for a form: secrets are left out."""
    values = opened(site, endpoint).fields
    return {each.name: "" if each.secret else values[each.name] for each in PRESETS[endpoint.preset].fields}


def everyone(site: Site) -> list[Endpoint]:
    """Return all endpoints in the order in which they came."""
    with site.database.reading() as session:
        return list(session.scalars(select(Endpoint).order_by(Endpoint.id)))


def paused(site: Site) -> list[Endpoint]:
    """Return the endpoints to which nothing is sent for now."""
    return [each for each in everyone(site) if each.paused_at is not None]


def rotate(site: Site, number: int) -> str:
    """Give an endpoint a new signing key and return what its receiver needs; the old one signs a day more.

    :raises NotFound: there is no such endpoint, or it signs nothing.
    """
    with site.database.session() as session:
        endpoint = find(session, number)
        secrets = opened(site, endpoint)
        if not secrets.keys:
            raise NotFound("What is sent there is not signed.", hint="Only the preset `standard` signs.")
        private = secrets.keys[0][0].startswith(signing.PRIVATE)
        key = signing.new_private_key() if private else signing.new_secret()
        until = (site.now() + ROTATION).isoformat()
        kept = [(old, end or until) for old, end in secrets.keys][:3]
        endpoint.sealed = _seal(site).close(
            _as_text(Secrets(secrets.fields, [(key, ""), *kept], secrets.hub))
        )
    return signing.public_key(key) if private else key


def pause(site: Site, number: int, why: str) -> None:
    """Send nothing there until it is resumed. What happens meanwhile waits."""
    with site.database.session() as session:
        endpoint = find(session, number)
        endpoint.paused_at, endpoint.paused_why = site.now(), why[:300]


def resume(site: Site, number: int) -> None:
    """Send what waits, and what comes."""
    with site.database.session() as session:
        endpoint = find(session, number)
        endpoint.paused_at, endpoint.paused_why = None, ""
        endpoint.failures, endpoint.failing_since = 0, None


def remove(site: Site, number: int) -> None:
    """Forget an endpoint with all that waits for it and its log."""
    with site.database.session() as session:
        session.delete(find(session, number))
        builds.forget(session, number)


def find(session: Session, number: int) -> Endpoint:
    """Return an endpoint. :raises NotFound: there is none of this number."""
    found = session.get(Endpoint, number)
    if found is None:
        raise NotFound("There is no such webhook.", hint="`gitcms webhook list` shows those there are.")
    return found


def opened(site: Site, endpoint: Endpoint | Service) -> Secrets:
    """Return the secrets of an endpoint.

    :raises StorageFailed: the clone's key has changed.
    """
    kept = json.loads(_seal(site).open(endpoint.sealed))
    return Secrets(kept["fields"], [(key, until) for key, until in kept["keys"]], kept["hub"])


def _checked(
    site: Site, row: Preset, name: str, fields: Mapping[str, str], events: Sequence[str]
) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not name.strip() or len(name) > 100 or not name.isprintable():
        errors["name"] = "Give it a name of at most 100 letters."
    values = {each.name: fields.get(each.name, "").strip() or each.default for each in row.fields}
    for each in row.fields:
        if not re.fullmatch(each.pattern, values[each.name], re.ASCII if each.secret else 0):
            errors[each.name] = f"{each.label} is missing, or not as it should be."
    for extra in fields.keys() - values.keys():
        errors[extra] = f"{row.label} has no field {extra!r}; it has {', '.join(values)}."
    for wrong in kinds.unknown(events):
        errors["events"] = f"There is no kind of event {wrong!r}. Known: {', '.join(kinds.KINDS)}."
    if not errors:
        url, headers, _ = request_of(row, values, {}, "", "")
        try:
            network.check_url(url, rules(site))
            for header, value in headers.items():
                network.check_header(header, value)
        except network.AddressRefused as error:
            place = "url" if "url" in values else "base" if "base" in values else row.fields[0].name
            errors[place] = f"{error} {error.hint}"
    if errors:
        raise InvalidEndpoint(errors)
    return values


def _shown(row: Preset, secrets: Secrets) -> str:
    url, _, _ = request_of(row, secrets.fields, {}, "", "")
    place = urlsplit(url)
    if any(each.name == "url" for each in row.fields):
        tail = place.path.rstrip("/")[-4:]
        return f"{place.netloc}/…{tail}"[:300] if len(place.path) > 12 else f"{place.netloc}/{MASK}"
    return masked(url, secrets.hidden(row))[:300]


def _as_text(secrets: Secrets) -> str:
    return json.dumps({"fields": secrets.fields, "keys": secrets.keys, "hub": secrets.hub})


def _seal(site: Site) -> Seal:
    return Seal(site.state, "webhooks")
