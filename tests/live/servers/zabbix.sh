#!/usr/bin/env bash
# Zabbix 6.0: PostgreSQL, server (trapper) and the PHP JSON-RPC API on loopback.
TOOL=zabbix
. "$(dirname "$0")/lib.sh"
PORT=${ZABBIX_PORT:-18080}
DB_PORT=$((PORT + 1)) TRAP_PORT=$((PORT + 2))
PGBIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
API=http://127.0.0.1:$PORT/api_jsonrpc.php
export ZABBIX_API=$API ZABBIX_TRAPPER=$TRAP_PORT

do_install() {
  [[ $(id -u) == 0 ]] || die "the servers have users of their own: that needs root"
  # The trailing "-" keeps Apache's PHP module (and Apache) out.
  apt_install postgresql zabbix-server-pgsql zabbix-frontend-php php-cgi php-cli php-pgsql \
    php-bcmath php-gd php-mbstring php-xml curl libapache2-mod-php8.2-
}
sql() { psql -qAtX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$DB_PORT" -U zabbix "$@"; }

do_start() {
  [[ -n $PGBIN ]] || die "PostgreSQL is missing: run '$0 install'"
  need zabbix_server; need /usr/share/zabbix/api_jsonrpc.php
  reachable_by postgres; reachable_by zabbix
  alive postgres || alive web || free_port "$PORT" "$DB_PORT" "$TRAP_PORT"
  if [[ ! -e $DIR/pg/PG_VERSION ]]; then
    install -d -m 700 -o postgres "$DIR/pg"
    runuser -u postgres -- "$PGBIN/initdb" -D "$DIR/pg" -A trust -E UTF8 --no-locale >"$DIR/initdb.log" 2>&1 ||
      die "initdb failed, see $DIR/initdb.log"
  fi
  spawn postgres setpriv --reuid postgres --regid postgres --init-groups "$PGBIN/postgres" -D "$DIR/pg" -p "$DB_PORT" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off
  for _ in $(seq 150); do "$PGBIN/pg_isready" -q -h 127.0.0.1 -p "$DB_PORT" && break; sleep 0.2; done
  "$PGBIN/pg_isready" -q -h 127.0.0.1 -p "$DB_PORT" || die "PostgreSQL not ready, see $DIR/postgres.log"
  if [[ ! -e $DIR/db-ready ]]; then
    psql -qX -h 127.0.0.1 -p "$DB_PORT" -U postgres -v ON_ERROR_STOP=1 postgres \
      -c 'drop database if exists zabbix' -c 'drop role if exists zabbix' \
      -c 'create role zabbix login' -c 'create database zabbix owner zabbix' 2>"$DIR/sql.log" &&
      zcat /usr/share/zabbix-server-pgsql/{schema,images,data}.sql.gz | sql -1 zabbix >>"$DIR/sql.log" 2>&1 ||
      die "loading the Zabbix schema failed, see $DIR/sql.log"
    touch "$DIR/db-ready"
  fi
  cat >"$DIR/server.conf" <<C
ListenIP=127.0.0.1
ListenPort=$TRAP_PORT
DBHost=127.0.0.1
DBPort=$DB_PORT
DBName=zabbix
DBUser=zabbix
LogType=console
PidFile=$DIR/run/server.pid
SocketDir=$DIR/run
CacheUpdateFrequency=2
ServiceManagerSyncFrequency=1
HousekeepingFrequency=0
HistoryCacheSize=64M
StartPollers=1
StartPollersUnreachable=1
StartDiscoverers=0
StartHTTPPollers=0
StartPingers=0
StartTrappers=2
C
  install -d -o zabbix "$DIR/run"
  spawn server zabbix_server -f -c "$DIR/server.conf"
  if [[ ! -e $DIR/web/api_jsonrpc.php ]]; then
    mkdir -p "$DIR/web"
    tar -C /usr/share/zabbix --exclude=./locale -ch . | tar -C "$DIR/web" -x
    sed -i "s|/etc/zabbix/zabbix.conf.php|$DIR/zabbix.conf.php|" "$DIR/web/include/classes/core/CConfigFile.php"
  fi
  cat >"$DIR/zabbix.conf.php" <<P
<?php
\$DB = ['TYPE' => 'POSTGRESQL', 'SERVER' => '127.0.0.1', 'PORT' => '$DB_PORT', 'DATABASE' => 'zabbix',
  'USER' => 'zabbix', 'PASSWORD' => '', 'SCHEMA' => '', 'ENCRYPTION' => false, 'DOUBLE_IEEE754' => true];
\$ZBX_SERVER = '127.0.0.1';
\$ZBX_SERVER_PORT = '$TRAP_PORT';
\$ZBX_SERVER_NAME = 'live';
P
  PHP_CLI_SERVER_WORKERS=4 spawn web php -d memory_limit=512M -d max_execution_time=300 -d post_max_size=16M \
    -d error_log=/dev/stderr -d display_errors=0 -S "127.0.0.1:$PORT" -t "$DIR/web"
  wait_http web 60 "$API" -H 'Content-Type: application/json-rpc' \
    -d '{"jsonrpc":"2.0","method":"apiinfo.version","params":{},"id":1}'
  for _ in $(seq 150); do (exec 3<>"/dev/tcp/127.0.0.1/$TRAP_PORT") 2>/dev/null && break; alive server || die "server died, see $DIR/server.log"; sleep 0.2; done
}
do_seed() {
  alive web && alive server || die "not running: run '$0 start'"
  [[ ! -e $DIR/seeded ]] || return 0
  python3 "$SEED/zabbix.py" setup "$DIR/token" || die "seeding failed (setup)"
  # An SLI counts from the service's creation, which the API always sets to "now".
  sql zabbix -c "update services set created_at = $(python3 -c "import sys; sys.path.insert(0, '$SEED'); import common; print(common.START)")" ||
    die "could not back-date the services"
  python3 "$SEED/zabbix.py" history "$DIR/truth.json" || die "seeding failed (history)"
  touch "$DIR/seeded"
}
do_settings() {
  echo "version=$(dpkg-query -W -f '${Version}' zabbix-server-pgsql)"
  echo "url=http://127.0.0.1:$PORT"
  echo "ZABBIX_TOKEN=$(cat "$DIR/token")"
}
do_stop() { halt web server postgres; }
main "$@"
