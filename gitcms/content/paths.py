"""Names of files: the one judge of a path that an author may name, and the makers of new names.

Everything here is text in, text out. Whether a path exists, is a symbolic link, is ignored or lies
in another repository is the repository room's to find out, at the moment of reading or writing.

The rules follow what Git refuses itself (`verify_path`, `core.protectHFS`, `core.protectNTFS`), what
Windows cannot hold (Microsoft, "Naming Files, Paths, and Namespaces") and what a generator would run.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from typing import Literal, NamedTuple
from urllib.parse import unquote_to_bytes

from gitcms.errors import ConfigError, PathRefused

LONGEST_PATH = 1024
"""Bytes of UTF-8 in a whole path: what macOS takes; Linux takes 4096."""
LONGEST_NAME = 255
"""Bytes of UTF-8 in one name: the limit of every file system we meet."""
DEEPEST = 40
"""Folders in a path."""
LONGEST_SLUG = 80
"""Characters in a slug. A date and an extension still fit beside it."""

Purpose = Literal["read", "write", "model", "receive"]
MODEL_FILE = "gitcms.toml"
"""What the site's owners say of its content model: no content, and for administrators alone to write."""


class Slugs(NamedTuple):
    """How names are made of titles, where the site's owners say so.

    `letters` are "latin" (Latin, Greek and Cyrillic ones in ASCII, those of other scripts as they are), "all"
    (as they are) or "ascii" (no others); of the last two `accents` tells whether letters keep theirs.
    `between` stands for whatever else there is, `lower` and `trim` say whether capitals become small and
    whether `between` is taken off both ends. `utc` dates names in UTC, not in the zone of the site.
    """

    letters: str = "latin"
    accents: bool = False
    between: str = "-"
    longest: int = LONGEST_SLUG
    lower: bool = True
    trim: bool = True
    utc: bool = False


USUAL = Slugs()


def check_path(
    path: str,
    *,
    extensions: Collection[str] | None = None,
    existing: bool = False,
    purpose: Purpose = "write",
    folder: str = "",
) -> str:
    """Return the path as it may be used, or refuse it. The one place where a path is judged.

    :param path: relative to the site's root, with forward slashes, decoded once and only once.
    :param extensions: the endings that are allowed (`".md"` or `"md"`, in any case); `None` allows all.
    :param existing: the path is in the site already. Then any name is taken that can do no harm (spaces,
        quotes, brackets, emoji), and it comes back as it was; a new name must be portable and comes
        back in Unicode's form NFC.
    :param purpose: "write" refuses hidden files and what the generator runs or is configured by as well;
        "model" lets nothing be written but the file that says what the site is made of;
        "receive" is for what developers saved elsewhere, and refuses only what Git would not check out.
    :param folder: an existing folder that a new file must lie in. Its own names are judged as existing ones.
    :raises PathRefused: with one of the codes path.traversal, path.backslash, path.git_metadata,
        path.characters, path.reserved, path.too_long.
    """
    if purpose == "receive":
        return _received(path)
    if purpose == "model" and path != MODEL_FILE:
        raise PathRefused(_OF_THE_WORKINGS, code="path.git_metadata", hint=_ASK_AN_ADMINISTRATOR)
    _refuse_too_long(path)
    _refuse_unwritable(path)
    _refuse_backslash(path, existing)
    _refuse_traversal(path, existing)
    if folder and not path.startswith(folder.rstrip("/") + "/"):
        raise _traversal("This file would lie outside the folder of its collection.")
    kept = folder.rstrip("/").count("/") + 1 if folder else 0
    names = path.split("/")
    for depth, name in enumerate(names):
        _refuse_git_metadata(name)
        if purpose == "write":
            _refuse_machinery(names, depth)
        if existing or depth < kept:
            _refuse_harmful(name, purpose)
        else:
            names[depth] = name = unicodedata.normalize("NFC", name)
            _refuse_reserved(name)
            _refuse_unportable(name)
    if extensions is not None:
        _refuse_extension(names[-1], extensions)
    return "/".join(names)


