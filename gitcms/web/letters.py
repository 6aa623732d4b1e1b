"""The mails that people get from us: a link that lets them in, as an invitation or after a lost password.

Whether a link may be made is decided by who calls; here it is put into words and handed to `gitcms.mail`.
"""

from __future__ import annotations

import threading

from flask import g, request

from gitcms import logs, mail
from gitcms.accounts import links
from gitcms.accounts.links import Purpose
from gitcms.accounts.users import Account
from gitcms.errors import GitCMSError
from gitcms.site import Site
from gitcms.web import look


def invitation(account: Account, address: str) -> None:
    """Send somebody the link that lets them in, and come back when the mail server has it.

    :raises MailFailed: the mail server did not take it.
    """
    site: Site = g.site
    title = look.title_of(site)
    minutes = site.config.sessions.link_minutes
    text = (
        f"Hello {account.name},\n\nyou can write on {title}. This link signs you in:\n\n{address}\n\n"
        f"It works once, within {minutes} minutes. Afterwards, choose a password under Account.\n"
    )
    mail.send(site.config, account.email, f"Your link to {title}", text)


def new_password(account: Account) -> None:
    """Send somebody who forgot their password a link, without keeping the page waiting.

    Whether there is such a person, and whether the mail could be sent, must not be told by the time it takes.
    """
    site: Site = g.site
    title = look.title_of(site)
    minutes = site.config.sessions.link_minutes
    # Not by the name that the request used: a stranger made that request.
    place = links.base_address(site.config.server) + request.script_root

    def post() -> None:
        try:
            path = links.create(
                site.database, Purpose.RESET, user_id=account.id, now=site.now(), minutes=minutes
            )
            text = (
                f"Hello {account.name},\n\nsomebody asked for a new password for {title}. This link signs you"
                f" in, and then you choose one under Account:\n\n{place}{path}\n\nIt works once, within"
                f" {minutes} minutes. If it was not you, do nothing: your password stays as it is.\n"
            )
            mail.send(site.config, account.email, f"A new password for {title}", text)
        except GitCMSError as error:
            logs.event("mail_failed", about=account.id, message=str(error), details=error.details)

    threading.Thread(target=post, name="gitcms-letter", daemon=False).start()
