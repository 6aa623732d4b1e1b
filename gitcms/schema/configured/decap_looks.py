"""What Decap CMS and Sveltia CMS say of how the editor looks, in the words of `gitcms.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.files import ConfigFile
from gitcms.schema.configured.keys import WEB

Told = Mapping[str, Any]

_ICONS = {
    "page": "article description draft note newspaper web docs text_snippet insert_drive_file",
    "pencil": "edit edit_note edit_document post post_add create draw stylus",
    "picture": "image photo photo_library collections imagesmode gallery_thumbnail palette brush",
    "people": "group groups people diversity_3 handshake team_dashboard",
    "person": "person account_circle account_box badge face id_card",
    "feed": "rss_feed feed campaign podcasts cell_tower",
    "link": "link insert_link share hub",
    "settings": "settings tune build construction manufacturing toggle_on",
    "help": "help quiz question_mark contact_support live_help",
    "clock": "schedule history access_time timer hourglass_empty update",
    "list": "list format_list_bulleted view_list toc menu checklist table_rows",
    "quote": "format_quote reviews rate_review",
    "code": "code terminal data_object integration_instructions developer_mode",
    "home": "home house cottage",
    "info": "info lightbulb tips_and_updates",
    "search": "search find_in_page",
    "book": "book menu_book library_books auto_stories import_contacts school local_library",
    "calendar": "event calendar_month calendar_today date_range today event_note celebration",
    "tag": "sell label tag bookmark bookmarks category loyalty style",
    "mail": "mail email inbox contact_mail send markunread",
    "place": "location_on place map pin_drop travel_explore near_me",
    "star": "star grade favorite stars emoji_events award_star",
    "music": "music_note headphones library_music album mic audiotrack",
    "film": "movie videocam smart_display video_library play_circle theaters",
    "cart": "shopping_cart store storefront shopping_bag local_mall payments",
    "chat": "chat forum comment sms question_answer chat_bubble",
    "folder": "folder folder_open inventory_2 archive topic snippet_folder",
    "briefcase": "work business_center cases apartment business engineering",
    "globe": "public language globe translate",
}
ICONS = {theirs: ours for ours, names in _ICONS.items() for theirs in names.split()}
"""From Material Symbols, as far as one of ours says the same."""


def icon(told: Told, place: Path, file: ConfigFile) -> dict[str, str]:
    """Return the icon of a collection, as far as there is one like it."""
    named = told.get("icon")
    if not isinstance(named, str):
        return {}
    if named not in ICONS:
        file.say((*place, "icon"), f"“icon” is without effect: there is no icon like “{named}”.", wrong=False)
        return {}
    return {"icon": ICONS[named]}


def of_site(root: Told, file: ConfigFile) -> dict[str, Any]:
    """Return what pages show of a site: the language, the logo, where faults are reported."""
    facts: dict[str, Any] = {}
    if isinstance(root.get("locale"), str):
        facts["language"] = root["locale"]
    reports = root.get("issue_reports")
    if isinstance(reports, Mapping) and WEB.takes(reports.get("url")):
        facts["report_to"] = reports["url"]
    logo = root.get("logo")
    said: Told = logo if isinstance(logo, Mapping) else {"src": root.get("logo_url")}
    if isinstance(said.get("src"), str):
        place = ("logo", "src") if "logo" in root else ("logo_url",)
        facts |= _logo(said["src"], root, place, file)
    return facts | ({"logo_in_header": False} if said.get("show_in_header") is False else {})


def _logo(address: str, root: Told, place: Path, file: ConfigFile) -> dict[str, str]:
    """Return a logo that is a picture of the site."""
    for one in ("site_url", "display_url"):
        if isinstance(root.get(one), str):
            address = address.removeprefix(root[one].rstrip("/"))
    if "//" in address or address.startswith("data:"):
        words = "The logo is not shown: pages here show pictures of the site alone. Name one of those."
        file.say(place, words, wrong=False)
        return {}
    return {"logo": address}
