import { concat, type Expression } from "../../model/expression.ts";
import type { Self } from "../self.ts";

/**
 * What a replica's container runs first: a new volume gets a copy of the primary, one that has a copy must have it of this
 * primary. `primary` is where it is, without the password.
 */
export function startScript({ path }: Self, primary: Expression, slot: string, tls: boolean): Expression {
  const own = (file: string): (string | Expression)[] => [
    "install -m 600 '",
    path("file", file),
    `' /var/run/postgresql/${file}\n`,
  ];
  return concat(
    "set -eu\numask 077\ndata='",
    path("volume", "data"),
    "/replica'\nprimary='",
    primary,
    "'\n# Files of a container may be open to others inside, which is refused of a password and of a key.\n",
    ...own("passfile"),
    ...(tls ? own("tls.pem") : []),
    `if [ -d "$data" ]; then
  ours=$(pg_controldata -D "$data" | sed -n 's/^Database system identifier: *//p')
  # Without an answer it serves what it has.
  theirs=$(psql "$primary&replication=true" -XAtwc IDENTIFY_SYSTEM | cut -d '|' -f 1) || true
  if [ -n "$theirs" ] && [ "$ours" != "$theirs" ]; then
    echo "expected a copy of the primary, whose data is $theirs, got one of $ours; nothing was changed: remove this volume for a new copy" >&2
    exit 1
  fi
else
  # What was cut off is never taken for whole.
  rm -rf "$data.part"
  pg_basebackup -d "$primary" -D "$data.part" -X stream -S ${slot} --checkpoint=fast --no-password
  touch "$data.part/standby.signal"
  sync
  mv "$data.part" "$data"
  sync
fi
# A standby does not start with less than its primary had when what it still has to read was written.
while read -r name least; do
  case $name in
    max_prepared_xacts) name=max_prepared_transactions ;;
    max_locks_per_xact) name=max_locks_per_transaction ;;
  esac
  has=$("$@" -D "$data" -C "$name")
  [ "$has" -ge "$least" ] || set -- "$@" -c "$name=$least"
done <<EOF
$(pg_controldata -D "$data" | sed -n 's/^\\(max_[a-z_]*\\) setting: */\\1 /p')
EOF
exec "$@" -D "$data"
`,
  );
}
