#!/usr/bin/env bash
# The two commands of the README on machines that have Python, Git and ca-certificates alone.
#
#   tests/fresh_machine.sh [SUITE …] [-- PYTEST_ARGUMENT …]     bookworm and trixie, when none is named
#
# Needs root and debootstrap. Makes a minimal Debian of each suite (kept in $GITCMS_FRESH, by default
# /var/tmp/gitcms-fresh) and puts in what an administrator would: this machine's CA bundle, its pip
# settings and its way to find hosts. Then a new ordinary user runs, in a clone of this checkout's last
# commit, `python3 -m gitcms demo` until both its pages were seen, once more, and `python3 -m gitcms
# test`. Prints what each took, in seconds and in megabytes.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
store=${GITCMS_FRESH:-/var/tmp/gitcms-fresh}

suites=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do suites+=("$1"); shift; done
[ $# -gt 0 ] && shift
[ ${#suites[@]} -gt 0 ] || suites=(bookworm trixie)

failed=()
main() {
  for suite in "${suites[@]}"; do
    make_base "$suite"
    root=$store/$suite
    settle_in "$root"
    echo "== $suite: $(in_root "$root" python3 --version), $(in_root "$root" git --version), $(megabytes "$root") MB"
    timed "demo, first start" in_root "$root" python3 -m gitcms demo /home/writer/demo --port 0 --check
    echo "   .venv $(megabytes "$root/home/writer/gitcms/.venv") MB"
    timed "demo, again" in_root "$root" python3 -m gitcms demo /home/writer/demo --port 0 --check
    timed "test" in_root "$root" python3 -m gitcms test "$@"
    echo "   .venv $(megabytes "$root/home/writer/gitcms/.venv") MB"
  done
  [ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
}

make_base() {
  [ -e "$store/$1/finished" ] && return
  rm -rf "${store:?}/$1"
  mkdir -p "$store"
  debootstrap --variant=minbase --include=python3,git,ca-certificates "$1" "$store/$1" >"$store/$1.log" 2>&1
  rm -rf "$store/$1"/var/cache/apt/archives/*.deb "$store/$1"/var/lib/apt/lists/*
  touch "$store/$1/finished"
}

settle_in() {
  for file in /etc/ssl/certs/ca-certificates.crt /etc/resolv.conf /etc/hosts /etc/pip.conf; do
    if [ -e "$file" ]; then cp -L "$file" "$1$file"; fi
  done
  rm -rf "$1/home/writer"
  chroot "$1" sh -c 'id writer >/dev/null 2>&1 || useradd --uid 1000 writer'
  mkdir "$1/home/writer"
  if [ -e ~/.config/pip/pip.conf ]; then
    mkdir -p "$1/home/writer/.config/pip"
    cp ~/.config/pip/pip.conf "$1/home/writer/.config/pip"
  fi
  git clone -q "file://$top" "$1/home/writer/gitcms"
  chown -R 1000:1000 "$1/home/writer"
}

# Mounts are the command's own: nothing is left behind when it ends.
in_root() {
  local root=$1
  shift
  local settings
  mapfile -t settings < <(env | grep -E '^(PIP_|SSL_CERT_)[A-Z_]*=')
  unshare --mount --pid --fork --kill-child bash -c '
    root=$1; shift
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/tmp" &&
    exec chroot --userspec=1000:1000 "$root" env -i "$@"' bash "$root" \
    HOME=/home/writer LANG=C.UTF-8 PATH=/usr/bin:/bin "${settings[@]}" \
    env --chdir=/home/writer/gitcms "$@" </dev/null
}

timed() {
  local what=$1 began
  shift
  began=$EPOCHREALTIME
  "$@" 2>&1 | sed 's/^/   | /' || failed+=("$suite: $what")
  awk -v what="$what" -v took="$(awk "BEGIN { print $EPOCHREALTIME - $began }")" \
    'BEGIN { printf "   %-18s %6.1f s\n", what, took }'
}

megabytes() { du -sm "$1" | cut -f1; }

main "$@"
