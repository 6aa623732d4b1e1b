"""What the script of a relation's control asks for: entries whose words begin as somebody types."""

from __future__ import annotations

from flask import Flask, abort, g, jsonify, request
from werkzeug.wrappers import Response

from gitcms import entries
from gitcms.accounts.permissions import Permission
from gitcms.site import Site
from gitcms.web.security import requires

MOST_SEARCHED = 200


def register(app: Flask) -> None:
    app.add_url_rule("/collections/<name>/relations", "relations", relations)


@requires(Permission.VIEW)
def relations(name: str) -> Response:
    """Answer with entries that the field at `field` (a way of keys) can name, for the words `q`."""
    site: Site = g.site
    field = entries.field_at(site.collection(name), request.args.getlist("field"))
    if field is None or field.type != "relation":
        abort(404)
    found = entries.look_for(site, field, request.args.get("q", "").strip()[:MOST_SEARCHED])
    return jsonify([{"value": one.value, "title": one.title} for one in found])
