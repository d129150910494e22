#!/usr/bin/env bash
# Roundup issue tracker (classic template, SQLite) and its REST API; seed replays 90 days.
TOOL=roundup
. "$(dirname "$0")/lib.sh"
PORT=${ROUNDUP_PORT:-18050}
URL=http://127.0.0.1:$PORT/tracker
BIN=$OPT/venv/bin
export TZ=UTC ROUNDUP_URL=$URL

do_install() {
  apt_install python3 python3-venv faketime curl
  [[ ! -x $BIN/roundup-server ]] || return 0
  mkdir -p "$OPT"
  /usr/bin/python3 -m venv "$OPT/venv" && "$BIN/pip" install -q 'roundup==2.6.0' >"$DIR/install.log" 2>&1 ||
    die "pip install failed, see $DIR/install.log"
}
AS=()
if [[ $(id -u) == 0 ]]; then AS=(setpriv --reuid nobody --regid nogroup --clear-groups); fi # it refuses root
run() { spawn server "${AS[@]}" "$@" "$BIN/roundup-server" -n 127.0.0.1 -p "$PORT" "tracker=$DIR/tracker"; }
ready() { wait_http server 60 "$URL/rest/data/issue?@page_size=1" -u admin:admin-pass; }

do_start() {
  need "$BIN/roundup-server"
  alive server && return 0
  free_port "$PORT"
  if [[ ! -e $DIR/db-ready ]]; then
    rm -rf "$DIR/tracker"
    {
      "$BIN/roundup-admin" -i "$DIR/tracker" install classic sqlite &&
        sed -i "s|^\(#*\)password_pbkdf2_default_rounds = .*|password_pbkdf2_default_rounds = 1000|; s|^#web = .*|web = $URL/|; s|^#domain = .*|domain = example.test|; s|^#host = .*|host = localhost|
          /^\[mail\]/,/^\[mailgw\]/s|^debug = .*|debug = $DIR/mail.txt|" "$DIR/tracker/config.ini" &&
        "$BIN/roundup-admin" -i "$DIR/tracker" initialise admin-pass
    } >"$DIR/setup.log" 2>&1 || die "tracker set-up failed, see $DIR/setup.log"
    touch "$DIR/mail.txt" "$DIR/db-ready"
    ((${#AS[@]} == 0)) || chown -R nobody:nogroup "$DIR/tracker" "$DIR/mail.txt"
  fi
  run env
  ready
}
do_seed() {
  alive server || die "not running: run '$0 start'"
  [[ ! -e $DIR/seeded ]] || return 0
  halt server
  shifted_clock
  run "${SHIFTED[@]}"
  ready
  python3 "$SEED/roundup.py" "$DIR/truth.json" || die "seeding failed, see $DIR/server.log"
  halt server
  touch "$DIR/seeded"
  run env
  ready
}
do_settings() {
  echo "version=$("$BIN/python" -c 'import importlib.metadata; print(importlib.metadata.version("roundup"))')"
  echo "url=$URL"
  echo "ROUNDUP_PASSWORD=admin-pass"
}
do_stop() { halt server; }
main "$@"
