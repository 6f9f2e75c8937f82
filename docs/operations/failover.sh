#!/bin/sh
# Two PostgreSQL servers for one hall: one that is written, one that follows and takes over.
# The runbook is in docs/operations.md; tests/test_failover.py runs this very file.
#
# To be run as the user who owns the server, with the programs of PostgreSQL 15 or later on the PATH. A password of
# the replication role belongs into ~/.pgpass. What differs from machine to machine is told by the environment:
#   CONFIG_FILE    postgresql.conf, where it does not lie in the data folder
#   START_OPTIONS  what the server is given at its start besides, such as "-p 5433"
#   PGUSER         the superuser of the server (postgres)
set -eu

ROLE=jiaohao_replica
WAIT_S=60
export PGUSER="${PGUSER:-postgres}" PGDATABASE=postgres

usage() {
    cat >&2 <<'END'
failover.sh prepare DATA             once, where the hall is: what a standby needs
failover.sh standby DATA FROM NAME   a new standby in the empty folder DATA
failover.sh synchronous DATA NAME    from now on nothing is acknowledged before NAME has it too
failover.sh alone DATA               acknowledge without a standby again; those who wait are let go
failover.sh start DATA               start a server, whatever it is
failover.sh stop DATA                end a server at once: first of all, before another is promoted
failover.sh promote DATA             make the standby the one that is written
failover.sh rejoin DATA FROM NAME    make a former primary, stopped, the standby of FROM
failover.sh state DATA               who is what, and how far behind

DATA is the folder of this machine's server, FROM where the primary is ("host=h1 port=5432"), NAME the
standby's name: small letters, digits and underlines.
END
    exit 2
}

say() { echo "failover: $*"; }
fail() { echo "failover: $*" >&2; exit 1; }

# The server of a data folder says itself where it listens; its first address may be a star or empty.
sql() {
    pid_file=$1/postmaster.pid
    [ -r "$pid_file" ] || fail "no server runs in $1"
    port=$(sed -n 4p "$pid_file") socket=$(sed -n 5p "$pid_file")
    psql -X -q -A -t -v ON_ERROR_STOP=1 -h "${socket:-127.0.0.1}" -p "$port" -c "$2"
}

# With the role that only replicates: what is done with the other machine needs no more.
sql_of() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1 user=$ROLE dbname=postgres" -c "$2"; }

# Only a clear answer counts: 3 says that no server runs, anything else that nothing is known.
is_running() {
    status=0
    pg_ctl status -D "$1" >/dev/null 2>&1 || status=$?
    case $status in
        0) return 0 ;;
        3) return 1 ;;
        *) fail "pg_ctl cannot say whether a server runs in $1" ;;
    esac
}

start() {
    options="${CONFIG_FILE:+-c config_file=$CONFIG_FILE }${START_OPTIONS:-}"
    pg_ctl start -s -w -t "$WAIT_S" -D "$1" -l "$1.log" -o "$options" || fail "it did not start: see $1.log"
}

until_true() { # DATA QUESTION WHAT
    left=$((WAIT_S * 10))
    until [ "$(sql "$1" "$2")" = t ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$3: not within $WAIT_S seconds"
        sleep 0.1
    done
    say "$3"
}

check_name() {
    case $1 in
        '' | *[!a-z0-9_]*) fail "not a name for a standby: $1" ;;
    esac
}

make_slot() { # FROM NAME: the primary keeps for it what it has not had yet
    # One that has lost what it was to keep is of no use any more, and stands in the way.
    sql_of "$1" "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
                 WHERE slot_name = '$2' AND NOT active AND wal_status = 'lost'" >/dev/null
    sql_of "$1" "SELECT pg_create_physical_replication_slot('$2', true)
                 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$2')" >/dev/null
}

follow() { # DATA FROM NAME: what makes it a standby; a standby of its own it has none, and waits for none
    cat >>"$1/postgresql.auto.conf" <<END
primary_conninfo = '$2 user=$ROLE application_name=$3'
primary_slot_name = '$3'
synchronous_standby_names = ''
END
    : >"$1/standby.signal"
}

prepare() { # DATA
    sql "$1" "DO \$\$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$ROLE') THEN
            CREATE ROLE $ROLE LOGIN REPLICATION;
        END IF;
    END \$\$"
    # What pg_rewind reads from the other machine.
    for function in "pg_ls_dir(text, boolean, boolean)" "pg_stat_file(text, boolean)" \
        "pg_read_binary_file(text)" "pg_read_binary_file(text, bigint, bigint, boolean)"; do
        sql "$1" "GRANT EXECUTE ON FUNCTION pg_catalog.$function TO $ROLE"
    done
    # A standby that is away must not fill the primary's disk; a hall writes some megabytes a day.
    sql "$1" "ALTER SYSTEM SET max_slot_wal_keep_size = '8GB'"
    sql "$1" "ALTER SYSTEM SET wal_keep_size = '512MB'"
    # For pg_rewind, where the files have no checksums; from the next start on.
    sql "$1" "ALTER SYSTEM SET wal_log_hints = on"
    sql "$1" "ALTER SYSTEM SET hot_standby_feedback = on"
    sql "$1" "ALTER SYSTEM SET wal_receiver_timeout = '10s'"
    sql "$1" "ALTER SYSTEM SET wal_sender_timeout = '10s'"
    sql "$1" "ALTER SYSTEM SET wal_retrieve_retry_interval = '1s'"
    sql "$1" "SELECT pg_reload_conf()" >/dev/null
    say "prepared; let $ROLE in from the other machine (pg_hba.conf), for replication and for postgres"
}

