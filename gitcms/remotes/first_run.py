"""The first run: a site fetched into its empty folder, step by step, while somebody looks on.

What the steps are is read off the address: https asks for a name and a password, SSH for a look at the host's
key and for a deploy key. What each comes to is `cloning`'s, the same as for `gitcms clone`; here is kept how
far it is, since a large site takes longer than a page may. Who may take the steps is decided by the caller.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Collection

from gitcms.errors import GitCMSError
from gitcms.remotes import cloning
from gitcms.repository import Address, HostKey, check_address, host_keys
from gitcms.site import Vacant


class FirstRun:
    """How far it is. `problem` is why the last attempt came to nothing; the folder is empty then.

    `address` is None until one is named; `found` are the keys that its host shows, until they are trusted;
    `key` is the deploy key, once there is one.
    """

    def __init__(self, vacant: Vacant, opened: Callable[[], None]) -> None:
        """
        :param opened: called once the site lies in its folder, to open it there.
        """
        self._config, self.folder = vacant.config, vacant.folder
        self._opened = opened
        self._guard = threading.Lock()
        self._work: threading.Thread | None = None
        self.address: Address | None = None
        self.user = ""
        self.found: list[HostKey] = []
        self.key = ""
        self.problem: GitCMSError | None = None
        self.is_open = False

    @property
    def is_fetching(self) -> bool:
        """Whether the site is on its way."""
        return self._work is not None and self._work.is_alive() and not self.is_open

    @property
    def megabytes(self) -> int:
        """How much of it is there."""
        files = (self.folder / ".git").rglob("*")
        total = 0
        for file in files:
            with contextlib.suppress(OSError):  # git has put it elsewhere meanwhile
                total += file.stat().st_size
        return total // 1_000_000

    def name(self, url: str) -> None:
        """Say where the site is kept, and ask its host for its keys where that goes by SSH.

        :raises AddressRefused: it is no address that may be called. :raises: as `host_keys`.
        """
        with self._guard:
            if self.is_fetching or self.is_open:
                return
            self.address, self.found, self.key, self.problem = None, [], "", None
            address = check_address(url, local=self._config.remote.local)
            if address.kind == "ssh":
                # Also where keys of an attempt before are trusted: they may have been another host's.
                self.found = host_keys(address)
            self.address = address

    def trust(self, fingerprints: Collection[str]) -> None:
        """Trust those keys of the host that somebody compared, and make a deploy key.

        :raises: as `cloning.trust` and `cloning.deploy_key`.
        """
        with self._guard:
            if self.address is None or not self.found:
                return
            kept = cloning.state_of(self._config, self.folder)
            cloning.trust(kept, self.address, fingerprints)
            self.found, self.key = [], cloning.deploy_key(kept, self.address)

    def fetch(self, user: str = "", password: str = "", *, seconds: float = 0.0) -> None:
        """Begin to fetch the site, and wait for that for a while.

        :param user: with the password, for https.
        """
        with self._guard:
            if self.address is None or self.found or self.is_fetching or self.is_open:
                return
            self.user, self.problem = user, None
            given = (self.address, user, password)
            self._work = threading.Thread(target=self._fetch, args=given, name="gitcms-clone", daemon=True)
            self._work.start()
        self._work.join(seconds)

    def stop(self) -> None:
        """Leave nothing half-made when the server ends before the site is there."""
        if self.is_fetching:
            for path in self.folder.iterdir():
                shutil.rmtree(path, ignore_errors=True)

    def _fetch(self, address: Address, user: str, password: str) -> None:
        problem = GitCMSError("The server met a fault that it did not expect.")
        try:
            cloning.start(self._config, address, self.folder, user, password)
            self._opened()
            self.is_open = True
        except GitCMSError as error:
            problem = error
        finally:
            # A fault ends this thread and stands in the log; the page says that there was one.
            self.problem = None if self.is_open else problem
