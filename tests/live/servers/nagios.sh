#!/usr/bin/env bash
# Nagios Core 4 with its JSON CGIs behind lighttpd; seed = 90 days of state history.
TOOL=nagios
. "$(dirname "$0")/lib.sh"
PORT=${NAGIOS_PORT:-18060}
BASE=http://127.0.0.1:$PORT/nagios4/cgi-bin
export TZ=UTC

do_install() {
  [[ $(id -u) == 0 ]] || die "the servers have users of their own: that needs root"
  apt_install nullmailer php-cgi nagios4-core nagios4-cgi nagios4-common lighttpd curl libapache2-mod-php8.2-
}
do_start() {
  need /usr/sbin/nagios4; need /usr/lib/cgi-bin/nagios4/archivejson.cgi; need /usr/sbin/lighttpd
  reachable_by nagios; reachable_by www-data
  alive web || free_port "$PORT"
  install -d -o nagios -g nagios -m 755 "$DIR/var" "$DIR/var/archives" "$DIR/var/checkresults"
  python3 "$SEED/nagios.py" config >"$DIR/objects.cfg" || die "configuration generator failed"
  cat >"$DIR/nagios.cfg" <<C
cfg_file=$DIR/objects.cfg
log_file=$DIR/var/nagios.log
log_archive_path=$DIR/var/archives
log_rotation_method=d
log_current_states=1
use_syslog=0
status_file=$DIR/var/status.dat
status_update_interval=2
object_cache_file=$DIR/var/objects.cache
precached_object_file=$DIR/var/objects.precache
state_retention_file=$DIR/var/retention.dat
retain_state_information=1
command_file=$DIR/var/nagios.cmd
check_external_commands=1
check_result_path=$DIR/var/checkresults
temp_file=$DIR/var/nagios.tmp
temp_path=$DIR/var
lock_file=$DIR/var/nagios.pid
query_socket=$DIR/var/nagios.qh
nagios_user=nagios
nagios_group=nagios
check_for_updates=0
enable_notifications=0
date_format=iso8601
C
  cat >"$DIR/cgi.cfg" <<C
main_config_file=$DIR/nagios.cfg
physical_html_path=/usr/share/nagios4/htdocs
url_html_path=/nagios4
use_authentication=1
authorized_for_system_information=reporter
authorized_for_configuration_information=reporter
authorized_for_all_services=reporter
authorized_for_all_hosts=reporter
C
  echo 'reporter:reporter-pass' >"$DIR/users"
  cat >"$DIR/lighttpd.conf" <<C
server.modules = ("mod_access", "mod_alias", "mod_setenv", "mod_auth", "mod_authn_file", "mod_cgi")
server.bind = "127.0.0.1"
server.port = $PORT
server.document-root = "/usr/share/nagios4/htdocs"
server.username = "www-data"
server.groupname = "www-data"
alias.url = ("/nagios4/cgi-bin/" => "/usr/lib/cgi-bin/nagios4/")
cgi.assign = (".cgi" => "")
setenv.set-environment = ("NAGIOS_CGI_CONFIG" => "$DIR/cgi.cfg", "TZ" => "UTC")
auth.backend = "plain"
auth.backend.plain.userfile = "$DIR/users"
auth.require = ("/nagios4" => ("method" => "basic", "realm" => "Nagios", "require" => "valid-user"))
C
  chmod 644 "$DIR/users" "$DIR"/*.cf*
  /usr/sbin/nagios4 -v "$DIR/nagios.cfg" >"$DIR/verify.log" 2>&1 || die "configuration refused, see $DIR/verify.log"
  spawn nagios /usr/sbin/nagios4 "$DIR/nagios.cfg"
  spawn web /usr/sbin/lighttpd -D -f "$DIR/lighttpd.conf"
  for _ in $(seq 100); do [[ -s $DIR/var/status.dat ]] && break; alive nagios || die "nagios died, see $DIR/nagios.log"; sleep 0.2; done
  wait_http web 30 "$BASE/statusjson.cgi?query=programstatus" -u reporter:reporter-pass
}
do_seed() {
  alive nagios && alive web || die "not running: run '$0 start'"
  [[ ! -e $DIR/seeded ]] || return 0
  halt nagios
  python3 "$SEED/nagios.py" history "$DIR" || die "history generator failed"
  chown -R nagios:nagios "$DIR/var"
  touch "$DIR/seeded"
  spawn nagios /usr/sbin/nagios4 "$DIR/nagios.cfg"
  for _ in $(seq 100); do [[ -p $DIR/var/nagios.cmd ]] && break; sleep 0.2; done
  [[ -p $DIR/var/nagios.cmd ]] || die "nagios did not come back, see $DIR/nagios.log"
  # Present states arrive as passive check results, the way satellites report.
  python3 "$SEED/nagios.py" now "$DIR" || die "passive results not taken"
  for _ in $(seq 60); do
    curl -fsS -u reporter:reporter-pass "$BASE/statusjson.cgi?query=servicecount&servicestatus=pending" | tr -d ' \n' | grep -q '"count":{"pending":0}' && break
    sleep 1
  done
}
do_settings() {
  echo "version=$(dpkg-query -W -f '${Version}' nagios4-core)"
  echo "url=$BASE"
  echo "NAGIOS_PASSWORD=reporter-pass"
}
do_stop() { halt web nagios; }
main "$@"
