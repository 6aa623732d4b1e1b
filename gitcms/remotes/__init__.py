"""What is saved here goes to the remote, and what others saved there comes in; never is anything forced.

    connection   where the remote is, and how we show who we are
    exchange     one call: fetch, take in or join, send
    standing     how things stand, kept for people to read and for the next call to wait
    cloning      starting from nothing but its address
    first_run    the same asked for step by step, by somebody who looks on
    deciding     what somebody chose where both sides changed the same, or the remote was rewritten

How git is run is the repository's; when, is `jobs`'.
"""

from __future__ import annotations

from gitcms.remotes.connection import Connection, connection_of, is_on
from gitcms.remotes.deciding import (
    MINE,
    THEIRS,
    Clash,
    Decision,
    clash,
    decide,
    decisions,
    go_on,
    is_decided,
    joined,
)
from gitcms.remotes.exchange import fetch_now, send_now, sync, sync_if_due
from gitcms.remotes.standing import Status, is_sent, status

__all__ = [
    "MINE",
    "THEIRS",
    "Clash",
    "Connection",
    "Decision",
    "Status",
    "clash",
    "connection_of",
    "decide",
    "decisions",
    "fetch_now",
    "go_on",
    "is_decided",
    "is_on",
    "is_sent",
    "joined",
    "send_now",
    "status",
    "sync",
    "sync_if_due",
]
