#!/bin/sh
# The part of the official entrypoint that the catalogue relies on: an empty PGDATA is initialised with the superuser's
# password from a file, by initdb's own arguments; then the command runs. Anything else of the contract is refused.
set -eu
[ "${1:-}" = postgres ] || exec "$@"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -n "${POSTGRES_PASSWORD_FILE:-}" ] || { echo "expected POSTGRES_PASSWORD_FILE" >&2; exit 1; }
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  # Unquoted: several arguments.
  initdb -D "$PGDATA" -U "${POSTGRES_USER:-postgres}" --pwfile="$POSTGRES_PASSWORD_FILE" ${POSTGRES_INITDB_ARGS:-}
fi
exec "$@"
