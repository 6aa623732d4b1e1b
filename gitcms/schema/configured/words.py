"""Every option of Decap CMS and Sveltia CMS: whether it has its effect here, or the reason why it has none.

One table a level. A remark reads “name” and then the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """The names a level knows: those that do something here, and those that do not, each with the reason."""

    does: frozenset[str]
    without_effect: Mapping[str, str]

    def with_more(self, other: Words) -> Words:
        """Return both together."""
        return Words(self.does | other.does, {**self.without_effect, **other.without_effect})


def _words(does: str, **without_effect: str) -> Words:
    return Words(frozenset(does.split()), without_effect)


_SIGN_IN = "belongs to signing in at a Git service. People sign in at gitcms itself."
_SERVICE = "belongs to a service that lies between the editor and Git. gitcms works in a clone of the site."
_FORMAT = "decides how files are written. gitcms writes only what an author changed."
_LOOKS = "changes how the editor of the other system looks."
_PREVIEW = "belongs to previews. Pages are shown as the site's own generator builds them."

ROOT = _words(
    "backend collections singletons media_folder public_folder i18n site_url display_url app_title",
    load_config_file="belongs to how the other system is started.",
    search="is without effect: everybody can search.",
    show_preview_links=_PREVIEW,
    publish_mode="is without effect: drafts are kept as the generator knows them.",
    local_backend="starts the other system on one's own machine; here that is `gitcms serve`.",
    slug="is without effect: names are made of letters, digits and hyphens, without accents.",
    editor=_LOOKS,
    locale="is without effect: everybody chooses the language they work in.",
    media_folder_relative="is old. A folder of pictures without a slash before it is one beside the entry.",
    media_library="names a service for pictures. Pictures are kept in the site itself.",
    media_libraries="names services for pictures. Pictures are kept in the site itself.",
    asset_collections="groups pictures. They are found by their folders here.",
    logo_url=_LOOKS,
    logo=_LOOKS,
    logout_redirect_url=_SIGN_IN,
    issue_reports="names where faults of the other system are reported.",
    integrations="names services for searching and pictures. Both are built in here.",
    output=_FORMAT,
    field_defaults="sets defaults of the other system's text editor.",
)
BACKEND = _words(
    "name branch",
    repo=_SERVICE,
    **dict.fromkeys(
        ["base_url", "auth_endpoint", "auth_token_endpoint", "app_id", "auth_type", "auth_scope", "login"],
        _SIGN_IN,
    ),
    **dict.fromkeys(["site_domain", "site_id", "auth_methods", "include_credentials", "tenant_id"], _SIGN_IN),
    **dict.fromkeys(["api_root", "graphql_api_root", "use_graphql", "identity_url", "gateway_url"], _SERVICE),
    **dict.fromkeys(["status_endpoint", "api_version", "proxy_url"], _SERVICE),
    large_media_url=_SERVICE,
    use_large_media_transforms_in_media_library=_SERVICE,
    open_authoring="lets strangers propose changes at a Git service. Invite them as contributors instead.",
    always_fork="lets strangers propose changes at a Git service. Invite them as contributors instead.",
    squash_merges="joins the commits of a workflow. Each save is one commit here.",
    cms_label_prefix="names labels at a Git service, which gitcms does not use.",
    preview_context=_PREVIEW,
    signoff_commits="is a setting of the server here: `sign_off` under `[commits]`.",
    commit_messages="is made here from what was changed, in words.",
    skip_ci="keeps builders at rest. Which webhooks are called is decided by their own settings.",
    automatic_deployments="keeps builders at rest. Webhooks have settings of their own.",
)
COLLECTION = _words(
    "name label label_singular folder files fields format extension identifier_field slug path create delete"
    " media_folder public_folder i18n description hide summary thumbnail"
    " sortable_fields sortableFields view_filters view_groups",
    publish="is without effect: who may publish is decided by roles.",
    frontmatter_delimiter="is read off the files themselves.",
    preview_path=_PREVIEW,
    preview_path_date_field=_PREVIEW,
    preview_path_preserve_slashes=_PREVIEW,
    filter="is without effect: a collection has all entries of its folder. Filter the list instead.",
    editor=_LOOKS,
    nested="is without effect: entries of inner folders are in the list.",
    meta="is without effect: *Move* changes the address of an entry.",
    icon=_LOOKS,
    limit="is without effect: there may be as many entries as there are.",
    duplicate="is without effect: any entry can be duplicated by whoever may create one.",
    reorder="is without effect: set the field that gives the order.",
    index_file="is without effect: an index page is an entry of its own.",
    body_field="is without effect: the text stands below the fields.",
    aliases_field="is known by the generator: moving an entry leaves a redirect where it can.",
    publish_mode="is without effect: who may publish is decided by roles.",
    yaml_quote=_FORMAT,
    slug_length="is without effect: names are at most 80 characters long.",
    divider=_LOOKS,
)
FILE = _words(
    "name label label_singular file fields media_folder public_folder i18n format description",
    preview_path=_PREVIEW,
    preview_path_date_field=_PREVIEW,
    preview_path_preserve_slashes=_PREVIEW,
    editor=_LOOKS,
    frontmatter_delimiter="is read off the file itself.",
    body_field="is without effect: the text stands below the fields.",
    icon=_LOOKS,
)
FIELD = _words(
    "name label widget required hint pattern default i18n readonly minlength maxlength condition"
    " before_input after_input",
    comment="is written by nobody here: comments that are there stay, and none is added.",
    preview=_PREVIEW,
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
        time_format="is without effect: days have no time of day.",
        picker_utc="is without effect: days have no zone.",
    ),
    "markdown": _words(
        "",
        **dict.fromkeys(["minimal", "buttons", "editor_components", "modes", "sanitize_preview"], _LOOKS),
    ),
    "code": _words("default_language keys output_code_only allow_language_selection"),
    "color": _words("allowInput enableAlpha"),
    "image": _words(
        "media_folder public_folder media_library multiple min max choose_url allow_multiple accept config",
        private="belongs to a service for pictures.",
        select_folder=_LOOKS,
    ),
    "list": _words(
        "field fields types typeKey label_singular summary min max"
        " allow_add allow_remove allow_reorder add_to_top collapsed",
        minimize_collapsed="is without effect: each card of a list is one line while it is closed.",
        root="is without effect: a file that is a list is shown as one.",
    ),
    "object": _words(
        "fields collapsed summary",
        types="is without effect: objects of several kinds are kept as they are.",
    ),
    "relation": _words(
        "collection value_field file multiple min max display_fields options_length filters",
        search_fields="is without effect: entries are searched by all their words.",
        dropdown_threshold="is without effect: entries are looked for, however few there are.",
    ),
    "map": _words(
        "type decimals",
        **dict.fromkeys(["center", "zoom", "height"], "belongs to a drawn map. A point is two numbers here."),
    ),
    "hidden": _words(""),
    "uuid": _words("prefix use_b32_encoding"),
    "compute": _words("value"),
    "keyvalue": _words(
        "min max key_label value_label", root="is without effect: the names in such a file are its fields."
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
}
"""Old spellings, which Decap takes as well."""
ELSEWHERE = {
    "i18n": _words(
        "structure locales default_locale",
        initial_locales="is without effect: a language begins when somebody writes it.",
        canonical_slug="is without effect: entries of several languages are found by their names.",
        omit_default_locale_from_file_path="is read off the files themselves.",
        omit_default_locale_from_preview_path=_PREVIEW,
        save_all_locales="is without effect: a save writes what its author changed.",
    ),
}
"""What the mappings below some names know."""
