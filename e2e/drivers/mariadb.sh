#!/bin/sh
# The protocol of every client here, in README.md. Arguments: host, port, user, password and database.
# \! is a command to the client itself: it runs once the connection is made.
{
  printf '%s\n' '\! echo connected'
  sed -u "s/\$/;/" # the client wants to see where a statement ends
} | exec mariadb --no-defaults --batch --unbuffered --skip-column-names --connect-timeout=1 \
  --protocol=tcp --host="$1" --port="$2" --user="$3" --password="$4" "$5"
