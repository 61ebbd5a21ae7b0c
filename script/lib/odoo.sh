# Odoo 19: a checkout of the user's, an installed package, or the Debian package unpacked under the cache.
# shellcheck shell=bash

ODOO_PACKAGE="odoo-19"
# The package links these into /usr/share; they are unpacked beside it. Without jquery every page answers 500.
ODOO_SUPPORT=(
    libjs-jquery libjs-jquery-form libjs-underscore fonts-glyphicons-halflings fonts-inconsolata fonts-font-awesome
    fonts-montserrat fonts-ocr-b fonts-roboto-unhinted
)
ODOO_UNPACKED="$CACHE/odoo"

odoo_source() {
    local path origin
    if [ -n "${ODOO_HOME:-}" ]; then
        [ -f "$ODOO_HOME/odoo/release.py" ] || die "ODOO_HOME=$ODOO_HOME holds no Odoo: odoo/release.py is missing"
        path="$ODOO_HOME"
        origin="checkout $ODOO_HOME $(git -C "$ODOO_HOME" rev-parse --short HEAD 2>/dev/null || true)"
    elif [ -f /usr/lib/python3/dist-packages/odoo/release.py ] && dpkg-query -W "$ODOO_PACKAGE" >/dev/null 2>&1; then
        path=/usr/lib/python3/dist-packages
        origin="$ODOO_PACKAGE $(dpkg-query -W -f='${Version}' "$ODOO_PACKAGE"), installed by Debian"
    else
        if [ ! -f "$ODOO_UNPACKED/.complete" ]; then odoo_download; fi
        path="$ODOO_UNPACKED/usr/lib/python3/dist-packages"
        origin="$(grep "^$ODOO_PACKAGE " "$CACHE/odoo-packages.txt")"
    fi
    odoo_link "$path"
    DETAIL="$(printf '%s' "$origin" | tr -s ' ')"
    printf '%s\n' "$DETAIL" >"$CACHE/odoo-origin.txt"
}

# odoo_link PATH: lets the virtual environment import Odoo from PATH. Debian's other Python packages in the
# same folder must stay out of sight, hence a folder with nothing but a link.
odoo_link() {
    local path="$1" only="$CACHE/odoo-path"
    mkdir -p "$only"
    if [ -e "$path/addons/base/__init__.py" ] || [ -d "$path/odoo/addons/web" ] || [ -d "$path/addons/web" ]; then :; else
        die "$path holds no Odoo addons"
    fi
    if [ "$path" = "${ODOO_HOME:-}" ]; then
        only="$path"
    else
        ln -sfn "$path/odoo" "$only/odoo"
    fi
    local site
    site="$(echo "$VENV"/lib/python3.*/site-packages)"
    if [ "$(cat "$site/odoo-19.pth" 2>/dev/null)" != "$only" ]; then printf '%s\n' "$only" >"$site/odoo-19.pth"; fi
}

# apt_private ARGUMENTS...: apt-get over sid alone, with lists of its own: the machine's configuration is untouched.
apt_private() {
    local base="$CACHE/apt" program="$1"
    shift
    "$program" -o Dir::Etc::sourcelist="$base/sid.sources" -o Dir::Etc::sourceparts=- -o Dir::State::Lists="$base/lists" \
        -o Dir::Cache="$base/cache" -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 "$@"
}

# odoo_sid: writes the private source. The mirror is the one that this machine already uses for Debian's main archive.
odoo_sid() {
    local mirror
    mirror="$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)' 2>/dev/null |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 !~ /-/ { print $5; exit }')"
    [ -n "$mirror" ] || die "The machine's apt sources name no Debian mirror, so Odoo's package cannot be fetched" \
        "Add a source for Debian main, or set ODOO_HOME to a checkout of Odoo 19."
    mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/cache/archives/partial"
    printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: %s\n' \
        "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg >"$CACHE/apt/sid.sources"
    logged apt_private apt-get update || die "Debian's package lists (sid) could not be fetched" \
        "Check the network, or set ODOO_HOME to a checkout of Odoo 19."
}

odoo_download() {
    local package work="$CACHE/apt/packages" deb
    odoo_sid
    rm -rf "$work" "$ODOO_UNPACKED" && mkdir -p "$work"
    # sid has moved the files of some fonts, so this machine's own release comes first for the small packages.
    for package in "$ODOO_PACKAGE" "${ODOO_SUPPORT[@]}"; do
        (
            cd "$work"
            if [ "$package" != "$ODOO_PACKAGE" ] &&
                apt-get -o APT::Sandbox::User="$(id -un)" download "$package" >/dev/null 2>&1; then exit 0; fi
            logged apt_private apt-get download "$package"
        ) || die "Package $package could not be downloaded" "Check the network, then run script/bootstrap again."
    done
    : >"$CACHE/odoo-packages.txt"
    for deb in "$work"/*.deb; do
        dpkg-deb -x "$deb" "$ODOO_UNPACKED"
        printf '%s %s sha256 %s\n' "$(dpkg-deb -f "$deb" Package)" "$(dpkg-deb -f "$deb" Version)" \
            "$(sha256sum "$deb" | cut -c1-64)" >>"$CACHE/odoo-packages.txt"
    done
    rm -rf "$work"
    touch "$ODOO_UNPACKED/.complete"
}
