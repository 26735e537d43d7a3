#!/usr/bin/env bash
# Prepares a data directory as an image's entrypoint does, with a real server: sourced it only
# defines its functions, and _main ends by becoming the server. The official one can't be used
# outside an image, since its paths are fixed; the cluster suite runs that one.
set -eo pipefail

data=$HAULOUT_ROOT/var/lib/mysql
socket=$HAULOUT_ROOT/run/mysqld/mysqld.sock

_server() {
  "$@" --skip-networking &
  server=$!
  until mariadb --no-defaults --socket="$socket" -uroot -e 'DO 0' 2>/dev/null; do
    kill -0 "$server"
    sleep 0.05
  done
}

_stop() {
  kill "$server"
  wait "$server"
}

_main() {
  local script
  if [[ ! -d $data/mysql ]]; then
    echo 'entrypoint: initialising'
    mariadb-install-db --rpm --auth-root-authentication-method=normal --skip-test-db "${@:2}"
    _server "$@"
    for script in "$HAULOUT_ROOT"/docker-entrypoint-initdb.d/*.sql; do
      echo "entrypoint: running ${script##*/}"
      mariadb --no-defaults --socket="$socket" -uroot <"$script"
    done
    _stop
  else
    echo "entrypoint: upgrading, MARIADB_AUTO_UPGRADE=$MARIADB_AUTO_UPGRADE"
    _server "$@" --skip-grant-tables
    mariadb-upgrade --no-defaults --socket="$socket" --upgrade-system-tables --force
    _stop
  fi
  exec "$@"
}

(return 0 2>/dev/null) || _main "$@" # return fails unless sourced
