"""A small provider of OpenID Connect on this machine, for tests: honest, unless it is told how to forge."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import Key, RSAKey

from gitcms.config import Oidc, Provider

CLIENT, SECRET = "gitcms-at-agora", "a secret of forty-one jars"
KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)


def signed(header: dict[str, Any], claims: dict[str, Any], key: Key = KEY) -> str:
    """Return a token as an honest provider makes it."""
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]])


def spelled(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class AProvider:
    """`who` signs in next; `claims` go over what is true (None takes one away); `sign` makes tokens."""

    address: str
    now: Callable[[], datetime]
    secret: str = SECRET
    who: dict[str, Any] = field(default_factory=lambda: {"sub": "u-41", "name": "Noa Lind"})
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any], dict[str, Any]], str] = signed
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [dict(KEY.as_dict(private=False))])
    userinfo: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Path → what is answered instead of what would be right."""
    asked: list[str] = field(default_factory=list)
    given: dict[str, dict[str, str]] = field(default_factory=dict)

    def settings(self, file: str, **more: Any) -> Provider:
        """Return what gitcms is told of it; `file` holds the secret."""
        base = {"title": "Corp", "issuer": self.address, "client_id": CLIENT, "client_secret_file": file}
        rest = {"new_people": "", "email_domains": (), "second_factor": False}
        return Provider("corp", Oidc(**{**base, **rest, **more}))

    def consent(self, address: str) -> str:
        """Do what somebody does who is sent here, signs in and agrees: return where they are sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.address}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        assert len(asked["nonce"]) >= 43 and len(asked["state"]) >= 43
        code = secrets.token_urlsafe(16)
        self.given[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    # ── what it answers ──────────────────────────────────────────────────────────────────────

    def about_itself(self) -> dict[str, Any]:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "userinfo",
            "end_session_endpoint": "goodbye",
        }
        return {
            "issuer": self.address,
            **{key: f"{self.address}/{place}" for key, place in places.items()},
            **self.metadata,
        }

    def tokens(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        asked = self.given.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if basic != f"{CLIENT}:{self.secret}" and form.get("client_secret") != self.secret:
            return 401, {"error": "invalid_client"}
        if asked is None or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant"}
        if spelled(challenge) != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        at = int(self.now().timestamp())
        true = {"iss": self.address, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": asked["nonce"]}
        true["at_hash"] = spelled(hashlib.sha256(access.encode()).digest()[:16])
        claims = {
            key: value for key, value in {**true, **self.who, **self.claims}.items() if value is not None
        }
        header = {"alg": "RS256", "kid": "one", **self.header}
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.sign(header, claims)}


@contextmanager
def provider(now: Callable[[], datetime]) -> Iterator[AProvider]:
    """Run one on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            here.asked.append(path)
            if path in here.answers:
                self._answer(*here.answers[path])
            elif path == "/.well-known/openid-configuration":
                self._json(200, here.about_itself())
            elif path == "/keys":
                self._json(200, {"keys": here.keys})
            elif path == "/userinfo":
                self._json(200, here.userinfo)
            elif path == "/authorize":
                self.send_response(302)
                self.send_header("Location", here.consent(here.address + self.path))
                self.end_headers()
            else:
                self._answer(404, b"")

        def do_POST(self) -> None:
            here.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path in here.answers:
                self._answer(*here.answers[self.path])
                return
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._json(*here.tokens(form, unquote(self.headers.get("Authorization", ""))))

        def _json(self, status: int, said: object) -> None:
            self._answer(status, json.dumps(said).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = AProvider(f"http://127.0.0.1:{server.server_port}", now)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()
    thread.join()
