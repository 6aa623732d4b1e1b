"""Every setting with its value, where it comes from, and whether the file still says what runs. For admins.

Settings are changed in the file, by who holds the machine: a page that wrote them could name programs to run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue

from gitcms import config as configuration
from gitcms.accounts.permissions import Permission
from gitcms.config import Config, Provider
from gitcms.errors import ConfigError
from gitcms.sealing import MASK
from gitcms.site import Site
from gitcms.web.security import requires

_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@\s]*@")


@dataclass(frozen=True, slots=True)
class Setting:
    """`source` is "default", "start" (given on the command line) or the file's name and line.

    `later` is what the file says by now, where that is something else: it counts from the next start on.
    """

    key: str
    value: str
    default: str
    about: str
    source: str
    later: str = ""


def register(app: Flask) -> None:
    app.add_url_rule("/settings", "settings", settings)


@requires(Permission.VIEW_SETTINGS)
def settings() -> ResponseReturnValue:
    site: Site = g.site
    problem: ConfigError | None = None
    by_now = site.config
    try:
        by_now = configuration.load(site.config.source)
    except ConfigError as error:
        problem = error
    return render_template(
        "settings/settings.html",
        sections=_sections(site.config, by_now),
        source=str(site.config.source or ""),
        state=str(site.state),
        problem=problem,
    )


def _sections(config: Config, by_now: Config) -> dict[str, list[Setting]]:
    defaults, about = configuration.load(), configuration.comments()
    found: dict[str, list[Setting]] = {}
    for section in fields(config):
        running = getattr(config, section.name)
        if not is_dataclass(running):
            continue
        for field in fields(running):
            place = (section.name, field.name)
            value, default, later = (
                spelled(getattr(getattr(each, section.name), field.name))
                for each in (config, defaults, by_now)
            )
            line = configuration.line_of(config.source, *place)
            source = line or ("default" if value == default else "start")
            # What was given at the start counts before the file, at the next start as well.
            changed = later if later != value and (line or value != default) and source != "start" else ""
            found.setdefault(section.name, []).append(
                Setting(field.name, value, default, about.get(place, ""), source, changed)
            )
    for provider in config.providers:
        found[f"oidc.{provider.name}"] = _of_provider(config, provider, by_now)
    return found


def _of_provider(config: Config, provider: Provider, by_now: Config) -> list[Setting]:
    """Return what goes for one provider, with what it has of `[oidc]`."""
    about = configuration.comments()
    later = {each.name: each.settings for each in by_now.providers}.get(provider.name, provider.settings)
    rows = []
    for field in fields(provider.settings):
        value, default, then = (
            spelled(getattr(each, field.name)) for each in (provider.settings, config.oidc, later)
        )
        line = configuration.line_of(config.source, f"oidc.{provider.name}", field.name)
        line = line or configuration.line_of(config.source, "oidc", field.name)
        changed = then if then != value else ""
        rows.append(
            Setting(
                field.name, value, default, about.get(("oidc", field.name), ""), line or "default", changed
            )
        )
    return rows


def spelled(value: object) -> str:
    """Return a value as the file would have it, without a password that stands in an address."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(spelled(each) for each in value) + "]"
    if not isinstance(value, str):
        return str(value)
    masked = _PASSWORD.sub(lambda found: f"{found[1]}:{MASK}@", value)
    return f'"{masked}"'
