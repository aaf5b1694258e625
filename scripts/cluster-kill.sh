#!/usr/bin/env bash
# Three silo processes on this machine, on Microsoft Orleans; one is killed while it answers. Every answer must be what it was before.
# The last line is "N of N answers are the same"; needs curl and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
answers=${1:-48}
dotnet build src/Silo -c Release -p:OrleansEngine=Microsoft -nologo -v q
logs=$(mktemp -d)
silos=()
trap 'kill "${silos[@]}" 2>/dev/null || true; rm -rf "$logs"' EXIT

start() { # number
    Splitwiser__Clustering__SiloPort=$((21110 + $1)) Splitwiser__Clustering__GatewayPort=$((31110 + $1)) Splitwiser__Clustering__PrimaryPort=21111 \
        artifacts/Microsoft/bin/Splitwiser.Silo/release/Splitwiser.Silo --model models/demo --urls "http://127.0.0.1:$((18080 + $1))" --silo-name "silo$1" --threads 1 \
        > "$logs/silo$1" 2>&1 &
    silos+=($!)
    for _ in $(seq 120); do
        curl -fs "http://127.0.0.1:$((18080 + $1))/ready" > "$logs/ready" && return
        sleep 0.5
    done
    cat "$logs/silo$1" >&2
    return 1
}

ask() { # run, number
    curl -fsS -m 120 http://127.0.0.1:18081/v1/completions -H 'Content-Type: application/json' \
        -d "{\"prompt\": \"In the beginning $2\", \"max_tokens\": 600, \"temperature\": 1, \"seed\": $2, \"ignore_eos\": true}" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["choices"][0]["text"])' > "$logs/$1.$2"
}

ask_all() { # run
    local asking=()
    for number in $(seq "$answers"); do ask "$1" "$number" & asking+=($!); done
    if [ "$1" = killed ]; then
        sleep 0.7
        kill -9 "${silos[2]}"
        echo "silo3 killed"
    fi
    for pid in "${asking[@]}"; do wait "$pid" || true; done
}

for number in 1 2 3; do start "$number"; done
sleep 1 # each has heard of the others' devices
ask_all whole
ask_all killed
same=0
for number in $(seq "$answers"); do
    if [ -s "$logs/whole.$number" ] && cmp -s "$logs/whole.$number" "$logs/killed.$number"; then same=$((same + 1)); fi
done
curl -fsS http://127.0.0.1:18081/metrics | grep '^splitwiser_request_failovers_total' || true
echo "$same of $answers answers are the same"
[ "$same" = "$answers" ]
