#!/usr/bin/env bash
# Installs the published MCP servers and the conformance suite that tests/mcp runs against, each in an environment of its own.
# Usage: tests/servers/prepare.sh [DIR]   (default: .venv/servers below the checkout; tests look in $AGENT_RUN_TEST_SERVERS)
# Packages come from whatever index and registry pip and npm are set up with. What is there already in the pinned version is left alone.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-${AGENT_RUN_TEST_SERVERS:-$here/.venv/servers}}
python=${PYTHON:-python3}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

# pypi NAME VERSION: a virtual environment DIR/NAME with one package.
pypi() {
  local mark="$dir/$1/.installed-$2"
  [ -e "$mark" ] && return
  echo "installing $1 $2 ..." >&2
  rm -rf "${dir:?}/$1"
  "$python" -m venv "$dir/$1" </dev/null
  "$dir/$1/bin/python" -m pip install -qq --disable-pip-version-check "$1==$2" </dev/null
  touch "$mark"
}

# npm_package FOLDER NAME@VERSION...: a folder with its own node_modules.
npm_package() {
  local folder=$1 mark
  shift
  mark="$dir/$folder/.installed-$(printf '%s ' "$@" | cksum | cut -d' ' -f1)"
  [ -e "$mark" ] && return
  echo "installing $* ..." >&2
  rm -rf "${dir:?}/$folder"
  mkdir -p "$dir/$folder"
  echo '{"private": true}' >"$dir/$folder/package.json"
  (cd "$dir/$folder" && npm install --silent --no-audit --no-fund --no-progress --save-exact "$@" </dev/null)
  touch "$mark"
}

pypi mcp-server-time 2026.10.19
pypi mcp-server-git 2026.10.19
npm_package server-everything @modelcontextprotocol/server-everything@2026.8.31
npm_package server-filesystem @modelcontextprotocol/server-filesystem@2026.8.31
npm_package conformance @modelcontextprotocol/conformance@0.1.16 bun@1.4.5
npm_package yaml-language-server yaml-language-server@1.25.0
echo "$dir"
