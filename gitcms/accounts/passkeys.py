"""Passkeys (WebAuthn Level 3): adding one to an account, and who comes by one. Nothing of Flask lives here.

A passkey is a key that a telephone, a computer or a stick keeps, and gives a signature of only after it has
made sure of its owner by a PIN, a finger or a face: so it stands for password and second factor together. It
signs a challenge of ours that serves one browser once, the address that the browser stands at, and the name
of this server; each is checked here, and the signature by fido2. Attestation is not asked for: which make a
key is of tells us nothing that we would act on.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import delete, func, select, update

from gitcms.accounts import identities, users
from gitcms.accounts.refusals import InvalidAccount, PasskeyRefused, ProviderRefused
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import Passkey, User
from gitcms.errors import AccountError, NotFound
from gitcms.sealing import Seal

MOST = 20
LONGEST_NAME = 60
LONGEST_ANSWER = 20_000
LONGEST_ID = 1023
PURPOSE = "passkeys"
# What a challenge is for; no provider has such a name.
SIGN_IN, ADD = ":passkey", ":new-passkey"
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError),
    *(struct.error, RecursionError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a browser stands: the server's name, and the whole origin, both as the browser has them."""

    name: str
    origin: str
    title: str


@dataclass(frozen=True, slots=True)
class Known:
    """One passkey as its owner sees it."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


# ── adding ───────────────────────────────────────────────────────────────────────────────────


def begin_adding(
    database: Database, folder: Path, account: Account, door: Door, browser_id: str, *, now: datetime
) -> dict[str, Any]:
    """Return what a browser is asked, to make a passkey for somebody.

    :param folder: the state folder, where the sealing key lies.
    :raises AccountError: there are enough already.
    """
    with database.reading() as session:
        kept = session.scalars(select(Passkey.credential).where(Passkey.user_id == account.id)).all()
    if len(kept) >= MOST:
        raise AccountError(f"You have {MOST} passkeys.", hint="Remove one that you no longer use.")
    options, state = _server(door).register_begin(
        PublicKeyCredentialUserEntity(
            name=account.email, id=_handle(folder, account.id), display_name=account.name
        ),
        credentials=[AttestedCredentialData(websafe_decode(each)) for each in kept],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _remember(database, folder, state["challenge"], browser_id, ADD, account.id, now)
    return dict(options)


def finish_adding(
    database: Database,
    folder: Path,
    account: Account,
    name: str,
    answer: str,
    door: Door,
    browser_id: str,
    *,
    now: datetime,
) -> None:
    """Keep the passkey that a browser made.

    :param name: what its owner calls it.
    :raises PasskeyRefused: the answer is not of this challenge, browser, person or address.
    :raises InvalidAccount: the name cannot be taken.
    """
    name = users.tidy(name)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidAccount({"name": f"Write a name of at most {LONGEST_NAME} letters."})
    said = _mapping(answer)
    try:
        challenge = RegistrationResponse.from_dict(said).response.client_data.challenge
    except _UNREADABLE as error:
        raise PasskeyRefused(f"{type(error).__name__}: {error}"[:300]) from error
    state = _state(database, folder, challenge, browser_id, ADD, account.id, now)
    try:
        made = _server(door).register_complete(state, said)
    except _UNREADABLE as error:
        raise PasskeyRefused(f"{type(error).__name__}: {error}"[:300]) from error
    credential = made.credential_data
    if credential is None or not 0 < len(credential.credential_id) <= LONGEST_ID:
        raise PasskeyRefused("there is no credential in it")
    key = websafe_encode(credential.credential_id)
    with database.session() as session:
        if session.scalar(select(Passkey.id).where(Passkey.credential_id == key)):
            raise PasskeyRefused("somebody has this credential already")
        session.add(
            Passkey(
                user_id=account.id,
                credential_id=key,
                credential=websafe_encode(bytes(credential)),
                counter=made.counter,
                name=name,
                created_at=now,
            )
        )


# ── coming in ────────────────────────────────────────────────────────────────────────────────


def begin(database: Database, folder: Path, door: Door, browser_id: str, *, now: datetime) -> dict[str, Any]:
    """Return what a browser is asked, for somebody who is to say by a passkey who they are."""
    options, state = _server(door).authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    _remember(database, folder, state["challenge"], browser_id, SIGN_IN, None, now)
    return dict(options)


def finish(
    database: Database, folder: Path, answer: str, door: Door, browser_id: str, *, now: datetime
) -> Account:
    """Return who comes by a passkey.

    :raises PasskeyRefused: nobody has it, it is shut out, or the answer proves nothing.
    """
    said = _mapping(answer)
    try:
        given = AuthenticationResponse.from_dict(said)
        challenge, counter = given.response.client_data.challenge, given.response.authenticator_data.counter
        key, handle = websafe_encode(given.raw_id), given.response.user_handle
    except _UNREADABLE as error:
        raise PasskeyRefused(f"{type(error).__name__}: {error}"[:300]) from error
    state = _state(database, folder, challenge, browser_id, SIGN_IN, None, now)
    with database.reading() as session:
        found = session.execute(
            select(Passkey, User)
            .join(User, User.id == Passkey.user_id)
            .where(Passkey.credential_id == key[: LONGEST_ID * 2])
        ).one_or_none()
    if found is None:
        raise PasskeyRefused("nobody here has this passkey")
    passkey, user = found
    try:
        credential = AttestedCredentialData(websafe_decode(passkey.credential))
        _server(door).authenticate_complete(state, [credential], said)
    except _UNREADABLE as error:
        raise PasskeyRefused(f"{type(error).__name__}: {error}"[:300]) from error
    if not user.active or (handle is not None and handle != _handle(folder, user.id)):
        raise PasskeyRefused(f"account {user.id} is shut, or the passkey names another")
    _count(database, passkey, counter, now)
    return users.account_of(user)


# ── one's own ────────────────────────────────────────────────────────────────────────────────


def of_person(database: Database, user_id: int) -> list[Known]:
    """Return a person's passkeys, the oldest first."""
    with database.reading() as session:
        found = session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).all()
    return [Known(each.id, each.name, each.created_at, each.used_at) for each in found]


