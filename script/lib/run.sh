# Start of the commands that run something in the prepared environment.
# shellcheck shell=bash

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=/dev/null
. "$here/lib/common.sh"

# prepared MODULE ARGUMENTS...: bootstraps, then becomes that Python module.
prepared() {
    "$ROOT/script/bootstrap" || exit
    cd "$ROOT"
    export PYTHONPATH="$ROOT/script${PYTHONPATH:+:$PYTHONPATH}" PATH="$VENV/bin:$PATH"
    exec "$VENV/bin/python" -m "$@"
}
