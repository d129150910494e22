# What the scripts of this folder share: packages, processes, waiting, the shifted clock. The caller sets TOOL first.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
LIVE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SEED=$LIVE/seed
LIVE_STATE=$(realpath -m "${SERVICEBOOK_LIVE_STATE:-${TMPDIR:-/tmp}/servicebook-live}")
DIR=$LIVE_STATE/$TOOL
OPT=$LIVE_STATE/opt/$TOOL # what pip and npm install: stays when the rest is made anew
export PYTHONDONTWRITEBYTECODE=1
# A proxy of the machine must not catch what goes to loopback.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

die() { echo "$TOOL: $*" >&2; exit 1; }
note() { echo "$TOOL: $*" >&2; }

# The servers' own users (postgres, zabbix, nagios …) must reach it.
make_dir() { mkdir -p "$DIR" || die "cannot write to $LIVE_STATE"; chmod 755 "$LIVE_STATE" "$DIR" 2>/dev/null || true; }
reachable_by() {
  runuser -u "$1" -- test -x "$DIR" || die "user $1 cannot reach $DIR: let SERVICEBOOK_LIVE_STATE name a folder that all may read"
}

# Debian packages; a name that ends in "-" must not come along. Nothing that they bring is started by them.
apt_install() {
  local p missing=() refused=() policy=/usr/sbin/policy-rc.d
  for p in "$@"; do
    if [[ $p == *- ]]; then refused+=("$p")
    elif [[ $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) != installed ]]; then missing+=("$p"); fi
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "there is no apt-get to install ${missing[*]} with"
  [[ $(id -u) == 0 ]] || die "installing ${missing[*]} needs root"
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    trap "rm -f $policy" EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >"$DIR/install.log" 2>&1 || die "apt-get update failed, see $DIR/install.log"
  apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${missing[@]}" "${refused[@]}" >>"$DIR/install.log" 2>&1 ||
    die "apt-get install failed, see $DIR/install.log"
}

need() { command -v "$1" >/dev/null || [[ -e $1 ]] || die "$1 is missing: run '$0 install'"; }

# A pid file holds "pid starttime", so that a pid used again is never taken for ours.
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() {
  local pid at
  read -r pid at 2>/dev/null <"$DIR/$1.pid" || return 1
  [[ -n $at && $(born "$pid") == "$at" ]]
}
spawn() { # NAME COMMAND… : runs in a process group of its own, log in NAME.log
  local name=$1 pid; shift
  if alive "$name"; then return 0; fi
  setsid "$@" >>"$DIR/$name.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid $(born "$pid")" >"$DIR/$name.pid"
}
halt() { # NAME…
  local name pid
  for name in "$@"; do
    if alive "$name"; then
      read -r pid _ <"$DIR/$name.pid"
      kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
      for _ in $(seq 100); do alive "$name" || break; sleep 0.1; done
      if alive "$name"; then kill -KILL -- "-$pid" 2>/dev/null || true; fi
      rm -f "/dev/shm/faketime_shm_$pid" "/dev/shm/sem.faketime_sem_$pid" # left by the shifted clock
    fi
    rm -f "$DIR/$name.pid"
  done
}
free_port() { # PORT… : refuses to start beside a stranger
  local p
  for p in "$@"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then die "port $p is in use"; fi
  done
}
wait_http() { # NAME SECONDS URL [curl options] : until URL answers 2xx
  local name=$1 secs=$2 url=$3 t0=$SECONDS; shift 3
  until curl -fsS -o /dev/null -m 5 "$@" "$url" 2>/dev/null; do
    alive "$name" || die "$name died, see $DIR/$name.log"
    ((SECONDS - t0 < secs)) || die "$url did not answer within $secs s, see $DIR/$name.log"
    sleep 0.2
  done
}
# For seeding: sets SHIFTED, a command prefix under which a server takes its time from $DIR/clock, read anew at every
# call. Without the last setting timed waits spin in Ruby servers.
shifted_clock() {
  local so
  so=$(dpkg -L libfaketime 2>/dev/null | grep 'libfaketimeMT\.so') || die "faketime is missing: run '$0 install'"
  echo "+0" >"$DIR/clock"
  export LIVE_CLOCK=$DIR/clock
  SHIFTED=(env TZ=UTC FAKETIME_TIMESTAMP_FILE="$DIR/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
    FAKETIME_FORCE_MONOTONIC_FIX=0 LD_PRELOAD="$so")
}
# One verb each. settings: what a book must know to reach the server, as NAME=value lines (lower case fills @name@ of the
# book's template, upper case goes into the environment). step N: something happens before the Nth pull. stir: something
# happens as long as the pull lasts, until it is killed.
main() {
  case ${1:-} in
    install | start | seed | stop | settings) make_dir; "do_$1" ;;
    step | stir) if declare -F "do_$1" >/dev/null; then make_dir; "do_$@"; fi ;;
    *) echo "usage: $0 install|start|seed|settings|step N|stir|stop" >&2; exit 2 ;;
  esac
}
