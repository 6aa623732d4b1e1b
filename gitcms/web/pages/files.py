"""Pictures of the site, as they are saved, for the pages that show them.

A file of the site is someone else's content: it is told to be nothing but a picture, judged by its
bytes, and shut into a sandbox. Everything that is no picture is not given out at all.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from gitcms import media
from gitcms.accounts.permissions import Permission
from gitcms.content.paths import check_path
from gitcms.errors import NotFound, PathRefused
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.security import open_to_everyone, requires, sandboxed

SVG = "image/svg+xml"
# An answer is bound to the blob, so a browser may keep it but asks again whether it is still so.
CACHING = "private, no-cache"


def register(app: Flask) -> None:
    app.add_url_rule("/files/<path:path>", "files", files)
    app.add_url_rule("/logo", "logo", logo)
    app.add_url_rule("/picture-versions/<blob>/<path:path>", "picture_version", picture_version)


@requires(Permission.VIEW)
def files(path: str) -> Response:
    """Send one picture. SVG can hold scripts, so it comes as a download and never as a page."""
    site: Site = g.site
    return _sent(site, _blob(site, path), path)


@open_to_everyone
def logo() -> Response:
    """Send the site's logo, which whoever signs in sees before."""
    site: Site = g.site
    path = look.logo_path(site)
    return _sent(site, _blob(site, path), path)


@requires(Permission.VIEW)
def picture_version(blob: str, path: str) -> Response:
    """Send a picture as it was in some version, by the id of its content."""
    return _sent(g.site, blob, path)


def _sent(site: Site, blob: str, path: str) -> Response:
    if request.if_none_match.contains(blob):
        response = Response(status=304)
    else:
        data = site.repository.read_blob(blob)
        if site.repository.is_elsewhere(data):
            raise NotFound(
                "The content of this picture is not on this server.",
                hint="Ask an administrator to fetch the site's large files.",
            )
        kind = media.media_type(data) or _svg(path, data)
        if kind is None:
            raise NotFound("There is no such picture.")
        response = Response(data, mimetype=kind)
        if kind == SVG:
            response.headers["Content-Disposition"] = "attachment"
    response.set_etag(blob)
    response.headers["Cache-Control"] = CACHING
    return sandboxed(response)


def _blob(site: Site, path: str) -> str:
    try:
        check_path(path, existing=True)
    except PathRefused as error:
        raise NotFound("There is no such picture.") from error
    blob: str | None = site.repository.blob_of(path)
    if blob is None:
        raise NotFound("There is no such picture.")
    return blob


def _svg(path: str, data: bytes) -> str | None:
    return SVG if path.lower().endswith(".svg") and b"<svg" in data[:4096].lower() else None
