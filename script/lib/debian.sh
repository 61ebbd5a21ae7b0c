# Debian packages that the project needs beside Python's own.
# shellcheck shell=bash

DEBIAN_PACKAGES=(
    ca-certificates git python3 python3-venv python3-dev build-essential pkg-config
    swig libpcsclite-dev libpq-dev libldap-dev libsasl2-dev
    postgresql postgresql-contrib
    pcscd vsmartcard-vpcd softhsm2
    chromium fonts-noto-cjk fonts-dejavu-core
    procps util-linux
)
# Node may be there from elsewhere, in a package that brings npm along and does not bear Debian's beside it.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then DEBIAN_PACKAGES+=(nodejs npm); fi

debian_missing() {
    local package known
    known=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "${DEBIAN_PACKAGES[@]}" 2>/dev/null || true)"
    for package in "${DEBIAN_PACKAGES[@]}"; do
        case "$known" in *" installed:$package "*) ;; *) printf '%s ' "$package" ;; esac
    done
}

debian_packages() {
    command -v dpkg-query >/dev/null || die "This is not Debian: dpkg is missing" \
        "Debian 12 or 13 is needed, or these packages by other means: ${DEBIAN_PACKAGES[*]}"
    local missing
    read -r -a missing <<<"$(debian_missing)"
    if [ ${#missing[@]} = 0 ]; then
        DETAIL="${#DEBIAN_PACKAGES[@]} packages present"
        return
    fi
    printf 'Installing %s\n' "${missing[*]}"
    logged as_root apt-get update || die "The package lists could not be fetched" \
        "Check the network and the sources of apt, then run script/bootstrap again."
    logged as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" ||
        die "Debian packages could not be installed: ${missing[*]}" "The end of apt's output is above."
    DETAIL="${#missing[@]} packages installed"
}
