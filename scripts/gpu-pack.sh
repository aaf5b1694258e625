#!/usr/bin/env bash
# Packs what a GPU machine without .NET needs: the runtime, Gpu.Tests, Splitwiser.Bench, fixtures and the demo model.
#   scripts/gpu-pack.sh [folder]      default .gpu; writes runtime.tar.xz (once) and app.tar.xz there. Unpacked and run by gpu-run.sh.
# BENCH=<project> packs another benchmark project; ASPNET=no leaves ASP.NET's runtime out; DATA=no the fixtures and models, where the
# GPU machine has a checkout around the folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
to=$(realpath -m "${1:-.gpu}")
mkdir -p "$to"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
if [ ! -f "$to/runtime.tar.xz" ]; then
    parts=(dotnet host shared/Microsoft.NETCore.App)
    [ "${ASPNET:-yes}" = no ] || parts+=(shared/Microsoft.AspNetCore.App)
    tar -C "$dotnet" -cf - "${parts[@]}" | xz -T0 -6 > "$to/runtime.tar.xz"
fi

dotnet build tests/Gpu.Tests -c Release -nologo -v q -m:1 -o "$stage/tests"
dotnet build "${BENCH:-benchmarks/Splitwiser.Bench}" -c Release -nologo -v q -m:1 -o "$stage/bench"
rm -rf "$stage"/*/runtimes
git rev-parse --short HEAD > "$stage/commit"
mkdir "$stage/root"
data=(tests/kernels benchmarks/shapes src/Gpu/Kernels)
[ "${DATA:-yes}" = no ] || data+=(tests/fixtures models/demo/*.json models/demo/*.safetensors)
tar -cf - "${data[@]}" | tar -C "$stage/root" -xf -
tar -C "$stage" -cf - tests bench root commit | xz -T0 -3 > "$to/app.tar.xz"
cp scripts/gpu-run.sh "$to/"
ls -l "$to"
