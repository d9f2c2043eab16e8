# shellcheck shell=bash
# What the peers in other languages need and the machine lacks.

debian_packages=(
    chromium
    golang-go
    golang-thrift-dev
    groff
    libboost-dev
    libevent-dev
    libslf4j-java
    libthrift-dev
    libthrift-java
    shellcheck
    systemd
    thrift-compiler
)
python_packages=(thrift==0.25.0 thriftpy2==0.7.0 prometheus-client==0.26.0 dockerfile-parse==2.0.1
    kubernetes-validate==1.37.0 schemathesis==4.32.5)
# Helm 4 as a library for x86-64. Its own Python code, which is not used, asks for a newer Python than Debian has.
helm_package=helm-sdkpy==0.1.32

part_install() {
    check "tools on the path" have_tools
    check "Debian packages" install_debian
    check "Python packages" install_python
    check "npm packages" install_node
}

have_tools() {
    local tool missing=0
    for tool in cargo g++ java javac node npm python3 curl; do
        if ! command -v "$tool"; then
            echo "missing: $tool"
            missing=1
        fi
    done
    return $missing
}

install_debian() {
    local package missing=() as_root=()
    for package in "${debian_packages[@]}"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        if ! sudo -n true; then
            echo "missing Debian packages, and neither root nor sudo to install them: ${missing[*]}"
            return 1
        fi
        as_root=(sudo -n)
    fi
    "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends "${missing[@]}"
}

install_python() {
    local wanted="${python_packages[*]} $helm_package"
    [[ -x $cache/venv/bin/python && $(cat "$cache/venv/packages" 2>/dev/null) == "$wanted" ]] && return 0
    rm -rf "$cache/venv"
    python3 -m venv "$cache/venv" &&
        "$cache/venv/bin/pip" install --quiet "${python_packages[@]}" &&
        "$cache/venv/bin/pip" install --quiet --no-deps --ignore-requires-python "$helm_package" &&
        echo "$wanted" >"$cache/venv/packages"
}

install_node() {
    local folder
    for folder in "$root/tests/interop/node" "$root/tests/deploy/node" "$root/tests/documents" "$root/tests/documents/browser"; do
        [[ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]] && continue
        (cd "$folder" && npm ci && touch node_modules/.package-lock.json) || return 1
    done
}
