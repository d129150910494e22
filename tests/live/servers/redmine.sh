#!/usr/bin/env bash
# Redmine 5 on SQLite and puma; seed replays 90 days of issues under a shifted clock.
TOOL=redmine
. "$(dirname "$0")/lib.sh"
PORT=${REDMINE_PORT:-18070}
URL=http://127.0.0.1:$PORT
APP=/usr/share/redmine
KEY=0123456789abcdef0123456789abcdef01234567
export TZ=UTC LANG=C.UTF-8 RAILS_ENV=production REDMINE_URL=$URL REDMINE_KEY=$KEY

do_install() { (apt_install dbconfig-no-thanks redmine redmine-sqlite puma faketime curl) || mend; }
# Since ruby3.1 3.1.7 Bundler takes packaged gems without a folder of their own for deleted, and Redmine's package cannot
# be configured. Empty folders help.
mend() {
  local spec
  for spec in /usr/{share,lib/*}/rubygems-integration/*/specifications/*.gemspec; do
    mkdir -p "${spec%/specifications/*}/gems/$(basename "$spec" .gemspec)"
  done
  (unset BUNDLE_GEMFILE; DEBIAN_FRONTEND=noninteractive dpkg --configure -a) >>"$DIR/install.log" 2>&1 ||
    die "the packages cannot be configured, see $DIR/install.log"
  apt_install redmine redmine-sqlite puma faketime curl
}

# Debian's Redmine keeps each "instance" under its own folder; climbing out of it puts ours in $DIR.
export REDMINE_INSTANCE=../../../../../..$DIR/site BUNDLE_GEMFILE=$DIR/Gemfile SCHEMA=/dev/null REDMINE_LANG=en
in_app() { (cd "$APP" && "$@"); }
run() { (cd "$APP" && spawn server "$@" bundle exec puma -q -e production -t 1:3 -b "tcp://127.0.0.1:$PORT" config.ru); }
ready() { wait_http server 120 "$URL/issues.json?limit=1" -H "X-Redmine-API-Key: $KEY"; }

do_start() {
  need "$APP/config.ru"; need puma; need bundle
  alive server && return 0
  free_port "$PORT"
  mkdir -p "$DIR/site"/{config,files,log,tmp/cache}
  printf 'eval_gemfile "%s/Gemfile"\ngem "sqlite3"\ngem "puma"\n' "$APP" >"$DIR/Gemfile"
  printf 'production: {adapter: sqlite3, database: "%s/redmine.sqlite", timeout: 20000}\n' "$DIR" >"$DIR/site/config/database.yml"
  [[ -e $DIR/site/config/secret_key.txt ]] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$DIR/site/config/secret_key.txt"
  if [[ ! -e $DIR/db-ready ]]; then
    rm -f "$DIR/redmine.sqlite"
    # Two runs: in one, the roles' columns are not known yet and the default data fails to load.
    in_app bundle exec rake db:migrate >"$DIR/setup.log" 2>&1 &&
      in_app bundle exec rake redmine:load_default_data >>"$DIR/setup.log" 2>&1 &&
      in_app bundle exec rails runner "
        abort 'no default data' if IssueStatus.none?
        Setting.rest_api_enabled = 1
        Setting.default_language = 'en'
        Setting.notified_events = []
        admin = User.find_by_login('admin')
        admin.update_columns(must_change_passwd: false)
        Token.where(user_id: admin.id, action: 'api').delete_all
        Token.create!(user: admin, action: 'api').update_columns(value: '$KEY')
        list = {field_format: 'list', is_for_all: true, is_filter: true, trackers: Tracker.all}
        IssueCustomField.create!(list.merge(name: 'Service', possible_values: ['Webshop', 'Payments', 'E-mail', 'VPN', 'Data warehouse']))
        IssueCustomField.create!(list.merge(name: 'Ticket kind', possible_values: %w[incident request problem change]))
      " >>"$DIR/setup.log" 2>&1 || die "database set-up failed, see $DIR/setup.log"
    touch "$DIR/db-ready"
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
  python3 "$SEED/redmine.py" seed "$DIR/truth.json" || die "seeding failed, see $DIR/site/log/production.log"
  halt server
  touch "$DIR/seeded"
  run env
  ready
}
do_settings() {
  echo "version=$(dpkg-query -W -f '${Version}' redmine)"
  echo "url=$URL"
  echo "pulls=2"
  echo "REDMINE_KEY=$KEY"
}
do_stir() { exec python3 "$SEED/redmine.py" stir; }
do_stop() { halt server; }
main "$@"
