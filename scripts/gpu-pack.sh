#!/usr/bin/env bash
# Packs what a GPU machine without .NET needs: the runtime, Gpu.Tests, Splitwiser.Bench, the silo, fixtures and the demo model.
#   scripts/gpu-pack.sh [folder]      default .gpu; writes runtime.tar.xz (once) and app.tar.xz there. Unpacked and run by gpu-run.sh.
# BENCH=<project> packs another benchmark project; DATA=no leaves the fixtures and models out, where the GPU machine has a checkout
# around the folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
to=$(realpath -m "${1:-.gpu}")
mkdir -p "$to"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
if ! tar -tf "$to/runtime.tar.xz" 2>/dev/null | grep AspNetCore > /dev/null; then
    tar -C "$dotnet" -cf - dotnet host shared/Microsoft.NETCore.App shared/Microsoft.AspNetCore.App | xz -T0 -6 > "$to/runtime.tar.xz"
fi

dotnet build tests/Gpu.Tests -c Release -nologo -v q -m:1 -o "$stage/tests"
dotnet build "${BENCH:-benchmarks/Splitwiser.Bench}" -c Release -nologo -v q -m:1 -o "$stage/bench"
dotnet build src/Silo -c Release -nologo -v q -m:1 -o "$stage/silo"
rm -rf "$stage"/*/runtimes
git rev-parse --short HEAD > "$stage/commit"
mkdir "$stage/files"
data=(tests/kernels benchmarks/shapes src/Gpu/Kernels)
[ "${DATA:-yes}" = no ] || data+=(tests/fixtures models/demo/*.json models/demo/*.safetensors)
tar -cf - "${data[@]}" | tar -C "$stage/files" -xf -
tar -C "$stage" -cf - tests bench silo files commit | xz -9 > "$to/app.tar.xz"      # its window spans the copies of one library in the three folders
cp scripts/gpu-run.sh "$to/"
ls -l "$to"
