#!/bin/sh
# As the official one. What 0.38 does not know of it does not measure either, but it refuses to be told to leave it out.
set -eu
for argument; do
  shift
  case $argument in --disable_metrics=*) argument=$(echo "$argument" | sed 's/,cpuset//') ;; esac
  set -- "$@" "$argument"
done
exec /usr/bin/cadvisor -logtostderr "$@"