def casefold_twin(path: str, existing_paths: Iterable[str]) -> str | None:
    """Return the existing file or folder that is in this new path's way, or None.

    In the way is what a file system that folds case or Unicode forms (macOS, Windows) cannot tell from
    the path or from one of its folders, a file where a folder is needed, and a folder where the file
    would be. An existing file of exactly this path counts too.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for existing in existing_paths:
        files[_folded(existing)] = existing
        parent = existing.rpartition("/")[0]
        while parent and _folded(parent) not in folders:
            folders[_folded(parent)] = parent
            parent = parent.rpartition("/")[0]
    names = path.split("/")
    for depth in range(1, len(names) + 1):
        part = "/".join(names[:depth])
        key = _folded(part)
        if key in files:
            return files[key]
        if key in folders and (depth == len(names) or folders[key] != part):
            return folders[key]
    return None


def alike(name: str, names: Iterable[bytes]) -> list[bytes]:
    """Return those of a folder's names (UTF-8) that such a file system takes for this name, itself too."""
    folded = _folded(name)
    plain = folded.encode("utf-8", "surrogateescape")
    # In a folder of thousands nearly all names are plain ASCII, where folding is nothing but small letters.
    return [
        other
        for other in names
        if (other.lower() == plain if other.isascii() else _folded(_text(other)) == folded)
    ]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def slugify(title: str, *, default: str | None = None, slugs: Slugs = USUAL) -> str:
    """Return the title as a part of an address: small letters, digits and single hyphens.

    Latin, Greek and Cyrillic letters are written in ASCII; letters of other scripts (Chinese, Japanese,
    Korean, Arabic, Hebrew, the scripts of India …) stay, as their readers search for them.
    At most 80 characters, cut between words where there is one to cut at.

    :param default: what to return for a title without letters and digits.
    :param slugs: what of this is otherwise in this site. A name is never longer.
    :raises PathRefused: there is no default for such a title. An empty name would be a hidden file.
    """
    plain = unicodedata.normalize("NFC", title)
    if slugs.letters == "latin":
        plain = "".join(map(_transliterated, plain))
    elif not slugs.accents:
        plain = _without_accents(plain)
    if slugs.lower:
        plain = plain.casefold() if slugs.letters == "latin" else plain.lower()
    plain = unicodedata.normalize("NFC", plain)
    words = "".join(
        char if _is_part(char, slugs) else slugs.between for char in plain if char not in _DROPPED
    )
    if slugs.between:
        words = re.sub(f"(?:{re.escape(slugs.between)})+", slugs.between, words)
    slug = _shortened(words.strip(slugs.between) if slugs.trim and slugs.between else words, slugs)
    if not any(unicodedata.category(char)[0] in "LN" for char in slug):
        if default is not None:
            return default
        raise PathRefused(
            "This title has no letter or digit to make an address from.",
            code="path.characters",
            hint="Write an address of your own: letters, digits and hyphens.",
        )
    return slug