def counts(database: Database) -> dict[int, int]:
    """Return how many passkeys each person has who has any, by the person's number."""
    with database.reading() as session:
        rows = session.execute(select(Passkey.user_id, func.count()).group_by(Passkey.user_id))
        return dict(rows.all())


def remove(database: Database, user_id: int, passkey: int) -> None:
    """Take one away; at least one way in stays.

    :raises NotFound: the person has no such one.
    :raises AccountError: it is the only way in.
    """
    with database.session() as session:
        found = session.get(Passkey, passkey) if passkey <= users.LARGEST_NUMBER else None
        if found is None or found.user_id != user_id:
            raise NotFound("That had been removed already.")
        identities.keep_a_way_in(session, user_id)
        session.delete(found)


def remove_all(database: Database, user_id: int) -> int:
    """Take all of them away, since whoever kept them lost them. Returns how many there were."""
    with database.session() as session:
        return len(
            session.scalars(delete(Passkey).where(Passkey.user_id == user_id).returning(Passkey.id)).all()
        )


# ── behind the scenes ────────────────────────────────────────────────────────────────────────


def _server(door: Door) -> Fido2Server:
    # The whole origin, not any page beneath the name: another port is another program.
    return Fido2Server(
        PublicKeyCredentialRpEntity(name=door.title, id=door.name),
        verify_origin=lambda origin: origin == door.origin,
    )


def _remember(
    database: Database,
    folder: Path,
    challenge: str,
    browser_id: str,
    purpose: str,
    person: int | None,
    now: datetime,
) -> None:
    identities.send_off(database, folder, challenge, browser_id, purpose, {"for": person}, now=now)


def _state(
    database: Database,
    folder: Path,
    challenge: bytes,
    browser_id: str,
    purpose: str,
    person: int | None,
    now: datetime,
) -> dict[str, Any]:
    """Use a challenge up, and return what fido2 kept with it."""
    text = websafe_encode(challenge)
    try:
        kept = identities.come_back(database, folder, text, browser_id, purpose, now=now)
    except ProviderRefused as error:
        raise PasskeyRefused(error.details or "") from error
    if kept["for"] != person:
        raise PasskeyRefused("the challenge was for somebody else")
    return {"challenge": text, "user_verification": UserVerificationRequirement.REQUIRED}


def _count(database: Database, passkey: Passkey, counter: int, now: datetime) -> None:
    """Write down that it was used; a counter that does not grow is a copy's (WebAuthn, 6.1.1)."""
    with database.session() as session:
        used = session.execute(
            update(Passkey)
            .where(Passkey.id == passkey.id, (Passkey.counter < counter) | (Passkey.counter + counter == 0))
            .values(counter=counter, used_at=now)
        )
        if not used.rowcount:  # type: ignore[attr-defined]
            raise PasskeyRefused(f"a copy? passkey {passkey.id} counts {counter}, and did so before")


def _mapping(answer: str) -> Mapping[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused("the answer is too long")
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused("the answer is no JSON") from error
    if not isinstance(said, dict):
        raise PasskeyRefused("the answer is no JSON of ours")
    return said


def _handle(folder: Path, user_id: int) -> bytes:
    """Return what a passkey calls its owner: the same each time, and nothing that tells who it is."""
    return bytes.fromhex(Seal(folder, PURPOSE).digest(str(user_id)))
