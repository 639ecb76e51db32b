#!/usr/bin/env bash
# Creates or updates .venv from the hashed locks. `make env` runs it; needs Python 3.11 or newer with venv, nothing else.
# PYTHON chooses the interpreter. Indexes, certificates and proxies come from the settings pip and uv already have here.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'env: %s\n' "$*"; }
recent() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

chosen=${PYTHON:-}
if [ -z "$chosen" ]; then
    for candidate in python3 python3.13 python3.12 python3.11; do
        if recent "$candidate"; then chosen=$candidate && break; fi
    done
fi
if [ -z "$chosen" ] || ! recent "$chosen"; then
    say "needs Python 3.11 or newer${chosen:+; $chosen is older or cannot be run}. Name one: make env PYTHON=/path/to/python3" >&2
    exit 1
fi

python=.venv/bin/python
if [ -x "$python" ] && recent "$python" && { [ -z "${PYTHON:-}" ] || [ "$(version "$python")" = "$(version "$chosen")" ]; }; then
    say "keeping .venv with Python $(version "$python")"
else
    say "creating .venv with Python $(version "$chosen") (a few seconds)"
    "$chosen" -m venv --clear .venv || {
        say "the venv module failed; on Debian and Ubuntu install python3-venv" >&2
        exit 1
    }
fi

say "installing the pinned uv by pip (a few seconds)"
"$python" -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-uv.lock

# uv does not read pip's settings: hand over what they say, unless uv has its own.
pip_setting() {
    local section
    for section in :env: install global; do
        "$python" -m pip config list 2>/dev/null | sed -n "s/^$section\\.$1='\\(.*\\)'\$/\\1/p" | grep . && return
    done
    return 0
}
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    index=$(pip_setting index-url)
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
fi
if [ -z "${SSL_CERT_FILE:-}" ]; then
    certificates=$(pip_setting cert)
    if [ -n "$certificates" ]; then export SSL_CERT_FILE="$certificates"; fi
fi

say "installing the locked packages, hashes checked (10 to 60 seconds the first time)"
.venv/bin/uv pip sync --quiet --python "$python" --require-hashes requirements.lock
say "installing phaseline itself, editable (a second or two)"
.venv/bin/uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
say "ready: .venv/bin/phaseline"
