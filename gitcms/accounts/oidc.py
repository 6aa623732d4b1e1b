"""What is said to a provider of OpenID Connect, and what of its answers is believed. No account is here.

The authorization code flow with PKCE, a state and a nonce (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700).
Authlib words the requests and judges claims; everything goes out by `network`, so that no provider, nor who
names one, reaches what only this server reaches, and no answer has more than `MOST_BYTES`.

An ID token counts when a key that the provider publishes signed it, by an algorithm of ours; what a token
says about its own key is not followed, but refused. Whose account that is, is `identities`.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey, import_key

from gitcms.accounts.refusals import ProviderAway, ProviderRefused
from gitcms.config import Provider
from gitcms.errors import GitCMSError
from gitcms.network import Client, Request

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""Of public keys alone: a secret that both know, or none at all, proves nothing about who signed."""
SCOPE = "openid email profile"
MOST_BYTES = 262_144
LONGEST_TOKEN = 20_000
LONGEST_CODE = 4_000
LONGEST_SUBJECT = 255
LEAST_RSA_BITS = 2048
# Clocks differ by so much.
LEEWAY = 60
# A token is made for this very sign-in; an older one comes from another.
OLDEST_TOKEN = 900
KNOWN_FOR = timedelta(hours=1)
# A key that is not known may have been made just now; asking again costs the provider a call.
ASK_AGAIN_AFTER = timedelta(minutes=1)
# Ways in which a token would tell where its own key is to be had, or what must be understood to read it.
_OWN_KEYS = frozenset(("jwk", "jku", "x5u", "x5c", "crit", "b64"))


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself; every address of it was checked."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    by_post: bool
    names_itself: bool
    """Whether its answers name it (RFC 9207), so that one without a name is not its own."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one sign-in is proved with. None of it is ever in an address but the first two."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, as their provider says. `email` is "" when there is none that was verified."""

    issuer: str
    subject: str
    name: str
    email: str
    shown_as: str
    has_second_factor: bool


@dataclass
class _Known:
    metadata: Metadata
    until: datetime
    keys: list[Key] = field(default_factory=list)
    keys_at: datetime | None = None


