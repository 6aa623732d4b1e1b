"""`gitcms doctor`: what gitcms sees in a site, where its state lies, and what stands in the way.

It looks and tells; it changes nothing, but that opening a site finishes a save that was interrupted.
"""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import click

from gitcms import __version__, builds, remotes
from gitcms import config as configuration
from gitcms.config import Config
from gitcms.errors import GitCMSError
from gitcms.repository import Finding, git_version, without_secrets
from gitcms.site import Site, open_site


@click.command()
@click.argument("site", required=False, type=click.Path(path_type=Path))
@click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
@click.option("--audit", is_flag=True, help="Check that every save is there and every file in step.")
@click.option("--json", "as_json", is_flag=True, help="With --audit: print one JSON object.")
def doctor(site: Path | None, file: Path | None, audit: bool, as_json: bool) -> None:
    """Look at SITE (this folder, when left out) and say what there is.

    Exits with 1 when something stands in the way of editing, or the audit finds something.
    """
    if as_json and not audit:
        raise click.UsageError("--json goes with --audit.")
    settings = configuration.load(file)
    if site is not None:
        settings = settings.with_values("site", path=str(site))
    if audit:
        _audit(settings, as_json)
        return
    _say("gitcms", f"{__version__}, Python {platform.python_version()}, Git {git_version()}")
    _say("settings", str(settings.source or "the defaults"))
    folder = Path(settings.site.path).expanduser().resolve()
    _say("site", str(folder))
    try:
        opened = open_site(settings)
    except GitCMSError as error:
        _say("stops", str(error))
        _say("", error.hint)
        sys.exit(1)
    try:
        _describe(opened)
    finally:
        opened.close()


def _audit(settings: Config, as_json: bool) -> None:
    """Tell what an audit of the site finds."""
    recovered, saves, files = None, 0, 0
    try:
        opened = open_site(settings)
    except GitCMSError as error:
        findings = [Finding("opens", str(error), error.hint)]
    else:
        try:
            recovered, result = opened.repository.recovered, opened.repository.audit()
        finally:
            opened.close()
        saves, files, findings = result.saves, result.files, list(result.findings)
    if as_json:
        facts = {"clean": not findings, "recovered": recovered, "saves": saves, "files": files}
        click.echo(json.dumps(facts | {"findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        if recovered:
            _say("recovered", recovered)
        for finding in findings:
            _say(finding.check, finding.sentence)
            for line in finding.details.splitlines():
                _say("", line)
        if not findings:
            _say("all well", f"{saves} saves and {files} files are what they should be.")
    sys.exit(1 if findings else 0)


def _describe(site: Site) -> None:
    model = site.model()
    _say("state", str(site.state))
    _say("branch", f"{site.repository.branch} at {site.repository.head()[:12]}")
    if model.branch not in ("", site.repository.branch):
        _say("note", f"The site's configuration names the branch “{model.branch}”, and here is another one.")
    _say("generator", model.generator)
    files = site.blobs()
    for collection in model.collections:
        count = sum(collection.holds(path) for path in files)
        _say(
            "collection",
            f"{collection.label}: {count} in {', '.join(collection.folders) or 'the top folder'}",
        )
    configured = site.configured()
    if configured.path:
        _say("model", f"read off the entries, and {configured.path}")
    for remark in configured.remarks:
        _say("note", str(remark))
    if builds.is_local(site):
        _say("rebuild", f"{' '.join(site.config.build.command)} → {builds.output_folder(site)}")
    else:
        _say("rebuild", "none; set [build] command to have the site rebuilt after each save")
    if remotes.is_on(site):
        given = remotes.connection_of(site.config, site.state)
        # A password that somebody wrote into the address is refused, and not shown either.
        _say("remote", without_secrets(given.url) if given else "")
        found = remotes.status(site)
        _say(found.state if found else "", found.sentence if found else "It has not been called yet.")
        for line in (found.hint, *found.details.splitlines()) if found else ():
            _say("", line)
    for problem in site.repository.problems():
        _say("note", problem)


def _say(name: str, text: str) -> None:
    click.echo(f"{name:<11} {text}")
