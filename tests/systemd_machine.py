"""systemd(1) as the first process of a machine of its own, made of namespaces on top of this one.

Its disk is this machine's with a layer of its own above, so nothing that happens there reaches this one but
what is written below the folders that it is given. It has no units but the few that others hang on.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
CHECKOUT = "/opt/gitcms"
SYSTEMD = next(filter(os.path.exists, ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")), "")

BOOT = r"""
set -eu
layer=$1; group=$2; shift 2
mount -t tmpfs none "$layer"
mkdir "$layer/over" "$layer/work" "$layer/root"
root=$layer/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/over,workdir=$layer/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mkdir -p "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
for place in /etc/systemd/system /usr/lib/systemd/system /usr/lib/systemd/system-generators; do
  mkdir -p "$root$place"; mount -t tmpfs tmpfs "$root$place"
done
for name in sysinit basic multi-user shutdown; do
  printf '[Unit]\nDefaultDependencies=no\n' > "$root/usr/lib/systemd/system/$name.target"
done
while [ $# -gt 0 ]; do mkdir -p "$root$2"; mount --rbind "$1" "$root$2"; shift 2; done
cd "$root"
mkdir -p .old
pivot_root . .old
umount -l .old
exec env -i container=other PATH=/usr/bin:/bin:/usr/sbin:/sbin \
  "$SYSTEMD" --system --unit=basic.target --log-target=null
"""


@dataclass(frozen=True)
class Machine:
    """A machine that runs; `pid` is its first process, as seen from here."""

    pid: int

    def run(self, *command: str, user: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command there and wait for it, as root or as another user."""
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        inside = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--uts", "--ipc", "--cgroup"]
        env = ["env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/", "LANG=C.UTF-8"]
        done = subprocess.run(
            [*inside, "--wdns=/", *env, *become, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, (command, done.stdout, done.stderr)
        return done

    def systemctl(self, *words: str) -> str:
        return self.run("systemctl", "--no-pager", *words).stdout

    def gitcms(self, *words: str, user: str) -> str:
        """Run a command of the checkout, which lies under /opt there."""
        own = TOP / ".venv/bin/python"
        python = f"{CHECKOUT}/.venv/bin/python" if own.exists() else sys.executable
        line = shlex.join([python, "-m", "gitcms", *words])
        return self.run("sh", "-c", f"cd {CHECKOUT} && exec {line}", user=user).stdout

    def write(self, path: str, text: str) -> None:
        self.run("sh", "-c", f"mkdir -p {Path(path).parent}; printf %s {shlex.quote(text)} > {path}")


@contextlib.contextmanager
def booted(folder: Path, given: Mapping[Path, str], user: str, number: int) -> Iterator[Machine]:
    """Run such a machine, with a user who has no home.

    :param folder: an empty one of this machine. :param given: folder of this machine → where it lies there.
    """
    if os.getuid() != 0 or not SYSTEMD:
        pytest.skip("needs systemd: as root, apt-get install systemd")
    group = f"gitcms-{os.getpid()}-{number}"
    binds = [str(part) for pair in {TOP: CHECKOUT, **given}.items() for part in pair]
    enter = 'mount -t cgroup2 none "$1"; mkdir "$1/$2"; echo $$ > "$1/$2/cgroup.procs"; umount "$1"; '
    enter += 'shift 2; exec "$@"'
    layer = folder / "layer"
    layer.mkdir()
    namespaces = ["unshare", "--fork", "--pid", "--kill-child", "--mount", "--uts", "--ipc", "--cgroup"]
    command = ["unshare", "--mount", "sh", "-ec", enter, "sh", str(layer), group]
    boots = subprocess.Popen(
        [*command, *namespaces, "sh", "-c", BOOT, "sh", str(layer), group, *binds],
        env={**os.environ, "SYSTEMD": SYSTEMD},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        machine = Machine(_first_process(boots))
        _settle(machine, user, number)
        yield machine
    finally:
        boots.kill()
        boots.wait()
        tidy = 'mount -t cgroup2 none "$1"; find "$1/$2" -depth -type d -exec rmdir {} +'
        for _ in range(100):
            left = ["unshare", "--mount", "sh", "-c", tidy, "sh", str(layer), group]
            if subprocess.run(left, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                break
            time.sleep(0.05)


def _first_process(boots: subprocess.Popen[bytes]) -> int:
    """Return the process that has become systemd, once it answers."""
    for _ in range(400):
        assert boots.poll() is None, "the machine does not start"
        children = Path(f"/proc/{boots.pid}/task/{boots.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text() == "systemd\n":
            machine = Machine(int(children[0]))
            if machine.run("systemctl", "is-system-running", check=False).stdout.strip() in (
                "running",
                "degraded",
            ):
                return machine.pid
        time.sleep(0.05)
    raise AssertionError("systemd does not come up")


def _settle(machine: Machine, user: str, number: int) -> None:
    machine.run("sh", "-c", f"echo {user}:x:{number}: >> /etc/group")
    machine.run("sh", "-c", f"echo {user}:x:{number}:{number}::/nonexistent:/bin/sh >> /etc/passwd")
    # The interpreter may lie in somebody's home. There, its user lets others in.
    for python in {sys.base_prefix, os.path.realpath(sys.prefix)}:
        for each in Path(python).parents:
            machine.run("chmod", "o+x", str(each), check=False)