class Protocol:
    """Speaks with providers, and remembers for an hour what they say of themselves. For many threads."""

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def address(self, provider: Provider, proof: Secrets, back: str) -> str:
        """Return the address that a browser is sent to.

        :param back: our own address for the answer, as it was registered with the provider.
        :raises ProviderAway: the provider does not say where that is.
        """
        known = self._metadata(provider)
        client = self._oauth(provider, known, back)
        try:
            address: str = client.create_authorization_url(
                known.authorization, state=proof.state, code_verifier=proof.verifier, nonce=proof.nonce
            )[0]
        except (AuthlibBaseError, ValueError) as error:
            raise ProviderAway(provider.title, f"{type(error).__name__}: {error}") from error
        return address

    def claims(self, provider: Provider, answer: Mapping[str, str], proof: Secrets, back: str) -> Claims:
        """Return who came back, for the answer that a browser brought. Its state is checked already.

        :raises ProviderRefused: the answer, or the token that it stands for, proves nothing.
        :raises ProviderAway: the provider could not be asked.
        """
        known = self._metadata(provider)
        named, issuer = answer.get("iss", ""), provider.settings.issuer
        if named != issuer and (named or known.names_itself):
            raise ProviderRefused("the answer is of another issuer")
        if "error" in answer:
            raise ProviderRefused(
                f"the provider says {answer['error'][:100]!r}", f"{provider.title} did not let you in."
            )
        code = answer.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE:
            raise ProviderRefused("the answer has no code")
        tokens = self._tokens(provider, known, code, proof, back)
        access = tokens.get("access_token")
        access = access if isinstance(access, str) else ""
        claims = self._checked(provider, known, tokens.get("id_token"), proof, access)
        # Only people who are new need an email, and some providers keep it out of the token.
        if provider.settings.new_people and not claims.get("email") and known.userinfo and access:
            claims = {**self._userinfo(provider, known, claims["sub"], access), **claims}
        return _read(provider, claims)

    def end_session(self, provider: Provider) -> str:
        """Return where one ends the session at a provider, if that is known without asking, or ""."""
        with self._lock:
            known = self._known.get(provider.name)
        return known.metadata.end_session if known else ""

    # ── what a provider says of itself ───────────────────────────────────────────────────────

    def _metadata(self, provider: Provider) -> Metadata:
        with self._lock:
            known = self._known.get(provider.name)
            if known is not None and self._now() < known.until:
                return known.metadata
        found = self._discover(provider)
        with self._lock:
            keys = known.keys if known is not None and known.metadata.keys == found.keys else []
            self._known[provider.name] = _Known(found, self._now() + KNOWN_FOR, keys)
        return found

    def _discover(self, provider: Provider) -> Metadata:
        issuer = provider.settings.issuer
        said = self._json(provider, Request(get_well_known_url(issuer, external=True), "GET", _JSON))
        if said.get("issuer") != issuer:
            # Otherwise one provider could speak for another (OpenID Connect Discovery 1.0, 4.3).
            raise ProviderAway(provider.title, f"it calls itself {str(said.get('issuer'))[:200]!r}")
        methods = said.get("token_endpoint_auth_methods_supported")
        methods = methods if isinstance(methods, list) else ["client_secret_basic"]
        return Metadata(
            authorization=_web_address(provider, said, "authorization_endpoint"),
            token=_web_address(provider, said, "token_endpoint"),
            keys=_web_address(provider, said, "jwks_uri"),
            userinfo=_web_address(provider, said, "userinfo_endpoint", needed=False),
            end_session=_web_address(provider, said, "end_session_endpoint", needed=False),
            by_post="client_secret_basic" not in methods and "client_secret_post" in methods,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _key(self, provider: Provider, known: Metadata, header: Mapping[str, Any]) -> Key:
        """Return the published key that a token names, or the only one that fits."""
        with self._lock:
            kept = self._known[provider.name]
            keys, asked = kept.keys, kept.keys_at
        found = _fitting(keys, header)
        if (
            asked is None
            or self._now() - asked > KNOWN_FOR
            or (not found and self._now() - asked > ASK_AGAIN_AFTER)
        ):
            keys = _read_keys(self._json(provider, Request(known.keys, "GET", _JSON)))
            with self._lock:
                kept.keys, kept.keys_at = keys, self._now()
            found = _fitting(keys, header)
        if len(found) != 1:
            raise ProviderRefused(f"the token fits {len(found)} keys of the provider")
        return found[0]

    # ── tokens ───────────────────────────────────────────────────────────────────────────────

    def _tokens(
        self, provider: Provider, known: Metadata, code: str, proof: Secrets, back: str
    ) -> Mapping[str, Any]:
        client = self._oauth(provider, known, back)
        try:
            tokens: Mapping[str, Any] = client.fetch_token(
                known.token, grant_type="authorization_code", code=code, code_verifier=proof.verifier
            )
        except (AuthlibBaseError, ValueError) as error:
            raise ProviderRefused(f"no token for the code: {error}"[:300]) from error
        return tokens

    def _oauth(self, provider: Provider, known: Metadata, back: str) -> Any:
        secret = _secret(provider)
        method = "none" if not secret else "client_secret_post" if known.by_post else "client_secret_basic"
        return OAuth2Client(
            _Session(self._client, provider),
            client_id=provider.settings.client_id,
            client_secret=secret,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
        )

    def _checked(
        self, provider: Provider, known: Metadata, token: object, proof: Secrets, access: str
    ) -> dict[str, Any]:
        """Return the claims of an ID token that is the provider's, for us, of now and of this sign-in."""
        if not isinstance(token, str) or not token or len(token) > LONGEST_TOKEN:
            raise ProviderRefused("there is no ID token, or one that is too long")
        issuer, own = provider.settings.issuer, provider.settings.client_id
        wanted = {key: {"essential": True, "value": value} for key, value in (("iss", issuer), ("aud", own))}
        try:
            header = jws.extract_compact(token.encode()).headers()
            _check_header(header)
            key = self._key(provider, known, header)
            signed = jws.deserialize_compact(token, key, algorithms=[header["alg"]])
            claims = json.loads(signed.payload or b"")
            if not isinstance(claims, dict):
                raise ProviderRefused("the token holds no claims")
            judged = CodeIDToken(
                claims,
                header,
                options=wanted,
                params={"client_id": own, "nonce": proof.nonce, "access_token": access},
            )
            judged.validate(now=int(self._now().timestamp()), leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise ProviderRefused(f"{type(error).__name__}: {error}"[:300]) from error
        _check_claims(claims, issuer, own, proof, self._now())
        return claims

    def _userinfo(self, provider: Provider, known: Metadata, subject: str, access: str) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {access}"}
        said = self._json(provider, Request(known.userinfo, "GET", headers))
        if said.get("sub") != subject:
            raise ProviderRefused("what the provider tells about somebody is about somebody else")
        return said

    def _json(self, provider: Provider, request: Request) -> dict[str, Any]:
        status, said = _asked(self._client, provider, request)
        if status != 200 or not isinstance(said, dict):
            raise ProviderAway(provider.title, f"no answer that can be used, {status}, from {request.url}")
        return said


_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class _Answer:
    """The little of an answer that Authlib's client asks for."""

    status_code: int
    said: object

    def json(self) -> object:
        return self.said

    def raise_for_status(self) -> None:
        raise ValueError(f"the provider answered {self.status_code}")


class _Session:
    """Sends what Authlib's client words, by the one client that goes out."""

    def __init__(self, client: Client, provider: Provider) -> None:
        self._client = client
        self._provider = provider

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> _Answer:
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Answer(*_asked(self._client, self._provider, Request(url, "POST", headers, body.encode())))


def _asked(client: Client, provider: Provider, request: Request) -> tuple[int, object]:
    """Return an answer's status and what its JSON says, or None where it is none."""
    wanted = Request(request.url, request.method, request.headers, request.body, MOST_BYTES)
    try:
        answer = client.send(wanted)
    except GitCMSError as error:
        raise ProviderAway(provider.title, f"{request.url}: {error} {error.details or ''}") from error
    if not answer.whole:
        raise ProviderRefused(f"more than {MOST_BYTES} bytes from {request.url}")
    try:
        return answer.status, json.loads(answer.body)
    except (ValueError, RecursionError):
        return answer.status, None


def _secret(provider: Provider) -> str:
    file = provider.settings.client_secret_file
    if not file:
        return ""
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ProviderAway(provider.title, f"client_secret_file cannot be read: {error}") from error


def _web_address(provider: Provider, said: Mapping[str, Any], key: str, *, needed: bool = True) -> str:
    """Return an address that a provider gives: https, or on the provider's own host if that is without."""
    value = said.get(key)
    if value is None and not needed:
        return ""
    parts = (
        urlsplit(value) if isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,2000}", value) else None
    )
    own = urlsplit(provider.settings.issuer)
    if parts is None or not parts.netloc or (parts.scheme != "https" and parts[:2] != own[:2]):
        raise ProviderAway(provider.title, f"its {key} is no address that can be used")
    return str(value)


def _read_keys(said: Mapping[str, Any]) -> list[Key]:
    """Return the public keys of a set that can sign; what we cannot read may be for others."""
    found: list[Key] = []
    keys = said.get("keys")
    for each in keys[:100] if isinstance(keys, list) else ():
        if not isinstance(each, dict) or each.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        if each.get("use", "sig") != "sig":
            continue
        public = {name: value for name, value in each.items() if name in _PUBLIC}
        try:
            found.append(import_key(public))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


_PUBLIC = frozenset(("kty", "n", "e", "crv", "x", "y", "kid", "alg", "use"))


def _fitting(keys: list[Key], header: Mapping[str, Any]) -> list[Key]:
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}[header["alg"][0]] if header["alg"][:2] != "Ed" else "OKP"
    fitting = [key for key in keys if key.key_type == kind and key.get("alg") in (None, header["alg"])]
    if "kid" in header:
        fitting = [key for key in fitting if key.kid == header["kid"]]
    return [key for key in fitting if not isinstance(key, RSAKey) or key.raw_value.key_size >= LEAST_RSA_BITS]


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise ProviderRefused(f"the token is signed by {str(header.get('alg'))[:40]!r}")
    if own := _OWN_KEYS & header.keys():
        raise ProviderRefused(f"the token brings {sorted(own)}")
    # A token of another kind that the provider signed, such as one of a sign-out, is no ID token.
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise ProviderRefused(f"the token is {str(header['typ'])[:40]!r}")


