#!/usr/bin/env bash
# Prism with the vendor's own OpenAPI document of Jira Cloud: holds each request against it and answers with examples.
TOOL=prism
. "$(dirname "$0")/lib.sh"
PORT=${PRISM_PORT:-18030}
BEHIND=$((PORT + 1))
URL=http://127.0.0.1:$PORT
BIN=$OPT/node_modules/.bin/prism
SPEC=$LIVE/openapi/jira-cloud-platform.subset.json

do_install() {
  command -v npm >/dev/null || apt_install nodejs npm
  apt_install curl python3
  [[ ! -x $BIN ]] || return 0
  mkdir -p "$OPT"
  (cd "$OPT" && npm install --no-audit --no-fund --prefix "$OPT" @stoplight/prism-cli@5.16.0) >"$DIR/install.log" 2>&1 ||
    die "npm install failed, see $DIR/install.log"
}
do_start() {
  need "$BIN"
  alive server && alive front && return 0
  free_port "$PORT" "$BEHIND"
  [[ -e $DIR/spec.json ]] || cp "$SPEC" "$DIR/spec.json"
  spawn server "$BIN" mock -h 127.0.0.1 -p "$BEHIND" "$DIR/spec.json"
  wait_http server 60 "http://127.0.0.1:$BEHIND/rest/api/3/myself" -u any:token
  spawn front python3 "$SEED/prism.py" front "$PORT" "$BEHIND" "$DIR/requests.jsonl"
  wait_http front 30 "$URL/rest/api/3/myself" -u any:token
}
do_seed() {
  alive server || die "not running: run '$0 start'"
  [[ ! -e $DIR/seeded ]] || return 0
  python3 "$SEED/prism.py" spec "$SPEC" "$DIR/truth.json" >"$DIR/spec.new" || die "the examples could not be made"
  halt front server
  mv "$DIR/spec.new" "$DIR/spec.json"
  do_start
  curl -fsS -u any:token "$URL/rest/api/3/search/jql?jql=project%3DIT&nextPageToken=x" | grep -q '"isLast":true' || die "the second page is not served"
  curl -fsS -u any:token "$URL/rest/api/3/issue/IT-4/changelog" | grep -q '"fieldId":"status"' || die "the changelogs are not served"
  touch "$DIR/seeded"
}
do_step() { rm -f "$DIR/requests.jsonl"; } # from here on only what the connector asks
do_settings() {
  echo "version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$OPT/node_modules/@stoplight/prism-cli/package.json" | head -n 1)"
  echo "url=$URL"
  echo "JIRA_TOKEN=token"
}
do_stop() { halt front server; }
main "$@"
