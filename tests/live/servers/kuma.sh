#!/usr/bin/env bash
# Uptime Kuma (the one npm build, an early 2.0) on SQLite; seed pushes 90 days of heartbeats under a shifted clock.
TOOL=kuma
. "$(dirname "$0")/lib.sh"
PORT=${KUMA_PORT:-18040}
URL=http://127.0.0.1:$PORT
APP=$OPT/node_modules/uptime-kuma
export TZ=UTC KUMA_URL=$URL NODE_PATH=$OPT/node_modules NODE_ENV=production
export DATA_DIR=$DIR/data UPTIME_KUMA_HOST=127.0.0.1 UPTIME_KUMA_PORT=$PORT

do_install() {
  command -v npm >/dev/null || apt_install nodejs npm
  apt_install faketime curl g++ make python3
  [[ ! -e $OPT/installed ]] || return 0
  mkdir -p "$OPT"
  (cd "$OPT" && npm install --no-audit --no-fund --ignore-scripts --prefix "$OPT" uptime-kuma@2.0.0-dev.0) >"$DIR/install.log" 2>&1 ||
    die "npm install failed, see $DIR/install.log"
  # The SQLite binding is compiled here (needs Node's headers), not downloaded.
  (cd "$OPT" && npm_config_build_from_source=true npm rebuild --foreground-scripts --prefix "$OPT" @louislam/sqlite3) >>"$DIR/install.log" 2>&1 ||
    die "the SQLite binding did not compile, see $DIR/install.log"
  cp -n "$APP"/db/patch-*.sql "$APP/db/old_migrations/" # packed in the wrong folder
  sed -i 's|https://[^"]*/version|http://127.0.0.1:9/|' "$APP/server/check-version.js" # no looking for updates
  touch "$OPT/installed"
}
run() { (cd "$APP" && spawn server "$@" node server/server.js); }
ready() { wait_http server 90 "$URL/api/entry-page"; }
do_start() {
  need "$APP/server/server.js"
  alive server && return 0
  free_port "$PORT"
  mkdir -p "$DATA_DIR"
  echo '{"type": "sqlite"}' >"$DATA_DIR/db-config.json"
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
  node "$SEED/kuma.js" || die "account and monitors could not be made, see $DIR/server.log"
  python3 "$SEED/kuma.py" "$DIR/truth.json" || die "heartbeats not taken, see $DIR/server.log"
  halt server
  touch "$DIR/seeded"
  run env
  ready
}
do_settings() {
  echo "version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$APP/package.json" | head -n 1)"
  echo "url=$URL"
}
do_stop() { halt server; }
main "$@"
