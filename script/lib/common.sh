# Shared by the scripts in script/: where things are, and how a step is shown.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
CACHE="${PREPAID_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/prepaid-electricity}"
VENV="$CACHE/venv"
DETAIL=""

die() {
    printf '\n%s: %s\n' "$(basename "$0")" "$1" >&2
    shift
    if [ $# -gt 0 ]; then printf '  %s\n' "$@" >&2; fi
    exit 1
}

# step NAME FUNCTION: runs one step and prints what it found or did, and how long it took.
# A step says the particulars by setting DETAIL.
step() {
    local name="$1" from="$EPOCHREALTIME" took
    DETAIL=""
    STEP="$name"
    "$2"
    took=$(((${EPOCHREALTIME/[.,]/} - ${from/[.,]/}) / 1000))
    printf '%-22s %6d.%01d s  %s\n' "$name" $((took / 1000)) $((took % 1000 / 100)) "$DETAIL"
}

# logged COMMAND...: runs a long command with its output in a log that is shown only when it fails.
logged() {
    local log="$CACHE/log/bootstrap.log"
    mkdir -p "$CACHE/log"
    if ! "$@" >"$log" 2>&1; then
        tail -n 25 "$log" >&2
        return 1
    fi
}

# stamp FILES-AND-WORDS...: one hash over contents, to know whether a step has to run again.
stamp() {
    local each
    for each in "$@"; do
        if [ -f "$each" ]; then cat "$each"; else printf '%s\n' "$each"; fi
    done | sha256sum | cut -c1-64
}

# as_root COMMAND...: runs it with the rights that installing packages needs.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "«$STEP» needs root, and sudo is not installed" "Run as root, or ask an administrator to run:" "$*"
    fi
}
