#!/usr/bin/env bash
# Prism serving Jira Cloud's own OpenAPI document: checks each request against it, answers with its examples.
TOOL=prism
. "$(dirname "$0")/lib.sh"
PORT=${PRISM_PORT:-18030}
URL=http://127.0.0.1:$PORT
BIN=$DIR/node_modules/.bin/prism
SPEC=${PRISM_SPEC:-$LIVE/openapi/jira-cloud-platform.subset.json}

do_install() {
  command -v npm >/dev/null || apt_install nodejs npm
  [[ -x $BIN ]] && { note "already installed"; return 0; }
  (cd "$DIR" && npm install --no-audit --no-fund --prefix "$DIR" @stoplight/prism-cli@5.16.0) >"$DIR/install.log" 2>&1 ||
    die "npm install failed, see $DIR/install.log"
}
do_start() {
  need "$BIN"
  alive server && return 0
  free_port "$PORT"
  [[ -e $DIR/spec.json ]] || cp "$SPEC" "$DIR/spec.json"
  spawn server "$BIN" mock -h 127.0.0.1 -p "$PORT" ${PRISM_FLAGS:-} "$DIR/spec.json"
  for _ in $(seq 300); do # any answer will do: what is valid depends on the document
    curl -s -o /dev/null -m 5 "$URL/" && break
    alive server || die "server died, see $DIR/server.log"
    sleep 0.2
  done
  curl -s -o /dev/null -m 5 "$URL/" || die "no answer within 60 s, see $DIR/server.log"
}
do_seed() {
  alive server || die "not running: run '$0 start'"
  python3 "$SEED/prism.py" "$SPEC" "$DIR/truth.json" >"$DIR/spec.new" || die "example generator failed"
  halt server
  mv "$DIR/spec.new" "$DIR/spec.json"
  do_start
  curl -fsS -u any:token -H 'Prefer: example=page2' "$URL/rest/api/3/search/jql?jql=project%3DIT" | grep -q '"isLast":true' ||
    die "seeded pages not served"
}
do_stop() { halt server; }
main "$@"
