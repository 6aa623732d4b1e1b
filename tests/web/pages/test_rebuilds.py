"""Rebuilds: their list, asking for one, and the state that scripts ask for."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from flask import Flask

from gitcms import builds
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.making import JEKYLL, make_repository, open_made, settings
from tests.web.pages.conftest import Enter, Visitor, text_of

BUILD = (sys.executable, "-c", "import sys; print('Error in a.md'); sys.exit(1)")


@pytest.fixture
def building(tmp_path: Path) -> Site:
    folder = make_repository(tmp_path / "built", JEKYLL)
    config = settings(folder, tmp_path / "built-state").with_values("build", command=BUILD, quiet_seconds=0)
    return open_made(folder, tmp_path / "built-state", config)


class TestWithoutACommand:
    def test_the_page_says_that_the_site_is_rebuilt_elsewhere(self, ines: Visitor) -> None:
        assert "The site is not rebuilt from here" in text_of(ines.get("/rebuilds"))

    def test_asking_for_one_is_answered_with_a_sentence(self, rita: Visitor) -> None:
        token = token_of(rita)
        page = rita.post("/rebuilds", {"csrf_token": token}, status=503).text
        assert "This site is not rebuilt from here" in page


class TestWithACommand:
    @pytest.fixture
    def site(self, building: Site) -> Site:
        return building

    @pytest.fixture
    def app(self, site: Site) -> Flask:
        return create_app(site.config, site)

    def test_a_reviewer_asks_for_a_rebuild_and_sees_it_in_the_list(self, rita: Visitor) -> None:
        page = rita.follow(rita.post("/rebuilds", {"csrf_token": token_of(rita)}))
        assert "asked for by Rita Reyes" in text_of(page)

    def test_an_author_may_not_ask(self, ines: Visitor) -> None:
        assert "Rebuild now" not in ines.get("/rebuilds")
        ines.post("/rebuilds", {"csrf_token": token_of(ines)}, status=403)

    def test_what_the_generator_said_is_for_admins(self, ines: Visitor, enter: Enter, site: Site) -> None:
        builds.request(site, "Rita")
        assert builds.run_next(site, threading.Event())
        assert "did not go live" in text_of(ines.get("/"))
        assert "Error in a.md" not in ines.get("/rebuilds")
        assert "Error in a.md" in enter("Ada", "ada@example.org", Role.ADMIN).get("/rebuilds")

    def test_scripts_get_the_thread_as_the_pages_show_it(self, ines: Visitor, site: Site) -> None:
        builds.request(site, "Rita")
        answer = ines.client.get("/status").get_json()
        assert answer["state"] == "queued"
        assert "Rebuild requested" in answer["html"]


def token_of(visitor: Visitor) -> str:
    page = visitor.get("/")
    return page.split('name="csrf_token" value="')[1].split('"')[0]
