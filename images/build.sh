#!/usr/bin/env bash
# usage: images/build.sh [NAME...]  - as root on Debian, with a Docker Engine running.
# Builds images from Debian's packages that stand for the official ones on a host that no registry answers: same users,
# paths, variables and commands, for what the catalogue uses. They bear the official tags and the label caisson.drop-in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# tag NAME: the tag the catalogue has for a part.
tag() {
  node -e 'const { parts } = JSON.parse(require("fs").readFileSync("../packages/core/src/components/versions.json"));
    const { default: line, releases } = parts[process.argv[1]]; console.log(`${releases[line].image}:${releases[line].tag}`)' "$1"
}

base() {
  ! docker image inspect debian:trixie >/dev/null 2>&1 || return 0
  local root
  root=$(mktemp -d)
  debootstrap --variant=minbase trixie "$root" >/dev/null
  tar -C "$root" -c . | docker import - debian:trixie >/dev/null
  rm -rf "$root"
}

base
[ $# -gt 0 ] || set -- node postgres valkey nginx
for name in "$@"; do
  if [ "$name" = node ]; then
    trap 'rm -f node/node' EXIT
    cp ../node_modules/node-linux-*/bin/node node/node
  fi
  DOCKER_BUILDKIT=0 docker build -q --label caisson.drop-in=true -t "$(tag "$name")" "$name" >/dev/null
  echo "$(tag "$name")"
done
