#!/usr/bin/env bash
# usage: images/build.sh [NAME...]  - as root on Debian, with a Docker Engine running.
# Builds images from Debian's packages that stand for the official ones on a host that no registry answers: same users,
# paths, variables and commands, for what the catalogue uses. They bear the official tags and the label caisson.drop-in.
# An image that is there is left as it is. Prints the name of each; fails when one could not be built, and says which.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

there() {
  docker image inspect "$1" >/dev/null 2>&1
}

# tag NAME: the tag the catalogue has for a part.
tag() {
  node -e 'const { parts } = JSON.parse(require("fs").readFileSync("../packages/core/src/components/versions.json"));
    const { default: line, releases } = parts[process.argv[1]]; console.log(`${releases[line].image}:${releases[line].tag}`)' "$1"
}

base() {
  there debian:trixie && return
  local root=$work/root
  debootstrap --variant=minbase trixie "$root" || return
  # As in the official image: a layer is written as a whole, or not at all; and nobody reads manuals in it.
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
  printf 'path-exclude /usr/share/%s/*\n' doc man locale info >"$root/etc/dpkg/dpkg.cfg.d/docker-no-docs"
  rm -rf "$root"/var/cache/apt/archives/*.deb
  tar -C "$root" -c . | docker import - debian:trixie
}

# image NAME
image() {
  local name=$1 image context=$work/$1
  image=$(tag "$name") || return
  if ! there "$image"; then
    cp -r "$name" "$context" || return
    [ "$name" != node ] || cp ../node_modules/node-linux-*/bin/node "$context/node" || return
    DOCKER_BUILDKIT=0 docker build -q --label caisson.drop-in=true -t "$image" "$context" || return
  fi
  echo "$image" >&3
}

exec 3>&1
base >"$work/base.log" 2>&1 || { tail -n 5 "$work/base.log" >&2; echo "debian:trixie could not be built" >&2; exit 1; }
[ $# -gt 0 ] || set -- node postgres valkey nginx
# Side by side: each waits for the network and for the disk in turn.
builds=()
for name in "$@"; do
  image "$name" >"$work/$name.log" 2>&1 &
  builds+=("$!")
done
failed=0
for name in "$@"; do
  wait "${builds[0]}" || { failed=1; tail -n 5 "$work/$name.log" >&2; echo "the image of $name could not be built" >&2; }
  builds=("${builds[@]:1}")
done
exit "$failed"
