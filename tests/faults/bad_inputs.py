"""Inputs that were somebody's way into a system like this one, by kind and number. Judged in `test_bad_*`.

A path is relative to the site, in the collection of projects where it can be; the code is the one that a new
entry of that path is refused with.
"""

from __future__ import annotations

_TRAVERSAL = (
    "../up.md",
    "_projects/../../up.md",
    "_projects/..",
    "_projects/../letters.md",
    "_projects/./letters.md",
    "_projects//letters.md",
    "/etc/cron.d/up",
    "//etc/passwd",
    "~/up.md",
    "%2e%2e/up.md",
    "%252e%252e%252fup.md",
    "%c0%ae%c0%ae/up.md",
    "\uff0e\uff0e/up.md",
    "\u2024\u2024/up.md",
    "..\u2215up.md",
)
_BACKSLASH = (
    "x\\..\\..\\up.json",
    "a\\b.md",
    "C:\\up.md",
    "C:up.md",
    "\\\\host\\share\\up.md",
    "\\\\?\\C:\\up.md",
)
_METADATA = (
    ".git/config",
    ".git/hooks/pre-commit",
    ".git",
    ".GIT/config",
    ".gIt/hooks/post-commit",
    ".git./config",
    ".git /config",
    "git~1/config",
    "GIT~2/config",
    ".git::$INDEX_ALLOCATION/config",
    ".git:x/config",
    ".g\u200cit/config",
    ".git\ufeff/config",
    ".gi\u206ft/config",
    "_projects/.git/config",
    ".gitmodules",
    "gitmod~1",
    ".GITMODULES",
    ".gitattributes",
    "_projects/.gitattributes",
    ".gitignore",
    ".mailmap",
    ".github/workflows/run.yml",
    ".gitlab-ci.yml",
    "_config.yml",
    "_plugins/run.rb",
    "_layouts/run.html",
)
_CHARACTERS = (
    "a\x00.md",
    "a\nb.md",
    "sub\r",
    "a\tb.md",
    "a\x1b[31m.md",
    "a\x7f.md",
    "a\x85.md",
    "\u202egpj.md",
    "a\u200b.md",
    "\ud800.md",
    "\udcff.md",
    "-rf.md",
    "--all.md",
    ":(glob)*.md",
    ":!x.md",
    "*.md",
    "a?.md",
    "[a].md",
    "a:b.md",
    "a|b.md",
    'a"b.md',
    "<script>.md",
    "`id`.md",
    "$(id).md",
    "x.md.",
    "x.md ",
    " x.md",
    ".hidden.md",
    "....md",
    "",
    ".md",
)
_RESERVED = (
    "CON.md",
    "_projects/nul.md",
    "com1.md",
    "LPT\u00b9.md",
    "aux/x.md",
    "CONIN$",
    "x.html",
    "x.md.php",
    "x",
    "x.MD\x00.sh",
)
_TOO_LONG = (
    "a" * 256 + ".md",
    "\u00e9" * 130 + ".md",
    "a/" * 2048 + "x.md",
    "a/" * 1000 + "x.md",
    "a" * 1_000_000,
)

PATHS: dict[str, tuple[str, str]] = {
    f"PATH-{first + number:03}": (path, code)
    for first, code, paths in (
        (1, "path.traversal", _TRAVERSAL),
        (16, "path.backslash", _BACKSLASH),
        (22, "path.git_metadata", _METADATA),
        (61, "path.characters", _CHARACTERS),
        (92, "path.reserved", _RESERVED),
        (102, "path.too_long", _TOO_LONG),
    )
    for number, path in enumerate(paths)
}
"""Id → a path and what it is refused for. The ids between are about what lies on the disk."""

# A NUL is met before an ending is looked at.
PATHS["PATH-101"] = (PATHS["PATH-101"][0], "path.characters")

