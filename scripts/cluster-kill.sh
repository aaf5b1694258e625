#!/usr/bin/env bash
# Three silo processes on this machine, on Microsoft Orleans; one is killed while streams of two others compute on it. Every stream must end
# with the tokens that it had before.
#   cluster-kill.sh [answers] [Localhost|Redis|AdoNet] [tls]
# Redis: a server of its own, from redis-server on PATH. AdoNet: the PostgreSQL database of PGHOST, PGPORT, PGUSER, PGPASSWORD and
# PGDATABASE, which orleans-tables.sh has prepared. Without its server it skips itself. tls: silos and client speak TLS, needs openssl.
# BUILT=1 takes the programs as they are. KEEP=FOLDER keeps the silos' logs there. The last line is "N of N answers are the same", or "skipped: ..."; needs curl and python3.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
answers=${1:-300}
provider=${2:-Localhost}
tls=${3:-}
work=$(mktemp -d)
silos=()
server=

finish() { # also after an error: no run ends without a last line that says why
    local status=$?
    kill -9 "${silos[@]}" $server 2>/dev/null
    wait 2>/dev/null
    [ -s "$work/result" ] || { tail -n 5 "$work"/silo* 2>/dev/null; echo "no result: ${problem:-it was ended from outside, with status $status}"; status=1; }
    cat "$work/result" 2>/dev/null
    [ -z "${KEEP:-}" ] || cp -r "$work" "$KEEP"
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
fail() { problem=$1; exit 1; }
skip() { echo "skipped: $1" > "$work/result"; exit 0; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

export Splitwiser__Clustering__Provider=$provider Splitwiser__Clustering__ClusterId="kill-$$-$RANDOM" Splitwiser__Clustering__ServiceId=splitwiser
case $provider in
Localhost) ;;
Redis)
    command -v redis-server > /dev/null || skip "there is no redis-server"
    port=$(free_port)
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
[ "$provider" = Localhost ] || export Splitwiser__Clustering__AdvertisedAddress=127.0.0.1

client_tls=()
if [ "$tls" = tls ]; then
    command -v openssl > /dev/null || skip "there is no openssl"
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=splitwiser-ca -keyout "$work/ca.key" -out "$work/ca.pem" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=splitwiser -keyout "$work/key.pem" -out "$work/csr" &&
        openssl x509 -req -in "$work/csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 1 -out "$work/cert.pem"
    } > "$work/openssl" 2>&1 || fail "openssl made no certificates: $(tail -1 "$work/openssl")"
    export Splitwiser__Clustering__Tls__CertFile=$work/cert.pem Splitwiser__Clustering__Tls__KeyFile=$work/key.pem Splitwiser__Clustering__Tls__CaFile=$work/ca.pem
    client_tls=(--cluster-certfile "$work/cert.pem" --cluster-keyfile "$work/key.pem" --cluster-cafile "$work/ca.pem")
fi

[ -n "${BUILT:-}" ] || for project in Silo Client; do
    dotnet build "src/$project" -c Release -p:OrleansEngine=Microsoft -nologo -v q > "$work/build" 2>&1 || { tail -n 5 "$work/build"; fail "src/$project does not build"; }
done

alive() { kill -0 "$1" 2>/dev/null; }

start() { # number
    Splitwiser__Clustering__SiloPort=$((21110 + $1)) Splitwiser__Clustering__GatewayPort=$((31110 + $1)) \
        artifacts/Microsoft/bin/Splitwiser.Silo/release/Splitwiser.Silo --model models/demo --device cpu --urls "http://127.0.0.1:$((18080 + $1))" --silo-name "silo$1" --threads 1 \
        --max-num-seqs 320 --num-gpu-blocks-override 1280 > "$work/silo$1" 2>&1 &
    silos+=($!)
    for _ in $(seq 600); do
        curl -fs -m 5 "http://127.0.0.1:$((18080 + $1))/ready" > "$work/ready" && return
        alive "${silos[-1]}" || fail "silo$1 ended by itself"
        sleep 0.5
    done
    fail "silo$1 was not ready within 5 minutes"
}

devices_known() { # silo number: how many devices it routes to
    curl -fs -m 5 "http://127.0.0.1:$((18080 + $1))/admin/devices" -H "Authorization: Bearer $SPLITWISER_ADMIN_KEY" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["devices"]))' 2> /dev/null
}

ask_all() { # run [--kill PID SHARE]: of silo1 and silo2
    python3 scripts/ask-streams.py "$answers" "$work/$1" http://127.0.0.1:18081 http://127.0.0.1:18082 "${@:2}" || fail "the streams of the $1 run could not be asked for"
}

leased() { # pages that the survivors' devices still count as leased
    for number in 1 2; do curl -fsS -m 20 "http://127.0.0.1:$((18080 + number))/metrics"; done | awk '/^splitwiser_pages_leased/ { n += $NF } END { print n + 0 }'
}

export SPLITWISER_ADMIN_KEY=${SPLITWISER_ADMIN_KEY:-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')}
[ "$provider" = Localhost ] && export Splitwiser__Clustering__PrimaryPort=21111
for number in 1 2 3; do start "$number"; done
for _ in $(seq 120); do [ "$(devices_known 1)" = 3 ] && break; sleep 0.5; done
[ "$(devices_known 1)" = 3 ] || fail "silo1 does not know of the others' devices"

ask_all warming > "$work/warming.log"
ask_all undisturbed
artifacts/Microsoft/bin/Splitwiser.Client/release/Splitwiser.Client generate "In the beginning" --max-tokens 16 --cluster 127.0.0.1:31112 \
    --cluster-id "$Splitwiser__Clustering__ClusterId" --service-id splitwiser "${client_tls[@]}" > "$work/client" 2> "$work/client-errors" || fail "an Orleans client got no answer: $(tail -1 "$work/client-errors")"
echo "an Orleans client outside was answered: $(head -c 60 "$work/client")"
share=$(python3 -c 'import random; print(random.uniform(0.05, 0.6))')
for number in 1 2 3; do alive "${silos[number - 1]}" || fail "silo$number ended by itself"; done
ask_all killed --kill "${silos[2]}" "$share"
for number in 1 2; do curl -fsS -m 20 "http://127.0.0.1:$((18080 + number))/metrics"; done | grep '^splitwiser_request_failovers_total' || fail "the survivors say nothing of failovers"
for _ in $(seq 40); do [ "$(leased)" = 0 ] && break; sleep 0.5; done
[ "$(leased)" = 0 ] || fail "$(leased) pages are leased on the survivors after the last stream"
same=$(python3 -c 'import json, sys; whole, killed = (json.load(open(file))["answers"] for file in sys.argv[1:]); print(sum(a["error"] is None and b["error"] is None and a["ids"] == b["ids"] for a, b in zip(whole, killed)))' "$work/undisturbed" "$work/killed")
echo "$same of $answers answers are the same" > "$work/result"
[ "$same" = "$answers" ]
