"""Pictures of the site: nothing else is given out, and what is can do nothing."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from gitcms.repository import lfs
from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor


def put(site: Site, path: str, data: bytes) -> None:
    file = site.repository.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    git(site.repository.folder, "add", path)
    git(site.repository.folder, "commit", "-q", "-m", "A file")


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), (24, 90, 110)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_comes_as_it_is_saved_and_shut_in(ines: Visitor, site: Site) -> None:
    put(site, "img/river.png", png())
    answer = ines.client.get("/files/img/river.png")
    assert answer.data == png()
    assert answer.mimetype == "image/png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_that_is_still_the_same_is_not_sent_again(ines: Visitor, site: Site) -> None:
    put(site, "img/river.png", png())
    known = ines.client.get("/files/img/river.png").headers["ETag"]
    assert ines.client.get("/files/img/river.png", headers={"If-None-Match": known}).status_code == 304


def test_a_drawing_with_scripts_in_it_comes_as_a_download(ines: Visitor, site: Site) -> None:
    put(site, "img/a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    answer = ines.client.get("/files/img/a.svg")
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "data", [b"<script>alert(1)</script>", b"GIF89a<script>", b"", b"<svg><script/></svg>"]
)
def test_what_only_calls_itself_a_picture_is_not_given_out(ines: Visitor, site: Site, data: bytes) -> None:
    put(site, "img/a.png", data)
    ines.get("/files/img/a.png", status=404)


@pytest.mark.parametrize(
    "path",
    [
        "_config.yml",
        ".git/config",
        "../state/secret.key",
        "img/../_config.yml",
        "nothing.png",
        "%2e%2e/a.png",
    ],
)
def test_no_other_file_is_given_out(ines: Visitor, path: str) -> None:
    assert ines.client.get(f"/files/{path}").status_code in (404, 308)


def test_what_lies_on_the_disk_but_was_not_saved_is_not_given_out(ines: Visitor, site: Site) -> None:
    (site.repository.folder / "secret.png").write_bytes(png())
    ines.get("/files/secret.png", status=404)


def test_a_picture_in_large_file_storage_is_shown_where_its_content_is_here(
    ines: Visitor, site: Site
) -> None:
    pointer = lfs.pointer_to(png())
    put(site, "img/river.png", bytes(pointer))
    answer = ines.client.get("/files/img/river.png")
    assert answer.status_code == 404
    assert "content of this picture is not on this server" in answer.get_data(as_text=True)
    lfs.Store(site.repository.git_folder).write(png())
    assert ines.client.get("/files/img/river.png").data == png()
