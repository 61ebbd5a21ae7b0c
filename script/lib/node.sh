# The second SOAP stack of the interoperability tests: Node's soap, at the versions of the committed lock file.
# shellcheck shell=bash

node_packages() {
    local want source="$ROOT/tests/interop/node" folder="$CACHE/node"
    want="$(stamp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$(node --version)")"
    if [ "$(cat "$folder/.stamp" 2>/dev/null)" != "$want" ]; then
        mkdir -p "$folder"
        cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$folder/"
        logged npm --prefix "$folder" ci || die "Node's packages could not be installed" "The end of npm's output is above."
        printf '%s\n' "$want" >"$folder/.stamp"
    fi
    DETAIL="node $(node --version), $(find "$folder/node_modules" -mindepth 1 -maxdepth 1 ! -name '.*' | wc -l) packages in $folder"
}
