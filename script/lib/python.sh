# The virtual environment, made from Debian's Python so that it is the same for everybody.
# shellcheck shell=bash

python_environment() {
    local want hw_proxy=absent python="${PREPAID_PYTHON:-/usr/bin/python3}"
    if [ -f "$ROOT/hw_proxy/__init__.py" ]; then hw_proxy=present; fi
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
        die "$python is $("$python" --version); the pinned packages need Python 3.11 to 3.13"
    want="$(stamp "$ROOT/requirements.txt" "$ROOT/pyproject.toml" "$("$python" --version)" "$ROOT" "$hw_proxy")"
    if [ "$(cat "$VENV/.stamp" 2>/dev/null)" = "$want" ] && [ -x "$VENV/bin/hw-proxy" ]; then
        DETAIL="$("$VENV/bin/python" --version), $VENV"
        return
    fi
    if [ ! -x "$VENV/bin/python" ]; then
        logged "$python" -m venv "$VENV" || die "The virtual environment could not be made in $VENV"
    fi
    logged "$VENV/bin/python" -m pip install --disable-pip-version-check -r "$ROOT/requirements.txt" ||
        die "Python packages could not be installed" "The end of pip's output is above; the whole is in $CACHE/log/bootstrap.log."
    logged "$VENV/bin/python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e "$ROOT" ||
        die "The hw-proxy command could not be installed" "The end of pip's output is above."
    printf '%s\n' "$want" >"$VENV/.stamp"
    DETAIL="$("$VENV/bin/python" --version), installed in $VENV"
}