standby() { # DATA FROM NAME
    check_name "$3"
    make_slot "$2" "$3"
    pg_basebackup -D "$1" -d "$2 user=$ROLE" -S "$3" -X stream -c fast || fail "no copy could be made"
    follow "$1" "$2" "$3"
    start "$1"
    say "$3 follows"
}

synchronous() { # DATA NAME
    check_name "$2"
    sql "$1" "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 ($2)'"
    sql "$1" "SELECT pg_reload_conf()" >/dev/null
    until_true "$1" "SELECT EXISTS (SELECT FROM pg_stat_replication
        WHERE application_name = '$2' AND sync_state = 'sync')" "nothing is acknowledged any more before $2 has it"
}

alone() { # DATA
    sql "$1" "ALTER SYSTEM SET synchronous_standby_names = ''"
    sql "$1" "SELECT pg_reload_conf()" >/dev/null
    say "this server acknowledges alone"
}

stop() { # DATA
    for how in fast immediate; do
        # A server that dies meanwhile has stopped too, whatever pg_ctl thinks of that.
        ! is_running "$1" || pg_ctl stop -s -w -m "$how" -t "$WAIT_S" -D "$1" || true
    done
    ! is_running "$1" || fail "it does not stop: switch the machine off"
    say "stopped"
}

promote() { # DATA
    pg_ctl promote -s -w -t "$WAIT_S" -D "$1" || fail "it cannot be promoted"
    # Only then the files say that history has parted, for pg_rewind to read.
    sql "$1" "CHECKPOINT"
    say "promoted; it acknowledges alone until a standby has joined"
}

rejoin() { # DATA FROM NAME
    check_name "$3"
    ! is_running "$1" || fail "stop it first: two that are written would each have a truth of its own"
    make_slot "$2" "$3"
    # Settings come with the files of the other machine: this one keeps its own.
    kept=$(mktemp -d)
    for name in postgresql.conf pg_hba.conf pg_ident.conf; do
        [ ! -e "$1/$name" ] || cp -p "$1/$name" "$kept/"
    done
    if pg_rewind -D "$1" --source-server="$2 user=$ROLE dbname=postgres" ${CONFIG_FILE:+"--config-file=$CONFIG_FILE"}; then
        say "rewound to where history parted"
    else
        say "it cannot be rewound: a new copy is made, the old one stays in $1.before-$$"
        mv "$1" "$1.before-$$"
        pg_basebackup -D "$1" -d "$2 user=$ROLE" -S "$3" -X stream -c fast || fail "no copy could be made"
    fi
    cp -p "$kept"/* "$1/" 2>/dev/null || true
    rm -r "$kept"
    follow "$1" "$2" "$3"
    start "$1"
    # What it kept as a primary nobody fetches here any more.
    sql "$1" "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
              WHERE slot_type = 'physical' AND NOT active" >/dev/null
    say "$3 follows"
}

state() { # DATA
    if ! is_running "$1"; then
        echo "role|stopped"
        return
    fi
    sql "$1" "SELECT 'role', CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END
        UNION ALL SELECT 'waits for', current_setting('synchronous_standby_names') WHERE NOT pg_is_in_recovery()
        UNION ALL SELECT 'commits waiting', count(*)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'
        UNION ALL SELECT 'follows', coalesce((SELECT status FROM pg_stat_wal_receiver), 'nobody') WHERE pg_is_in_recovery()"
    sql "$1" "SELECT 'standby ' || application_name, state, sync_state,
            pg_wal_lsn_diff(sent_lsn, replay_lsn) || ' bytes behind' FROM pg_stat_replication"
    sql "$1" "SELECT 'kept for ' || slot_name, CASE WHEN active THEN 'active' ELSE 'away' END, wal_status
        FROM pg_replication_slots"
}

step=${1:-}
case "$step:$#" in
    prepare:2 | alone:2 | start:2 | stop:2 | promote:2 | state:2 | synchronous:3 | standby:4 | rejoin:4) shift ;;
    *) usage ;;
esac
command -v pg_ctl >/dev/null && command -v psql >/dev/null || fail "the programs of PostgreSQL are not on the PATH"
[ "$step" = standby ] || [ -e "$1/PG_VERSION" ] || fail "no data folder: $1"
"$step" "$@"
