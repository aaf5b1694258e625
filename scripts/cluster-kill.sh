#!/usr/bin/env bash
# Three silo processes on this machine, on Microsoft Orleans; one is killed while an Orleans client outside streams from all of them, and
# started again. Every stream must end with the tokens that it had before, none may stand still for 3 s, and no page may be leaked.
#   cluster-kill.sh [--streams 300] [--repetitions 1] [--provider Localhost|Redis|AdoNet] [--tls] [what else Splitwiser.Bench kill takes]
# Redis: a server of its own, from redis-server on PATH. AdoNet: the PostgreSQL database of PGHOST, PGPORT, PGUSER, PGPASSWORD and
# PGDATABASE, which orleans-tables.sh has prepared. Without its server it skips itself. --tls: silos and client speak TLS, needs openssl.
# BUILT=1 takes the program as it is. The last line is "N of N answers are the same", or "skipped: ...".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
provider=Localhost
tls=
arguments=()
while [ $# -gt 0 ]; do
    case $1 in
    --provider) provider=${2:-}; shift ;;
    --tls) tls=1 ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
fail() { echo "no result: $1"; exit 1; }
skip() { echo "skipped: $1"; exit 0; }

case $provider in
Localhost) ;;
Redis)
    command -v redis-server > /dev/null || skip "there is no redis-server"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    redis-server --port "$port" --bind 127.0.0.1 --save "" --dir "$work" > "$work/redis" 2>&1 &
    server=$!
    export Splitwiser__Clustering__ConnectionString=127.0.0.1:$port
    ;;
AdoNet)
    psql -XAtqc 'select 1 from orleansmembershiptable limit 1' > "$work/psql" 2>&1 || skip "there is no PostgreSQL database with Orleans' tables: $(head -1 "$work/psql")"
    export Splitwiser__Clustering__Invariant=Npgsql
    export Splitwiser__Clustering__ConnectionString="Host=${PGHOST:-localhost};Port=${PGPORT:-5432};Username=$PGUSER;Password=${PGPASSWORD:-};Database=${PGDATABASE:-$PGUSER}"
    ;;
*) fail "expected Localhost, Redis or AdoNet, found '$provider'" ;;
esac

if [ -n "$tls" ]; then
    command -v openssl > /dev/null || skip "there is no openssl"
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=splitwiser-ca -keyout "$work/ca.key" -out "$work/ca.pem" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=splitwiser -keyout "$work/key.pem" -out "$work/csr" &&
        openssl x509 -req -in "$work/csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 1 -out "$work/cert.pem"
    } > "$work/openssl" 2>&1 || fail "openssl made no certificates: $(tail -1 "$work/openssl")"
    export Splitwiser__Clustering__Tls__CertFile=$work/cert.pem Splitwiser__Clustering__Tls__KeyFile=$work/key.pem Splitwiser__Clustering__Tls__CaFile=$work/ca.pem
fi

[ -n "${BUILT:-}" ] || dotnet build benchmarks/Splitwiser.Bench -c Release -p:OrleansEngine=Microsoft -nologo -v q > "$work/build" 2>&1 || { tail -n 5 "$work/build"; fail "the benchmarks do not build"; }
artifacts/Microsoft/bin/Splitwiser.Bench/release/Splitwiser.Bench kill --provider "$provider" "${arguments[@]}"
