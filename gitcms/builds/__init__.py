"""Rebuilds: asked for, under way, live or failed; by a command of this server or by a service elsewhere.

    standing   what became of each rebuild, how a saved version stands, and what builders report
    command    the site's own generator run by a local command
    looking    whether the published page shows what was saved, where no builder says so

When a rebuild is due is decided in `events`, who runs it in `jobs`, and how a service is asked in `webhooks`.
"""

from __future__ import annotations

from gitcms.builds.command import output_folder, requeue_interrupted, run_next
from gitcms.builds.standing import (
    FAILED,
    HERE,
    LIVE,
    OFF,
    QUEUED,
    REPLACED,
    RUNNING,
    UNHEARD,
    BuildStatus,
    Report,
    asked_again,
    asked_of_service,
    counts,
    enqueue,
    find,
    finished,
    forget,
    is_local,
    is_on,
    named,
    not_asked,
    of_delivery,
    recent,
    report,
    request,
    services,
    status,
    token,
    token_fits,
)

__all__ = [
    "FAILED",
    "HERE",
    "LIVE",
    "OFF",
    "QUEUED",
    "REPLACED",
    "RUNNING",
    "UNHEARD",
    "BuildStatus",
    "Report",
    "asked_again",
    "asked_of_service",
    "counts",
    "enqueue",
    "find",
    "finished",
    "forget",
    "is_local",
    "is_on",
    "named",
    "not_asked",
    "of_delivery",
    "output_folder",
    "recent",
    "report",
    "request",
    "requeue_interrupted",
    "run_next",
    "services",
    "status",
    "token",
    "token_fits",
]
