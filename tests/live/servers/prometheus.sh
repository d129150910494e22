#!/usr/bin/env bash
# Prometheus with 90 days of probes and host metrics, written as blocks.
TOOL=prometheus
. "$(dirname "$0")/lib.sh"
PORT=${PROMETHEUS_PORT:-19090}
URL=http://127.0.0.1:$PORT

do_install() { apt_install prometheus curl python3; }
run() {
  spawn server prometheus --config.file="$DIR/prometheus.yml" --storage.tsdb.path="$DIR/data" \
    --storage.tsdb.retention.time=400d --web.listen-address="127.0.0.1:$PORT" --log.level=warn
  wait_http server 60 "$URL/-/ready"
}
do_start() {
  need prometheus; need promtool
  alive server && return 0
  free_port "$PORT"
  echo 'scrape_configs: []' >"$DIR/prometheus.yml"
  run
}
do_seed() {
  alive server || die "not running: run '$0 start'"
  [[ ! -e $DIR/seeded ]] || return 0
  rm -rf "$DIR/blocks"
  python3 "$SEED/prometheus.py" "$DIR/truth.json" >"$DIR/history.om" || die "the history could not be made"
  # Without the option promtool writes a block for every two hours.
  promtool tsdb create-blocks-from --max-block-duration=744h openmetrics "$DIR/history.om" "$DIR/blocks" >"$DIR/promtool.log" 2>&1 ||
    die "promtool failed, see $DIR/promtool.log"
  rm "$DIR/history.om"
  # A running server finds new blocks only about once a minute; a restart finds them at once.
  halt server
  mv "$DIR/blocks/"* "$DIR/data/"
  run
  curl -fsS -G "$URL/api/v1/query" --data-urlencode 'query=count(count_over_time(probe_success[100d]))' | grep -q '"value":' ||
    die "the history is not to be seen"
  touch "$DIR/seeded"
}
do_settings() {
  echo "version=$(dpkg-query -W -f '${Version}' prometheus)"
  echo "url=$URL"
}
do_stop() { halt server; }
main "$@"
