#!/usr/bin/env bash
# Runs tests with other versions than the locked ones, to know early what a move would cost.
#   tests/other_versions.sh client   kurrentdbclient in esdbclient's place: the tests of both sides of the log
#   tests/other_versions.sh django   Django 6.0 (Python 3.12 or newer): the tests of bin/test, without a browser
#   tests/other_versions.sh python   the locked versions, on the Python that PYTHON names: the same tests
# PYTHON names the interpreter for the others too, WORK keeps the environment between runs. Further
# arguments are handed to pytest, in place of the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
client)
    instead=('kurrentdbclient>=1.3.5,<2')
    # The client chooses these: each generation has its own bounds.
    leave_out='esdbclient|grpcio|grpcio-tools|protobuf'
    tests=(embedded_eventstore orders/event_store -m 'not slow and not scaled and not locked_client')
    ;;
django)
    instead=('Django>=6.0,<6.1')
    leave_out='django'
    tests=(-m 'not slow and not scaled and not browser')
    ;;
python)
    instead=()
    leave_out='-'
    tests=(-m 'not slow and not scaled and not browser')
    ;;
*)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
what=$1
shift

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
environment=${WORK:-$scratch}/$what
[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
python=$environment/bin/python

# All that is locked but for what is replaced, at the versions of the lock. Without its hashes:
# what takes the place has none there.
sed -nE 's/^([A-Za-z0-9][^ ]*==[^\\]*)\\?$/\1/p' requirements-dev.txt |
    grep -vE "^($leave_out)==" >"$scratch/others.txt"
"$python" -m pip install --quiet --disable-pip-version-check -r "$scratch/others.txt" "${instead[@]}"
"$python" -m pip list --disable-pip-version-check 2>/dev/null |
    grep -iE '^(django|esdbclient|kurrentdbclient|grpcio|protobuf) '
"$python" --version

export BARSTUCKS_VAR="$scratch/var"
unset BARSTUCKS_MODE EVENTSTORE_URI PYTHONDONTWRITEBYTECODE
if [ $# -gt 0 ]; then
    tests=("$@")
fi
"$python" -m pytest -p no:cacheprovider --numprocesses 4 --dist loadscope -rs "${tests[@]}"
