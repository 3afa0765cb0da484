#!/bin/sh
# Installs into .venv what requirements/$1.txt pins, and this checkout's package; nothing if that was done before.
set -eu
cd "$(dirname "$0")/.."
name=$1
uv=uv==0.13.9 # installs in half a minute what takes pip more than two

# What was installed, and where: a checkout that was moved has an .venv full of its old path.
place=$(pwd -P)
stamp() {
    echo "$place $uv $(cat "requirements/$1.txt" pyproject.toml | cksum)"
}
installed() {
    [ -x .venv/bin/python ] && [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(stamp "$1")" ]
}
# test.txt holds all of local.txt
if installed "$name" || { [ "$name" = local ] && installed test; }; then
    exit 0
fi

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "wiredesk needs Python 3.11 to 3.14; found none as ${PYTHON:-python3, python3.13, python3.12 or python3.11}." >&2
    echo "Install one, or name it: PYTHON=/path/to/python3.12 make ..." >&2
    exit 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$python cannot make a virtual environment: its modules venv and ensurepip are missing." >&2
        echo "Debian, Ubuntu: apt install python3-venv. Others: install a full Python, then make again." >&2
        exit 1
    fi
    echo "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

# `activate` names the folder that the environment was made in
if ! grep -qF "$place/.venv" .venv/bin/activate 2>/dev/null || ! .venv/bin/python -c '' 2>/dev/null; then
    make_venv
fi
if ! .venv/bin/uv --version 2>/dev/null | grep -qw "^uv ${uv#uv==}"; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv"
fi
# pip trusts what this system trusts, a company's own authority included; so should uv, which asks to be told
for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    if [ -r "$bundle" ]; then export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"; fi
done
count=$(grep -c '==' "requirements/$name.txt")
echo "installing $count packages into .venv (the first time about half a minute; 700 MB)"
.venv/bin/uv pip install --quiet --python .venv/bin/python --compile-bytecode -r "requirements/$name.txt"
# setuptools is one of them: isolation would fetch one that nobody pinned
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-build-isolation --no-deps -e .
stamp "$name" >".venv/installed-$name"
echo "installed"
