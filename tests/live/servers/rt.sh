#!/usr/bin/env bash
# Request Tracker 5 (REST 2.0) on SQLite. The seed replays 90 days of tickets under a shifted clock.
TOOL=rt
. "$(dirname "$0")/lib.sh"
PORT=${RT_PORT:-18090}
URL=http://127.0.0.1:$PORT
RT=/usr/share/request-tracker5
export TZ=UTC RT_URL=$URL RT_SITE_CONFIG=$DIR/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$DIR/none

do_install() { apt_install dbconfig-no-thanks nullmailer rt5-standalone rt5-db-sqlite request-tracker5 faketime curl; }

run() { spawn server "$@" "$RT/libexec/rt-server" --host 127.0.0.1 --port "$PORT" --max-workers 3; }
ready() { wait_http server 90 "$URL/REST/2.0/rt" -u root:password; }

do_start() {
  need "$RT/libexec/rt-server"; need rt-setup-database-5
  alive server && return 0
  free_port "$PORT"
  mkdir -p "$DIR/none" "$DIR/mason" "$DIR/sessions"
  # Each request checks a password: the lowest cost, or most of the time goes there.
  cat >"$RT_SITE_CONFIG" <<P
\$RT::MasonDataDir = '$DIR/mason';
\$RT::MasonSessionDir = '$DIR/sessions';
Set(\$rtname, 'live');
Set(\$Organization, 'example.test');
Set(\$Timezone, 'UTC');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $PORT);
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$DIR/rt.sqlite');
Set(\$MailCommand, 'testfile');
Set(\$BcryptCost, 10);
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'error');
Set(%ServiceAgreements,
  Default => 'P3',
  Levels => {
    P1 => {Response => {RealMinutes => 30}, Resolve => {RealMinutes => 240}},
    P2 => {Response => {RealMinutes => 120}, Resolve => {RealMinutes => 720}},
    P3 => {Response => {RealMinutes => 480}, Resolve => {RealMinutes => 2880}},
    P4 => {Response => {RealMinutes => 1440}, Resolve => {RealMinutes => 7200}},
  });
1;
P
  if [[ ! -e $DIR/db-ready ]]; then
    rm -f "$DIR/rt.sqlite"
    rt-setup-database-5 --action init >"$DIR/setup.log" 2>&1 || die "database set-up failed, see $DIR/setup.log"
    touch "$DIR/db-ready"
  fi
  run env
  ready
}
do_seed() {
  alive server || die "not running: run '$0 start'"
  [[ ! -e $DIR/seeded ]] || return 0
  halt server
  rt-setup-database-5 --action insert --datafile "$SEED/rt_initialdata" >"$DIR/insert.log" 2>&1 ||
    die "queues could not be made, see $DIR/insert.log"
  shifted_clock
  run "${SHIFTED[@]}"
  ready
  python3 "$SEED/rt.py" seed "$DIR/truth.json" || die "seeding failed, see $DIR/server.log"
  halt server
  touch "$DIR/seeded"
  run env
  ready
}
do_settings() {
  echo "version=$(dpkg-query -W -f '${Version}' request-tracker5)"
  echo "url=$URL"
  echo "pulls=2"
  echo "RT_PASSWORD=reporter-pass"
}
do_stir() { exec python3 "$SEED/rt.py" stir; }
do_stop() { halt server; }
main "$@"
