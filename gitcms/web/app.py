"""The application: where the rooms of the web floor are put together. Nothing is decided here.

`create_app` is what a WSGI server calls; there is no application before it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from gitcms import logs, resources, state
from gitcms.config import Config
from gitcms.remotes.first_run import FirstRun
from gitcms.site import Site, Vacant, open_site
from gitcms.web import errors_page, first_run, languages, login, look, pages, security
from gitcms.web.sessions import DatabaseSessions, is_for_everyone

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What surrounds text and picture in a request: the other fields and the lines between the parts.
AROUND = 1_000_000
# A long list of objects has some thousand fields.
MOST_FIELDS = 20_000
# Forms with long texts are sent in parts, whose number is bounded. Werkzeug reads the other kind as a
# whole, however many fields it has, so that kind must be short.
URL_ENCODED = "application/x-www-form-urlencoded"
SHORT_FORM = 1_000_000


def create_app(config: Config, site: Site | None = None) -> Flask:
    """Return the application that serves a site.

    :param config: where the site is, how to listen, how much is too much.
    :param site: the site when it is open already; it is opened otherwise.
    :raises RepositoryUnusable: when the site cannot be opened as it is.
    :raises StorageFailed: when the state cannot be kept.
    """
    return _put_together(config, site if site is not None else open_site(config), pages.register)


def create_first_run(config: Config, vacant: Vacant, run: FirstRun) -> Flask:
    """Return the application that is there before the site is: it has the pages of the first run alone.

    :param vacant: the folder that waits for the site. :param run: what becomes of it.
    """
    return _put_together(config, vacant, partial(first_run.register, run=run))


def _put_together(config: Config, site: Site | Vacant, register: Callable[[Flask], None]) -> Flask:
    app = _Application("gitcms.web", template_folder=str(resources.templates_folder()))
    secret = state.secret_key(site.state)
    # flask-login would sign remember-me cookies with it; we give out none.
    app.secret_key = hmac.digest(secret, b"flask", hashlib.sha256)
    _limit(app, config)
    _prepare_templates(app, site)
    app.session_interface = DatabaseSessions(config, site.database, site.now)
    app.extensions["gitcms"] = site
    app.before_request(_begin(site))
    login.manage(app)
    security.protect(app, config.server, secret, login.ask_to_sign_in)
    errors_page.register(app)
    register(app)
    security.open_to_everyone(app.view_functions["static"])
    app.after_request(_log)
    app.wsgi_app = _behind_proxies(app.wsgi_app, config)  # type: ignore[method-assign,assignment]
    return app


class _Application(Flask):
    # Read by Flask when it makes the environment of its templates.
    jinja_environment = languages.Environment


def _limit(app: Flask, config: Config) -> None:
    limits = config.limits
    app.config["MAX_CONTENT_LENGTH"] = limits.form_bytes + limits.upload_bytes + AROUND
    app.config["MAX_FORM_MEMORY_SIZE"] = limits.form_bytes
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS


def _prepare_templates(app: Flask, site: Site | Vacant) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # A page says where it stands in the rail; those that stand nowhere say nothing.
    app.jinja_env.globals.update(here="", site=site)
    look.register(app)
    languages.register(app)


def _begin(site: Site | Vacant) -> Callable[[], None]:
    def begin() -> None:
        g.site = site
        g.begun = time.monotonic()
        if request.mimetype == URL_ENCODED:
            request.max_content_length = SHORT_FORM

    return begin


def _log(response: Response) -> Response:
    """Write the request's line: the route rather than the address, since links hold tokens."""
    if is_for_everyone(request.path) and response.status_code < 400:
        return response
    signed_in = current_user.is_authenticated
    logs.event(
        "request",
        method=request.method,
        path=_path_without_token(),
        status=response.status_code,
        ms=round((time.monotonic() - g.begun) * 1000) if "begun" in g else None,
        who=current_user.get_id() if signed_in else None,
        where=request.remote_addr,
    )
    return response


def _path_without_token() -> str:
    """Return the path for the log; where a token could be in it, the route, or what is before the token."""
    if (rule := request.url_rule) is not None:
        return rule.rule if "token" in rule.arguments else request.path
    # Asked for by a wrong method, or with a word too many behind it: the token is as good as ever.
    path = re.sub("/+", "/", request.path)
    for known in current_app.url_map.iter_rules():
        before = known.rule.partition("<token>")[0]
        if "token" in known.arguments and path.casefold().startswith(before):
            return f"{before}…"
    return request.path


def _behind_proxies(inner: WSGIApplication, config: Config) -> WSGIApplication:
    """Believe what the configured proxies say of the browser, and nobody else; answer at their path."""
    server = config.server
    if server.path:
        inner = _under(server.path, inner)
    if server.trusted_proxies:
        trusted = server.trusted_proxies
        # Where we stand is for our own configuration to say.
        inner = ProxyFix(inner, x_for=trusted, x_proto=trusted, x_host=trusted, x_prefix=0)
        inner = _from_listed(server.proxies, inner)
    if not server.https:
        return inner

    def by_https(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "https"
        return application(environ, start)

    application = inner
    return by_https


def _from_listed(proxies: tuple[str, ...], inner: WSGIApplication) -> WSGIApplication:
    """Forget what those who are no proxy of ours say of where a request came from."""
    networks = [ipaddress.ip_network(each, strict=False) for each in proxies]

    def listed(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if networks and not _is_in(environ.get("REMOTE_ADDR", ""), networks):
            for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED_")]:
                del environ[name]
        return inner(environ, start)

    return listed


def _is_in(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False  # no address at all, as through a socket of this machine
    return any(known in network for network in networks)


def _under(path: str, inner: WSGIApplication) -> WSGIApplication:
    """Answer below a path, whether or not the proxy before us takes it off."""

    def under(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if asked == path or asked.startswith(f"{path}/"):
            environ["PATH_INFO"] = asked.removeprefix(path) or "/"
        environ["SCRIPT_NAME"] = path
        return inner(environ, start)

    return under