def _check_claims(claims: Mapping[str, Any], issuer: str, own: str, proof: Secrets, now: datetime) -> None:
    """Check again, strictly, what makes a token ours (OpenID Connect Core 1.0, 3.1.3.7)."""
    audience, subject, nonce = claims["aud"], claims["sub"], claims.get("nonce")
    audience = audience if isinstance(audience, list) else [audience]
    if claims["iss"] != issuer or own not in audience:
        raise ProviderRefused("the token is of another issuer, or for somebody else")
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != own:
        raise ProviderRefused("the token was given to somebody else")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderRefused("the token is about nobody")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "replace"), proof.nonce.encode()
    ):
        raise ProviderRefused("the token is of another sign-in")
    made, until, at = claims["iat"], claims["exp"], now.timestamp()
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in (made, until)):
        raise ProviderRefused("the token has no times")
    if not at - OLDEST_TOKEN - LEEWAY <= made <= at + LEEWAY or until <= at - LEEWAY:
        raise ProviderRefused("the token is not of now")


def _read(provider: Provider, claims: Mapping[str, Any]) -> Claims:
    said = {key: _line(claims[key]) for key in _TEXTS if isinstance(claims.get(key), str)}
    verified = claims.get("email_verified") in (True, "true")
    methods = claims.get("amr")
    name = said.get("name") or said.get("preferred_username") or ""
    return Claims(
        issuer=provider.settings.issuer,
        subject=claims["sub"],
        name=name,
        email=said.get("email", "") if verified else "",
        shown_as=(said.get("email") or said.get("preferred_username") or name or claims["sub"])[:254],
        has_second_factor=isinstance(methods, list) and "mfa" in methods,
    )


_TEXTS = ("name", "preferred_username", "email")


def _line(text: str) -> str:
    return "".join(letter for letter in text[:1000] if letter.isprintable()).strip()
