#!/usr/bin/env bash
# Unpacks what gpu-pack.sh made beside this script and runs a part of it on the GPU of this machine.
#   gpu-run.sh ptxas             what the offline compiler says of every kernel: registers, shared memory, spills
#   gpu-run.sh tests [filter..]  Gpu.Tests, with options of the test runner
#   gpu-run.sh sanitize <tool> [filter..]   the same under compute-sanitizer: memcheck, racecheck; the kernels' tests when no filter is given.
#                                racecheck also reports cuBLASLt's own kernels, whose names begin with nvjet; memcheck takes minutes for the largest vocabulary
#   gpu-run.sh bench <args..>    Splitwiser.Bench
#   gpu-run.sh silo <args..>     the server
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
at=${SPLITWISER_UNPACKED:-/tmp/splitwiser}
stamp=$(stat -c %Y%s "$here/app.tar.xz")
if [ "$(cat "$at/stamp" 2>/dev/null)" != "$stamp" ]; then
    mkdir -p "$at"
    [ -x "$at/dotnet" ] || tar -C "$at" -xJf "$here/runtime.tar.xz" || exit 1
    rm -rf "$at"/{tests,bench,silo,files}
    tar -C "$at" -xJf "$here/app.tar.xz" || exit 1
    for data in tests/fixtures models/demo; do     # packed without: the checkout's
        [ -e "$at/files/$data" ] && continue
        checkout=$here
        while [ ! -d "$checkout/$data" ] && [ "$checkout" != / ]; do checkout=$(dirname "$checkout"); done
        mkdir -p "$at/files/$(dirname $data)" && ln -s "$checkout/$data" "$at/files/$data"
    done
    echo "$stamp" > "$at/stamp"
fi
export DOTNET_ROOT=$at DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_gcServer=1 SPLITWISER_ROOT=$at/files SPLITWISER_COMMIT=$(cat "$at/commit")
part=${1:-tests}
shift || true
case $part in
ptxas)
    nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
    cd "$at/files/src/Gpu/Kernels" || exit 1
    for file in *.cu; do
        for head in 64 128; do
            grep -q HEAD_SIZE "$file" || [ $head = 64 ] || continue
            for rows in 8; do
                grep -q BATCH_ROWS "$file" || [ $rows = 8 ] || continue
                (echo "== $file head $head rows $rows"
                 "$nvcc" -std=c++17 -cubin -gencode=arch=compute_90a,code=sm_90a -Xptxas -v -DHEAD_SIZE=$head -DBATCH_ROWS=$rows -DSOFTCAP=0 -DROTARY_SIZE=$head -DFUNCTION=0 -DGATED=1 "$file" -o /dev/null 2>&1 | grep -E "error|warning|Compiling|Used|spill") > "/tmp/ptxas-$file-$head-$rows.log" &
            done
        done
    done
    wait
    cat /tmp/ptxas-*.log
    ;;
sanitize)
    tool=${1:?memcheck or racecheck}
    shift
    [ $# -gt 0 ] || set -- --filter-namespace Splitwiser.Gpu.Tests.Kernels
    sanitizer=$(command -v compute-sanitizer || echo /usr/local/cuda/bin/compute-sanitizer)
    [ -x "$sanitizer" ] || { echo "No compute-sanitizer on this machine." >&2; exit 3; }
    "$sanitizer" --tool "$tool" --error-exitcode 9 "$at/dotnet" "$at/tests/Splitwiser.Gpu.Tests.dll" "$@"
    ;;
tests) "$at/dotnet" "$at/tests/Splitwiser.Gpu.Tests.dll" "$@" ;;
bench) cd "$SPLITWISER_ROOT" && "$at/dotnet" "$at/bench/Splitwiser.Bench.dll" "$@" ;;
silo) cd "$SPLITWISER_ROOT" && "$at/dotnet" "$at/silo/Splitwiser.Silo.dll" "$@" ;;
*) echo "ptxas, tests, sanitize, bench or silo, not $part" >&2; exit 2 ;;
esac
