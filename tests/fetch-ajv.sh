#!/usr/bin/env bash
# Puts ajv, a JSON Schema validator of other people, into .external/ajv, with the versions that tests/ajv/package-lock.json pins.
# Tests that ask it are skipped without it.
set -euo pipefail
cd "$(dirname "$0")/.."

target=.external/ajv
if [[ -s $target/package-lock.json ]] && cmp -s tests/ajv/package-lock.json "$target/package-lock.json" && [[ -d $target/node_modules/ajv ]]; then
    echo "ajv: there"
    exit 0
fi
if ! command -v npm > /dev/null; then
    echo "ajv: npm is not installed, so it can't be fetched; its tests will be skipped" >&2
    exit 1
fi

rm -rf "$target"
mkdir -p "$target"
cp tests/ajv/package.json tests/ajv/package-lock.json "$target/"
(cd "$target" && npm ci --silent --ignore-scripts --no-audit --no-fund)
echo "ajv: fetched"
