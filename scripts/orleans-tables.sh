#!/usr/bin/env bash
# Creates the tables of Orleans' ADO.NET clustering in a PostgreSQL database: psql's usual PGHOST, PGPORT, PGUSER, PGPASSWORD and
# PGDATABASE say which. The scripts are Orleans' own and come from its repository, of the version that this build uses:
#   orleans-tables.sh [ORLEANS]     ORLEANS: a checkout of dotnet/orleans, or a URL of its files; GitHub's when absent
# Run it once for a database. Needs psql, and curl for a URL.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n "s/.*<OrleansVersion [^>]*>\(.*\)<\/OrleansVersion>.*/\1/p" Orleans.props)
orleans=${1:-https://raw.githubusercontent.com/dotnet/orleans/v$version}
scripts=(src/AdoNet/Shared/PostgreSQL-Main.sql src/AdoNet/Orleans.Clustering.AdoNet/PostgreSQL-Clustering.sql)

read_script() {
    case $orleans in
    http://* | https://*) curl -fsSL "$orleans/$1" ;;
    *) cat "$orleans/$1" ;;
    esac
}

if [ "$(psql -XAtqc "select to_regclass('orleansmembershiptable') is not null")" = t ]; then
    echo "The tables are there."
    exit 0
fi
sql=$(mktemp)
trap 'rm -f "$sql"' EXIT
for script in "${scripts[@]}"; do read_script "$script" >> "$sql"; echo >> "$sql"; done
# All of it or nothing: a half-made schema could not be told from a whole one.
PGOPTIONS='-c client_min_messages=warning' psql -Xq -v ON_ERROR_STOP=1 --single-transaction -f "$sql"
echo "Orleans' clustering tables are made."
