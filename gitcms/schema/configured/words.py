"""Every option of Decap CMS and Sveltia CMS: whether it has its effect here, or the reason why it has none.

One table a level. A remark reads “name” and then the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Unless(NamedTuple):
    """The reason of an option that has no effect, but for values that ask for what is so here anyway."""

    values: tuple[object, ...]
    reason: str


class Words(NamedTuple):
    """The names a level knows: those that do something here, and those that do not, each with the reason."""

    does: frozenset[str]
    without_effect: Mapping[str, str | Unless]

    def reason(self, name: str, value: object) -> str:
        """Return why a name that is known has no effect with that value, "" where what it asks for is so."""
        said = self.without_effect.get(name, "")
        if isinstance(said, Unless):
            return "" if any(value is one or value == one for one in said.values) else said.reason
        return said

    def with_more(self, other: Words) -> Words:
        """Return both together."""
        return Words(self.does | other.does, {**self.without_effect, **other.without_effect})


def _words(does: str, **without_effect: str | Unless) -> Words:
    return Words(frozenset(does.split()), without_effect)


_SIGN_IN = "belongs to signing in at a Git service. People sign in at gitcms itself."
_SERVICE = "belongs to a service that lies between the editor and Git. gitcms works in a clone of the site."
_STRANGERS = "lets strangers propose changes at a Git service. Invite them as contributors instead."
_LOOKS = "changes how the editor of the other system looks."
_PREVIEW = "belongs to previews. Pages are shown as the site's own generator builds them."

_MODE = Unless(
    ("simple", ""),
    "is without effect: drafts are marked as the generator knows them.",
)
_MARKS = (*(mark for one in ("---", "+++") for mark in (one, [one, one])), ["{", "}"])
_DELIMITER = Unless(_MARKS, "is without effect: the marks are those that generators know.")

_FORMATS = (
    *("yml", "yaml", "toml", "json", "frontmatter"),
    *("yaml-frontmatter", "toml-frontmatter", "json-frontmatter"),
)

ROOT = _words(
    "backend collections singletons editor media_folder public_folder i18n site_url display_url app_title"
    " slug field_defaults locale logo logo_url issue_reports output"
    " media_library media_libraries",
    load_config_file=Unless((True,), "belongs to how the other system is started."),
    search=Unless((True,), "is without effect: everybody can search."),
    show_preview_links=Unless((True,), "is without effect: whoever sees a live entry finds it on the site."),
    publish_mode=_MODE,
    local_backend=Unless(
        (True, False), "starts the other system on one's own machine; here that is `gitcms serve`."
    ),
    media_folder_relative=Unless(
        (False,), "is old. A folder of pictures without a slash before it is one beside the entry."
    ),
    asset_collections="groups pictures. They are found by their folders here.",
    logout_redirect_url=_SIGN_IN,
    integrations="names services for searching and pictures. Both are built in here.",
)
BACKEND = _words(
    "signoff_commits commit_messages skip_ci automatic_deployments branch",
    name=Unless(
        (
            *("git-gateway", "github", "gitlab", "gitea", "bitbucket", "azure"),
            *("aws-cognito-github-proxy", "proxy"),
        ),
        "is without effect: everything is saved in the site's own repository.",
    ),
    repo=_SERVICE,
    **dict.fromkeys(
        ["base_url", "auth_endpoint", "auth_token_endpoint", "app_id", "auth_type", "auth_scope", "login"],
        _SIGN_IN,
    ),
    **dict.fromkeys(["site_domain", "site_id", "auth_methods", "tenant_id"], _SIGN_IN),
    include_credentials=Unless((False,), _SIGN_IN),
    use_graphql=Unless((False,), _SERVICE),
    **dict.fromkeys(["api_root", "graphql_api_root", "identity_url", "gateway_url"], _SERVICE),
    **dict.fromkeys(["status_endpoint", "api_version", "proxy_url"], _SERVICE),
    large_media_url=_SERVICE,
    use_large_media_transforms_in_media_library=Unless((False,), _SERVICE),
    open_authoring=Unless((False,), _STRANGERS),
    always_fork=Unless((False,), _STRANGERS),
    squash_merges=Unless((True,), "is without effect: each save is one commit here."),
    cms_label_prefix="names labels at a Git service, which gitcms does not use.",
    preview_context=_PREVIEW,
)
COLLECTION = _words(
    "name label label_singular editor folder files fields format extension identifier_field slug path"
    " create delete publish limit duplicate filter aliases_field body_field nested meta"
    " preview_path preview_path_date_field preview_path_preserve_slashes"
    " media_folder public_folder i18n description hide summary thumbnail"
    " sortable_fields sortableFields view_filters view_groups slug_length divider icon yaml_quote",
    frontmatter_delimiter=_DELIMITER,
    reorder=Unless((False,), "is without effect: set the field that gives the order."),
    index_file=Unless((False,), "is without effect: an index page is an entry of its own."),
    publish_mode=_MODE,
)
FILE = _words(
    "name label label_singular editor file fields media_folder public_folder i18n description icon"
    " body_field"
    " preview_path preview_path_date_field preview_path_preserve_slashes",
    format=Unless(_FORMATS, "is without effect: how a file is written is read off the file itself."),
    frontmatter_delimiter=_DELIMITER,
)
FIELD = _words(
    "name label widget required hint pattern default i18n readonly minlength maxlength condition"
    " before_input after_input preview comment",
)
WIDGETS = {
    "string": _words("type prefix suffix"),
    "text": _words(""),
    "number": _words("value_type min max step prefix suffix"),
    "boolean": _words("prefix suffix"),
    "select": _words("options multiple min max dropdown_threshold"),
    "datetime": _words(
        "format date_format time_format type min max step picker_utc input_timezone output_utc"
    ),
    "date": _words(
        "format date_format",
        time_format=Unless((False,), "is without effect: days have no time of day."),
        picker_utc=Unless((False,), "is without effect: days have no zone."),
    ),
    "markdown": _words(
        "minimal buttons editor_components modes",
        sanitize_preview=Unless((True,), "is without effect: what would run in a page is never shown."),
        linked_images=Unless((False,), "is without effect: a picture that is a link is written as Markdown."),
    ),
    "code": _words("default_language keys output_code_only allow_language_selection"),
    "color": _words("allowInput enableAlpha"),
    "image": _words(
        "media_folder public_folder media_library media_libraries multiple min max choose_url allow_multiple"
        " accept config",
        private=Unless((False,), "belongs to a service for pictures."),
        select_folder=_LOOKS,
    ),
    "list": _words(
        "field fields types typeKey label_singular summary min max"
        " allow_add allow_remove allow_reorder add_to_top collapsed minimize_collapsed",
        root=Unless((False,), "is without effect: a file that is a list is shown as one."),
    ),
    "object": _words("fields collapsed summary types typeKey"),
    "relation": _words(
        "collection value_field file multiple min max display_fields options_length filters"
        " search_fields dropdown_threshold",
    ),
    "map": _words(
        "type decimals",
        **dict.fromkeys(["center", "zoom", "height"], "belongs to a drawn map. A point is two numbers here."),
    ),
    "hidden": _words(""),
    "uuid": _words("prefix use_b32_encoding"),
    "compute": _words("value"),
    "keyvalue": _words(
        "min max key_label value_label",
        root=Unless((False,), "is without effect: the names in such a file are its fields."),
    ),
}
WIDGETS |= {"richtext": WIDGETS["markdown"], "file": WIDGETS["image"]}
RENAMED = {
    "dateFormat": "date_format",
    "timeFormat": "time_format",
    "pickerUtc": "picker_utc",
    "editorComponents": "editor_components",
    "valueType": "value_type",
    "valueField": "value_field",
    "searchFields": "search_fields",
    "displayFields": "display_fields",
    "optionsLength": "options_length",
    "omit_default_locale_from_filename": "omit_default_locale_from_file_path",
}
"""Old spellings, which both take as well."""
ELSEWHERE = {
    "editor": _words(
        "preview",
        notes=Unless((False,), "is without effect: what is to be said of a draft is said elsewhere."),
        visualEditing=Unless((False,), "is without effect: pages are edited beside how they read."),
    ),
    "nested": _words(
        "summary depth",
        subfolders=Unless((True,), "is without effect: entries of inner folders are in the list."),
    ),
    "meta": _words("path"),
    "path": _words(
        "index_file label",
        widget=Unless(("string",), "is without effect: a path is chosen in one line of text."),
    ),
    "body_field": _words("key inline"),
    "sortable_fields": _words("fields default"),
    "sortable": _words("field label default_sort"),
    "view_filters": _words("filters default"),
    "filters": _words("name label field pattern values"),
    "view_groups": _words("groups default"),
    "groups": _words("name label field pattern"),
    "keys": _words("code lang"),
    "options": _words("label value"),
    "condition": _words("field value"),
    "canonical_slug": _words("key value"),
    "filter": _words("field value pattern"),
    "slug": _words(
        "encoding clean_accents sanitize_replacement maxlength lowercase trim timezone template",
        editable="is without effect: an address is chosen with a new entry, and changed by renaming it.",
    ),
    "commit_messages": _words(
        "create update delete uploadMedia",
        deleteMedia="is without effect: a picture stays when its entry goes.",
        openAuthoring=Unless(
            ("{{message}}",), "is without effect: nothing is proposed from a copy elsewhere."
        ),
    ),
    "field_defaults": _words("richtext"),
    "media_library": _words(
        "config",
        name=Unless(("default",), "names a service for pictures. Pictures are kept in the site itself."),
    ),
    "media_libraries": _words("config"),
    "config": _words(
        "multiple max_file_size transformations",
        slugify_filename=Unless((True,), "is without effect: files are named in small letters and digits."),
    ),
    "transformations": _words(
        "raster_image jpeg png gif webp avif",
        svg="is without effect: drawings, which may hold programs, are not taken.",
    ),
    "raster_image": _words("format quality width height"),
    "output": _words(
        "json yaml",
        omit_empty_optional_fields=Unless((True,), "is without effect: nothing is written of what is empty."),
        encode_file_path=Unless((False,), "is without effect: pictures are named as they are called."),
    ),
    "json": _words("indent_style indent_size"),
    "yaml": _words("indent_size indent_sequences quote"),
    "logo": _words("src show_in_header"),
    "issue_reports": _words("url"),
    "i18n": _words(
        "structure locales default_locale omit_default_locale_from_file_path canonical_slug"
        " omit_default_locale_from_preview_path",
        initial_locales=Unless(("default",), "is without effect: a language begins when somebody writes it."),
        save_all_locales=Unless((False,), "is without effect: a save writes what its author changed."),
    ),
}
"""What the mappings below some names know, and those of a list there."""
ITEMS = {
    "sortable_fields": "sortable",
    "sortableFields": "sortable",
    "view_filters": "filters",
    "view_groups": "groups",
}
"""The names of `ELSEWHERE` for what stands in a list, where it is another one."""


class Count(NamedTuple):
    """How many options there are, how many are heeded, and how many of the others belong to a Git service."""

    known: int
    heeded: int
    of_services: int


def counted() -> Count:
    """Count the options of all levels, each once. One that is so here anyway, if asked for, is heeded."""
    each = {id(words): words for words in (ROOT, BACKEND, COLLECTION, FILE, FIELD, *WIDGETS.values())}
    levels = [*each.values(), *ELSEWHERE.values()]
    reasons = [reason for words in levels for reason in words.without_effect.values()]
    heeded = sum(len(words.does) for words in levels) + sum(isinstance(one, Unless) for one in reasons)
    services = sum(one in (_SIGN_IN, _SERVICE) for one in reasons)
    return Count(sum(len(words.does) for words in levels) + len(reasons), heeded, services)
