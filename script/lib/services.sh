# The services that tests and the demo start: PostgreSQL, the card service with its virtual reader, the browser.
# shellcheck shell=bash

postgres_cluster() {
    if [ -n "${PGHOST:-}${PGSERVICE:-}" ]; then
        DETAIL="server of the environment, PGHOST=${PGHOST:-} PGSERVICE=${PGSERVICE:-}"
        return
    fi
    DETAIL="$(PYTHONPATH="$ROOT/script" "$VENV/bin/python" -m stack.postgres init)" ||
        die "The PostgreSQL cluster could not be made" "The reason is above."
}

card_service() {
    local driver
    [ -x /usr/sbin/pcscd ] || die "pcscd is not installed"
    driver="$(find /usr/lib/pcsc -name 'libifdvpcd.so*' 2>/dev/null | head -n 1)"
    [ -n "$driver" ] || die "The virtual reader's driver (vsmartcard-vpcd) is not installed"
    "$VENV/bin/python" -c 'import smartcard.scard' || die "pyscard does not load in $VENV"
    DETAIL="pcscd $(dpkg-query -W -f='${Version}' pcscd), virtual reader, pyscard"
}

browser() {
    local program
    program="$(command -v chromium || true)"
    [ -n "$program" ] || die "chromium is not installed"
    DETAIL="chromium $(dpkg-query -W -f='${Version}' chromium)"
}
