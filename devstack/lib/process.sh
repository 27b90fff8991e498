#!/bin/bash
# Processes of the test-bed. A file DIR/run/NAME.pid holds "PID START": the start time (field 22 of
# /proc/PID/stat) tells our process from a stranger that was given the same number later.
# shellcheck disable=SC2154 # dir is the caller's

start_time() {
    sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

alive() { # NAME
    local pid began
    [ -s "$dir/run/$1.pid" ] && read -r pid began <"$dir/run/$1.pid" || return 1
    [ -n "$began" ] && [ "$(start_time "$pid")" = "$began" ]
}

record() { # NAME PID
    printf '%s %s\n' "$2" "$(start_time "$2")" >"$dir/run/$1.pid"
}

# VirtMan and what it waits for: they get the processors first, as if the rest of OpenStack, which
# would use up all of one machine, were on machines of its own.
comes_first() {
    case $1 in volt | node-* | virtman-cinder | mariadb | epmd | rabbitmq) ;; *) return 1 ;; esac
}

# Starts a command in a session of its own, unless it runs already. Its output is DIR/log/NAME.log.
start() { # NAME COMMAND...
    local name=$1
    shift
    if alive "$name"; then
        return
    fi
    printf '\n===== %s starting %s\n' "$(date '+%F %T')" "$name" >>"$dir/log/$name.log"
    local lower=()
    comes_first "$name" || lower=(sh -c '{ echo 15 >/proc/self/autogroup; } 2>&-; exec nice -n 15 "$@"' sh)
    setsid nohup "${lower[@]}" "$@" >>"$dir/log/$name.log" 2>&1 </dev/null 8>&- &
    record "$name" $!
    grep -qxF "$name" "$dir/run/order" 2>/dev/null || echo "$name" >>"$dir/run/order"
}

# The same for a server, whose port must be free.
serve() { # NAME PORT COMMAND...
    local name=$1 port=$2
    shift 2
    if ! alive "$name" && port_open "$port"; then
        die "port $port, which $name needs, is taken by a process that this test-bed did not start"
    fi
    start "$name" "$@"
}

as_user() { # USER COMMAND...: becomes the command, so that the process id stays
    local user=$1
    shift
    setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"
}

port_open() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

http_answers() { # URL
    curl -s --noproxy '*' -o /dev/null -m 5 -w '%{http_code}' "$1" | grep -qE '^(200|300|302|401)$'
}

show_log() { # NAME
    printf -- '--- the last lines of %s\n' "$dir/log/$1.log" >&2
    tail -n 15 "$dir/log/$1.log" >&2 2>/dev/null || true
}

wait_for() { # NAME SECONDS WHAT COMMAND...: until the command succeeds, or NAME has died
    local name=$1 what=$3 end=$((SECONDS + $2)) limit=$2
    shift 3
    until "$@" >/dev/null 2>&1; do
        if ! alive "$name"; then
            show_log "$name"
            die "$name died before this: $what"
        fi
        if [ "$SECONDS" -ge "$end" ]; then
            show_log "$name"
            die "not within $limit s: $what"
        fi
        sleep 0.3
    done
}

signal() { # NAME SIGNAL
    local pid
    if alive "$1"; then
        read -r pid _ <"$dir/run/$1.pid"
        kill "-$2" "$pid" 2>/dev/null || true
    fi
}

stop() { # NAME SECONDS: asks, waits, then kills
    local tries=$(($2 * 5))
    signal "$1" TERM
    while alive "$1" && [ "$tries" -gt 0 ]; do
        sleep 0.2
        tries=$((tries - 1))
    done
    signal "$1" KILL
    rm -f "$dir/run/$1.pid"
}

# What everything else stands on: stopped last.
is_infrastructure() {
    case $1 in epmd | rabbitmq | mariadb | memcached | virtlogd | libvirtd) ;; *) return 1 ;; esac
}

stop_all() {
    local name names=()
    [ -e "$dir/run/order" ] || return 0
    mapfile -t names < <(tac "$dir/run/order")
    for name in "${names[@]}"; do
        is_infrastructure "$name" || signal "$name" TERM
    done
    for name in "${names[@]}"; do
        is_infrastructure "$name" || stop "$name" 15
    done
    for name in "${names[@]}"; do
        stop "$name" 40
    done
    rm -f "$dir/run/order"
}

# Each guest of libvirt has a mount namespace of its own. A disk that is mounted later is seen there
# only if the mount below it is shared, which is what systemd makes of all mounts at boot.
share_mounts() {
    [ "$(findmnt -n -o PROPAGATION -T "$dir")" != shared ] || return 0
    mount --bind "$dir" "$dir"
    mount --make-shared "$dir"
}

unmount_all() {
    local mount
    while read -r mount; do
        umount "$mount" 2>/dev/null || umount -l "$mount" || true
    done < <(awk -v below="$dir/" 'index($2 "/", below) == 1 { print $2 }' /proc/mounts | tac)
}

# MiB of a process and all below it; shared pages count in each.
tree_memory() { # PID
    ps -e -o pid=,ppid=,rss= | awk -v root="$1" '
        { parent[$1] = $2; rss[$1] = $3 }
        END {
            for (p in rss) {
                q = p
                while ((q in parent) && q != root && q > 1) q = parent[q]
                if (q == root) sum += rss[p]
            }
            printf "%d", sum / 1024
        }'
}

status() {
    local name pid memory total=0 bad=0
    printf '%-22s %8s %8s\n' SERVICE PID MiB
    while read -r name; do
        if alive "$name"; then
            read -r pid _ <"$dir/run/$name.pid"
            memory=$(tree_memory "$pid")
            total=$((total + memory))
            printf '%-22s %8d %8d\n' "$name" "$pid" "$memory"
        else
            bad=1
            printf '%-22s %8s %8s\n' "$name" dead -
        fi
    done < <(cat "$dir/run/order" 2>/dev/null)
    printf '%-22s %8s %8d\n' total '' "$total"
    return "$bad"
}
