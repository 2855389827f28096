#!/usr/bin/env bash
# The acceptance tests, and those of all tables, on PostgreSQL and Redis instead of SQLite and
# datagrams. Starts both on free loopback ports with files of their own, and stops them.
#   tests/scaled.sh [PYTEST ARGUMENTS]     PYTHON names the interpreter
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-$(bin/environment requirements-dev.txt)}
scratch=$(mktemp -d)
chmod 711 "$scratch"
redis_pid=""
export BARSTUCKS_VAR="$scratch/var"

pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) # Debian's place
if [ -z "$pg_bin" ] && command -v initdb >/dev/null 2>&1; then
    pg_bin=$(dirname "$(readlink -f "$(command -v initdb)")")
fi
if [ -z "$pg_bin" ] || ! command -v redis-server >/dev/null 2>&1; then
    echo "The scaled tests need postgresql and redis-server (on Debian: apt install postgresql redis-server)." >&2
    exit 1
fi

as_postgres() { # PostgreSQL refuses to run as root
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

close() {
    local code=$?
    trap - EXIT
    if [ -f "$scratch/postgres/data/postmaster.pid" ]; then
        as_postgres "$pg_bin/pg_ctl" stop -s -m immediate -D "$scratch/postgres/data" || true
    fi
    if [ -n "$redis_pid" ]; then
        kill "$redis_pid" 2>/dev/null && wait "$redis_pid" 2>/dev/null || true
    fi
    rm -rf "$scratch"
    exit "$code"
}
trap close EXIT
trap 'exit 130' INT TERM

free_port() { "$python" -c 'from barstucks_site.web_server.listening import free_port; print(free_port())'; }
secret() { "$python" -c 'import secrets; print(secrets.token_hex(16))'; }

pg_port=$(free_port) pg_password=$(secret)
mkdir "$scratch/postgres"
printf '%s\n' "$pg_password" >"$scratch/postgres/password"
if [ "$(id -u)" -eq 0 ]; then
    id postgres >/dev/null 2>&1 || useradd --system --no-create-home postgres
    chown -R postgres "$scratch/postgres"
fi
(
    cd "$scratch/postgres"
    as_postgres "$pg_bin/initdb" --no-sync -U barstucks -A scram-sha-256 --pwfile password -E UTF8 \
        --locale C.UTF-8 -D "$scratch/postgres/data" >"$scratch/initdb.log"
    as_postgres "$pg_bin/pg_ctl" start -s -w -D "$scratch/postgres/data" \
        -l "$scratch/postgres/log" -o "-p $pg_port -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories=$scratch/postgres -c fsync=off -c max_connections=200"
)

redis_port=$(free_port) redis_password=$(secret)
redis-server --port "$redis_port" --bind 127.0.0.1 --requirepass "$redis_password" --save '' \
    --appendonly no --dir "$scratch" --daemonize no >"$scratch/redis.log" 2>&1 &
redis_pid=$!

at="barstucks:$pg_password@127.0.0.1:$pg_port"
for database in accounts read_models; do
    PGPASSWORD=$pg_password "$pg_bin/createdb" -h 127.0.0.1 -p "$pg_port" -U barstucks "$database"
done
export DATABASE_URL="postgres://$at/accounts" READ_MODELS_URL="postgres://$at/read_models"
export CHANNELS_URL="redis://:$redis_password@127.0.0.1:$redis_port/0"
unset BARSTUCKS_MODE EVENTSTORE_URI

if [ $# -eq 0 ]; then
    set -- -m "not browser and not slow" tests/acceptance projections orders staff \
        barstucks_site/admission
fi
"$python" -m pytest "$@"