REFS: dict[str, str] = {
    f"REF-{number:03}": ref
    for number, ref in enumerate(
        (
            "-h",
            "--upload-pack=touch MARK",
            "--exec=touch MARK",
            "--output=MARK",
            "--no-index",
            "--upl=x",
            "-ux",
            "--output=x",
            "a..b",
            "a...b",
            "HEAD:.git/config",
            ":/secret",
            "HEAD@{1.year.ago}",
            "@{u}",
            "main^{tree}",
            "@",
            "HEAD",
            "FETCH_HEAD",
            "refs/heads/main",
            "refs/remotes/origin/main",
            "a" * 40,
            "x.lock",
            "a/../../hooks/x",
            "/x",
            "x/",
            "a//b",
            ".x",
            "x.",
            "a b",
            "a~1",
            "a:b",
            "a*",
            "a[",
            "a\\b",
            "a\x01",
            "a\nb",
            "\u202ex",
            "a" * 300,
            "main/x",
            "Main",
            "../../../../etc/passwd",
        ),
        1,
    )
}

PEOPLE: dict[str, tuple[str, str]] = {
    "COMMIT-001": ("x\ncommitter evil <e@e> 1 +0000", "ines@example.org"),
    "COMMIT-002": ("x\ry", "ines@example.org"),
    "COMMIT-003": ("x <y@z>", "ines@example.org"),
    "COMMIT-004": ("Inés", "a@b> 0 +0000 <c"),
    "COMMIT-005": ("x\x00y", "ines@example.org"),
    "COMMIT-006": ("", "ines@example.org"),
    "COMMIT-007": ("...", "ines@example.org"),
    "COMMIT-008": (".,:;<>\"\\'", "ines@example.org"),
    "COMMIT-009": ("n" * 10_240, "ines@example.org"),
    "COMMIT-010": ("x\ud800", "ines@example.org"),
    "COMMIT-011": ("\u202eevil", "ines@example.org"),
    "COMMIT-012": ("Inés", "ab"),
    "COMMIT-013": ("Inés", "a b@c"),
    "COMMIT-014": ("Inés", "a@b 0 +9999"),
}
"""Id → a name and an address that must not get into a header of a commit."""

MESSAGES: dict[str, str] = {
    "COMMIT-016": "a\x00b",
    "COMMIT-017": "",
    "COMMIT-018": " \n\t",
    "COMMIT-019": "m" * 1_000_000,
    "COMMIT-020": "t\n\nSigned-off-by: Boss <boss@example.org>",
    "COMMIT-021": "t\n\nGitcms-Approved-By: boss",
    "COMMIT-022": "[skip ci] x",
    "COMMIT-023": "t\n\ngpgsig -----BEGIN PGP SIGNATURE-----",
    "COMMIT-024": "\ud800",
    "COMMIT-025": "\x1b]0;x\x07",
    "COMMIT-026": "# only a comment",
    "COMMIT-027": "x\n# ------------------------ >8 ------------------------\ny",
}
"""Id → what somebody types as the title of an entry, which is told in the description of a change."""

ADDRESSES: dict[str, str] = {
    f"REMOTE-{number:03}": address
    for number, address in enumerate(
        (
            'ext::sh -c "touch MARK"',
            "EXT::sh -c MARK",
            "fd::17",
            "file:///etc",
            "/srv/other.git",
            "../other.git",
            "--upload-pack=touch MARK",
            "-u./x",
            "ssh://-oProxyCommand=touch%20MARK/x",
            "-oProxyCommand=x:site",
            "ssh://-x@host/site",
            "https://host/x%0ahost=evil",
            "https://host/x%0dhost=evil",
            "https://%1b[31m.evil/x",
            "https://user:token@host/site.git",
            "https://host/$HOME/${SECRET}",
            "~/x",
            "git://host/site",
            "http://host/site",
            "https://127.0.0.1/site",
            "http://169.254.169.254/",
        ),
        1,
    )
} | {"REMOTE-024": "foo://x", "REMOTE-025": "transport::address"}
"""Id → an address that a repository's own configuration may name as where it comes from."""