def fill(template: str, title: str, when: date | datetime, *, name: str = "", slugs: Slugs = USUAL) -> str:
    """Return a file name (or path) from a template like `{year}-{month}-{day}-{slug}.md`.

    :param template: with the places date, year, month, day, hour, minute, second and
        slug; `{{` and `}}` are braces.
    :param when: the moment the entry bears, in the site's own zone; a plain date is its midnight.
    :param name: what the author wants instead of the title for `{slug}`.
    :param slugs: how that is made of either.
    :raises PathRefused: the slug would be empty.
    :raises ConfigError: the template names a place that does not exist.
    """
    moment = when if isinstance(when, datetime) else datetime.combine(when, time.min)
    places = {
        "date": moment.date().isoformat(),
        "year": f"{moment.year:04}",
        "month": f"{moment.month:02}",
        "day": f"{moment.day:02}",
        "hour": f"{moment.hour:02}",
        "minute": f"{moment.minute:02}",
        "second": f"{moment.second:02}",
    }
    if "{slug}" in template:
        places["slug"] = slugify(name.strip() or title, slugs=slugs)

    def place(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        if match[1] not in places:
            raise ConfigError(
                f"The file name template {template!r} has a place called {match[1]!r}, which does not exist.",
                hint=f"Use {', '.join(places)} or slug.",
            )
        return places[match[1]]

    return re.sub(r"\{\{|\}\}|\{(\w+)\}", place, template)


# ── the rules, in the order they are asked ──


def _refuse_too_long(path: str) -> None:
    # Characters first: encoding a megabyte to count its bytes would be work done for nothing.
    too_long = len(path) > LONGEST_PATH or len(path.encode("utf-8", "surrogatepass")) > LONGEST_PATH
    if too_long or path.count("/") > DEEPEST or _longest_name(path) > LONGEST_NAME:
        raise PathRefused(
            "This name is too long.", code="path.too_long", hint="Choose a shorter name or a shorter title."
        )


def _longest_name(path: str) -> int:
    return max(len(name.encode("utf-8", "surrogatepass")) for name in path.split("/"))


def _refuse_unwritable(path: str) -> None:
    """Characters that no file of a site has a use for, existing or not."""
    if not path:
        raise _characters("The name is empty.")
    for char in path:
        if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS:
            raise _characters("This name has a control character in it.")
    if path.startswith(":"):
        raise _characters("A name cannot begin with a colon.")  # Git would read it as pathspec magic.


def _refuse_backslash(path: str, existing: bool) -> None:
    if "\\" in path or (not existing and re.match("[A-Z]:", path)):
        raise PathRefused(
            "A backslash or a drive letter cannot be part of a name.",
            code="path.backslash",
            hint="Use / between folders.",
        )


def _refuse_traversal(path: str, existing: bool) -> None:
    """Refuse what leads out of the folder, also in spellings that a later reader might decode."""
    if path.startswith("~"):
        raise _traversal()
    if not existing and re.search("%[0-9a-fA-F]{2}", path):
        raise _traversal("This name holds characters written as %-codes.")
    if any(name in ("", ".", "..") for name in path.split("/")):
        raise _traversal()
    for spelling in _spellings(path):
        if any(name.strip() in (".", "..") for name in spelling.split("/")):
            raise _traversal()


def _received(path: str) -> str:
    """Return a path that Git would check out (its `verify_path`), also on systems that fold names."""
    names = re.split(r"[/\\]", path)
    if "\0" in path or any(name in ("", ".", "..") for name in names):
        raise _traversal()
    for name in names:
        bare = "".join(char for char in name if char not in _HFS_IGNORED)
        bare = bare.casefold().split(":")[0].rstrip(" .")
        if bare == ".git" or re.fullmatch(r"git~\d+", bare):
            raise PathRefused("This name is kept for the site's history.", code="path.git_metadata")
    return path


def _spellings(path: str) -> list[str]:
    """The path as someone would see it who decodes, folds or normalises once more than we do."""
    spellings = []
    text = path
    for _ in range(4):
        raw = unquote_to_bytes(text.encode("utf-8"))
        for overlong, char in _OVERLONG:
            raw = raw.replace(overlong, char)
        text = raw.decode("utf-8", "replace")
        seen = unicodedata.normalize("NFKC", text.translate(_SLASHES)).replace("\\", "/")
        if seen in spellings:
            break
        spellings.append(seen)
    return spellings


def _refuse_git_metadata(name: str) -> None:
    """Git's own folder and files, in every spelling that some file system takes for them.

    Git, utf8.c `is_hfs_dotgit` and path.c `is_ntfs_dotgit`: ignorable characters, case, trailing
    dots and spaces, alternate streams behind a colon, and short names.
    """
    bare = "".join(char for char in name if char not in _HFS_IGNORED)
    bare = unicodedata.normalize("NFKC", bare).casefold().split(":")[0].rstrip(" .")
    if bare.startswith((".git", ".mailmap")) or _SHORT_NAMES.match(bare):
        raise PathRefused("This name is kept for the site's history and its tools.", code="path.git_metadata")


def _refuse_machinery(names: list[str], depth: int) -> None:
    """What the generator runs, or is told what to do by. Content is what authors may write."""
    name = names[depth].casefold()
    last = depth == len(names) - 1
    if (
        (not last and (name in _MACHINE_FOLDERS or (depth == 0 and name in _MACHINE_FOLDERS_AT_ROOT)))
        or (last and _MACHINE_FILES.fullmatch(name))
        or (last and depth == 0 and _MACHINE_FILES_AT_ROOT.fullmatch(name))
        or (last and names[0].casefold() == "config" and name.endswith(_CONFIG_ENDINGS))
    ):
        raise PathRefused(_OF_THE_WORKINGS, code="path.git_metadata", hint=_ASK_AN_ADMINISTRATOR)


def _refuse_harmful(name: str, purpose: Purpose) -> None:
    """What even an existing name must not be."""
    if name.endswith((" ", ".")):
        raise _characters("A name cannot end with a dot or a space.")
    if purpose == "write" and name.startswith("."):
        raise _characters("Hidden files cannot be changed here.")


def _refuse_reserved(name: str) -> None:
    stem = unicodedata.normalize("NFKC", name).split(".")[0].rstrip(" ").casefold()
    if _DEVICES.fullmatch(stem):
        raise PathRefused(f"Some computers cannot store a file called “{name}”.", code="path.reserved")


def _refuse_unportable(name: str) -> None:
    if name != name.strip() or name.endswith("."):
        raise _characters("A name cannot begin or end with a space, or end with a dot.")
    if name.startswith((".", "-")):
        raise _characters("A name cannot begin with a dot or a hyphen.")
    for char in name:
        if unicodedata.category(char)[0] not in "LMN" and char not in _PUNCTUATION:
            raise _characters(f"The character “{char}” cannot be part of a new name.")


def _refuse_extension(name: str, extensions: Collection[str]) -> None:
    endings = tuple("." + extension.lstrip(".").casefold() for extension in extensions)
    if not name.casefold().endswith(endings):
        raise PathRefused(
            "A file of this kind does not belong here.",
            code="path.reserved",
            hint=f"The name must end with {' or '.join(endings)}.",
        )


def _characters(message: str) -> PathRefused:
    return PathRefused(message, code="path.characters")


def _traversal(message: str = "This name leads out of the site's folder.") -> PathRefused:
    return PathRefused(message, code="path.traversal")


_PUNCTUATION = frozenset(" -_.,+@()&'=")
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SLASHES = str.maketrans({"\u2044": "/", "\u2215": "/", "\u29f8": "/"})  # look like one; NFKC keeps them
_OVERLONG = ((b"\xc0\xae", b"."), (b"\xc0\xaf", b"/"), (b"\xe0\x80\xae", b"."), (b"\xe0\x80\xaf", b"/"))
_HFS_IGNORED = frozenset(
    "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\u206b\u206c\u206d\u206e\u206f\ufeff"
)
_SHORT_NAMES = re.compile(r"(?:git|gitmod|gitatt|gitign|mailma|gi[0-9a-f]{4}|maba30)~\d+")
_DEVICES = re.compile(r"con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)\d")
_OF_THE_WORKINGS = "This file belongs to the workings of the site, not to its content."
_ASK_AN_ADMINISTRATOR = "Ask an administrator to change it."
_MACHINE_FOLDERS = frozenset({"_plugins", "_layouts", "node_modules", "__pycache__"})
_MACHINE_FOLDERS_AT_ROOT = frozenset({"layouts", "_site", "vendor"})
_MACHINE_FILES = re.compile(
    r"_config[\w.-]*\.(?:ya?ml|toml)|package(?:-lock)?\.json|gemfile(?:\.lock)?|makefile|dockerfile|rakefile"
    r"|netlify\.toml|vercel\.json|(?:\.eleventy|(?:eleventy|astro|docusaurus|gatsby|next|vite)[.-]config)\.\w+"
)
_MACHINE_FILES_AT_ROOT = re.compile(r"(?:hugo|config|zola|gitcms|pyproject|mkdocs)\.(?:toml|ya?ml|json)")
_CONFIG_ENDINGS = (".toml", ".yaml", ".yml", ".json")


# ── slugs ──


def _is_part(char: str, slugs: Slugs) -> bool:
    """Tell whether a character stays in a name."""
    if slugs.letters == "ascii" and not char.isascii():
        return False
    return unicodedata.category(char)[0] in "LMN" or (slugs.letters != "latin" and char in _JOINTS)


def _transliterated(char: str) -> str:
    """One letter of the Latin, Greek or Cyrillic script in ASCII; any other character as it is."""
    if char.isascii():
        return char
    lower = char.casefold() if len(char.casefold()) == 1 else char.lower()
    base = unicodedata.normalize("NFKD", lower)
    if lower in _LETTERS:
        plain = _LETTERS[lower]
    elif base[0].isascii():
        plain = "".join(part for part in base if part.isascii() or part == "\u2044")
    elif base[0] in _LETTERS:
        plain = _LETTERS[base[0]]
    else:
        return char
    return plain.capitalize() if char.isupper() else plain


def _without_accents(text: str) -> str:
    """Take the marks off Latin letters; in other scripts they are what makes the letter."""
    return "".join(
        char if not (base := unicodedata.normalize("NFD", char))[0].isascii() else base[0] for char in text
    )


def _shortened(slug: str, slugs: Slugs) -> str:
    longest, between = min(slugs.longest, LONGEST_SLUG), slugs.between
    short = slug[:longest]
    while len(short.encode("utf-8")) > 3 * LONGEST_SLUG - 40:
        short = short[:-1]
    if short == slug or not between:
        return short
    if slug[len(short)] != between and between in short[longest // 2 :]:
        short = short.rpartition(between)[0]
    # A combining mark without its letter would end up on the hyphen or dot that follows.
    return short.rstrip(between)


def _letters(source: str, target: str) -> dict[str, str]:
    return dict(zip(source.split(), target.split(), strict=True))


_DROPPED = frozenset(
    "'’‘ʼʹ`´\u00ad\u200c\u200d\ufe0f"
)  # don’t → dont; soft hyphens and joiners have no width
_JOINTS = "-_"
"""What joins words in a title, and may stay where its letters may."""
_LETTERS = {
    **_letters("ß æ œ ø đ ð þ ł ħ ŋ ı ŧ ĸ ſ ə ɓ ɗ ɛ ɔ ƙ", "ss ae oe o d d th l h ng i t k s e b d e o k"),
    **_letters(
        "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o",
    ),
    **_letters(
        "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ы э ю я",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya",
    ),
    **_letters("є і ї ґ ў ђ ј љ њ ћ џ ѓ ќ ѕ", "ye i yi g u dj j lj nj c dz gj kj dz"),
    "ъ": "",
    "ь": "",
}


@functools.lru_cache(maxsize=10_000)
def _folded(path: str) -> str:
    """The path as a file system sees it that folds case and Unicode forms, as APFS and HFS+ do."""
    bare = "".join(char for char in path if char not in _HFS_IGNORED)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", bare).casefold())
