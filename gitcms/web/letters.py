"""The mails that people get from us: a link that lets them in, and what became of rebuilds.

Whether a link may be made is decided by who calls, who is told of a rebuild in `builds.letters`; here it is
put into words, in the language of whom it is for, and handed to `gitcms.mail`.
"""

from __future__ import annotations

import threading

from flask import g

from gitcms import builds, logs, mail
from gitcms.accounts import links
from gitcms.accounts.links import Purpose
from gitcms.accounts.users import Account
from gitcms.counting import counted
from gitcms.database.models import BuildLetter
from gitcms.errors import GitCMSError
from gitcms.site import Site
from gitcms.web import languages, look


def invitation(account: Account, address: str) -> None:
    """Send somebody the link that lets them in, and come back when the mail server has it.

    :raises MailFailed: the mail server did not take it.
    """
    site: Site = g.site
    title = look.title_of(site)
    subject, text = _letter(
        account,
        f"Your link to {title}",
        f"You can write on {title}. This link signs you in:",
        address,
        counted(
            site.config.sessions.link_minutes,
            "It works once, within {1} minute. Afterwards, choose a password under Account.",
            "It works once, within {1} minutes. Afterwards, choose a password under Account.",
        ),
    )
    mail.send(site.config, account.email, subject, text)


def new_password(account: Account) -> None:
    """Send somebody who forgot their password a link, without keeping the page waiting.

    Whether there is such a person, and whether the mail could be sent, must not be told by the time it takes.
    """
    site: Site = g.site
    title = look.title_of(site)
    minutes = site.config.sessions.link_minutes
    # Not by the name that the request used: a stranger made that request.
    place = links.base_address(site.config.server)

    def post() -> None:
        try:
            path = links.create(
                site.database, Purpose.RESET, user_id=account.id, now=site.now(), minutes=minutes
            )
            subject, text = _letter(
                account,
                f"A new password for {title}",
                f"Somebody asked for a new password for {title}. This link signs you in, and then you choose"
                " one under Account:",
                f"{place}{path}",
                counted(
                    minutes,
                    "It works once, within {1} minute. If it was not you, do nothing: your password stays"
                    " as it is.",
                    "It works once, within {1} minutes. If it was not you, do nothing: your password stays"
                    " as it is.",
                ),
            )
            mail.send(site.config, account.email, subject, text)
        except GitCMSError as error:
            logs.event("mail_failed", about=account.id, message=str(error), details=error.details)

    threading.Thread(target=post, name="gitcms-letter", daemon=False).start()


def of_rebuild(site: Site, account: Account, letter: BuildLetter) -> tuple[str, str]:
    """Return subject and text of a mail about a rebuild that failed, or the next one that did not."""
    title = look.title_of(site)
    place = f"{links.base_address(site.config.server)}/rebuilds"
    if letter.state == builds.LIVE:
        return _letter(
            account,
            f"{title} is live again",
            f"{title} was rebuilt: all that was saved is live now.",
            place,
        )
    return _letter(
        account,
        f"{title} could not be rebuilt",
        f"A rebuild of {title} failed. What was saved since the last one is kept, but not live yet, and"
        " visitors see the site as it was.",
        letter.message,
        "This page tells how it stands:",
        place,
        "You get no more of these until the site is live again. Whether you get them at all is your choice,"
        " under Account.",
    )


def _letter(account: Account, subject: str, *paragraphs: str) -> tuple[str, str]:
    language = account.language or languages.ENGLISH
    lines = [f"Hello {account.name},", *filter(None, paragraphs)]
    text = "\n\n".join(languages.say(each, language) for each in lines)
    return languages.say(subject, language), f"{text}\n"
