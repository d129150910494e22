#!/usr/bin/env bash
# Icinga 2 and its HTTPS API. Its certificate names a DNS host only, hence "localhost". Present state only, no history.
TOOL=icinga2
. "$(dirname "$0")/lib.sh"
PORT=${ICINGA2_PORT:-18665}
URL=https://localhost:$PORT/v1
CA=$DIR/data/ca/ca.crt
CONST=(-D "DataDir=$DIR/data" -D "LogDir=$DIR/log" -D "CacheDir=$DIR/cache" -D "SpoolDir=$DIR/spool" -D "InitRunDir=$DIR/run"
  -D NodeName=localhost -D RunAsUser=nagios -D RunAsGroup=nagios)

do_install() {
  [[ $(id -u) == 0 ]] || die "the server has a user of its own: that needs root"
  apt_install icinga2-bin icinga2-common curl
}
do_start() {
  need /usr/sbin/icinga2
  reachable_by nagios
  alive server && return 0
  free_port "$PORT"
  install -d -o nagios -g nagios "$DIR"/{data,data/certs,log,cache,spool,run}
  if [[ ! -e $DIR/data/certs/localhost.crt ]]; then
    local c=$DIR/data/certs/localhost
    {
      icinga2 pki new-ca "${CONST[@]}" &&
        icinga2 pki new-cert "${CONST[@]}" --cn localhost --key "$c.key" --csr "$c.csr" &&
        icinga2 pki sign-csr "${CONST[@]}" --csr "$c.csr" --cert "$c.crt"
    } >"$DIR/pki.log" 2>&1 || die "certificates could not be made, see $DIR/pki.log"
    cp "$CA" "$DIR/data/certs/ca.crt"
    chown -R nagios:nagios "$DIR/data"
    chmod 755 "$DIR/data" "$DIR/data/ca"
  fi
  python3 "$SEED/icinga2.py" config "$PORT" >"$DIR/icinga2.conf" || die "configuration generator failed"
  spawn server icinga2 daemon "${CONST[@]}" -c "$DIR/icinga2.conf"
  wait_http server 60 "$URL/status/IcingaApplication" --cacert "$CA" -u reporter:reporter-pass
}
do_seed() { alive server || die "not running: run '$0 start'"; }
do_step() {
  ICINGA_URL=$URL ICINGA_CA=$CA python3 "$SEED/icinga2.py" step "$1" "$DIR/truth.json" || die "sample $1 was not taken, see $DIR/server.log"
}
do_settings() {
  echo "version=$(dpkg-query -W -f '${Version}' icinga2-bin)"
  echo "url=https://localhost:$PORT"
  echo "ca=$CA"
  echo "pulls=8"
  echo "ICINGA_PASSWORD=reporter-pass"
}
do_stop() { halt server; }
main "$@"
