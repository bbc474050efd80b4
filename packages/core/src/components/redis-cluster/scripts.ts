import { concat, type Expression } from "../../model/expression.ts";
import { self } from "../self.ts";

/**
 * What each node runs beside its server until it is connected to all others. nodes.conf has addresses, which are others
 * after a start of all: whoever starts meets the rest by name, and a node that is met again is known by its new address.
 */
export function meetScript(passwordFile: Expression, names: readonly string[]): Expression {
  return concat(
    common(passwordFile, names),
    `
until met 127.0.0.1; do
  for node in $nodes; do
    address=$(getent ahostsv4 "$node" | awk '{ print $1; exit }')
    [ -z "$address" ] || valkey-cli cluster meet "$address" 6379
  done
  sleep 1
done >/dev/null 2>&1
`,
  );
}

/** Gives out slots nobody has and makes a replica of whoever has none; what is done already is left as it is. */
export function formScript(passwordFile: Expression, names: readonly string[]): Expression {
  return concat(
    common(passwordFile, names),
    `
each() { for node in $nodes; do "$@" "$node" || return 1; done; }
wait_for() {
  echo "waiting until $*"
  until each "$@"; do sleep 0.5; done
}
assigned() { ask "$1" cluster info | grep -q cluster_slots_assigned:16384; }
ok() { ask "$1" cluster info | grep -q cluster_state:ok; }
myself() { ask "$1" cluster nodes | grep myself; }
# Eight words, then its slots; the fourth is its master.
settled() { myself "$1" | awk '{ if (NF > 8 || $4 != "-") found = 1 } END { exit !found }'; }
master_at() { myself "$1" | awk '{ print (NF > 8 ? $1 : $4) }'; }
follow() { settled "$1" || ask "$1" cluster replicate "$(master_at "$2")"; }

wait_for met
set -- $nodes
if ! assigned "$1"; then
  ask "$1" cluster addslotsrange 0 5460
  ask "$2" cluster addslotsrange 5461 10922
  ask "$3" cluster addslotsrange 10923 16383
fi
wait_for assigned
until each settled; do
  follow "$4" "$1"; follow "$5" "$2"; follow "$6" "$3"
  follow "$1" "$4"; follow "$2" "$5"; follow "$3" "$6"
  sleep 0.5
done
wait_for ok
`,
  );
}

function common(passwordFile: Expression, names: readonly string[]): Expression {
  return concat(
    'export REDISCLI_AUTH="$(cat ',
    passwordFile,
    ')"\nnodes="',
    ...names.flatMap((name, index) => [index === 0 ? "" : " ", self(name).at("redis", "host")]),
    `"
ask() { host=$1; shift; valkey-cli -h "$host" "$@"; }
met() {
  ask "$1" cluster nodes | awk '/ connected/ && !/handshake|fail|noaddr/ { count++ } END { exit (count < ${names.length}) }'
}
`,
  );
}
