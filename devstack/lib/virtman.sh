#!/bin/bash
# VirtMan from this source tree: Volt, a node on each compute host, the Cinder service.
# shellcheck disable=SC2154 # dir, here, source_root and the like are the caller's

volt_port=7400

start_virtman() {
    [ -n "$with_virtman" ] || return 0
    build_virtman
    start_volt
    start_nodes
    start_cinder_service
}

# Builds before services start: a launch while Maven works would wait, and time out.
build_virtman() {
    timeout 900 "$source_root/virtman" --version >>"$dir/log/build.log" 2>&1 8>&- || {
        show_log build
        die "VirtMan could not be built"
    }
}

start_volt() {
    mkdir -p "$dir/volt"
    serve volt $volt_port "$source_root/virtman" volt --listen 127.0.0.1:$volt_port \
        --data "$dir/volt"
    wait_for volt 60 "Volt answers" curl -s -f -m 5 "http://127.0.0.1:$volt_port/v1/nodes"
}

# Prints a number for each host: libvirt-1 is 1, fake-1 is 11.
host_number() { # HOST
    case $1 in
        libvirt-*) echo "${1#libvirt-}" ;;
        fake-*) echo $((10 + ${1#fake-})) ;;
    esac
}

start_nodes() {
    local host number folder
    for host in $(compute_hosts); do
        number=$(host_number "$host")
        folder=$dir/nodes/$host
        mkdir -p "$folder"
        serve "node-$host" $((volt_port + number)) "$source_root/virtman" node --name "$host" \
            --volt "http://127.0.0.1:$volt_port" --listen "127.0.0.1:$((volt_port + number))" \
            --peer "127.0.0.1:$((10800 + number))" --data "$folder/data" --run "$folder/run" \
            --cache "$folder/cache" --exports "$folder/exports" --cache-size 2G
    done
    for host in $(compute_hosts); do
        wait_for "node-$host" 90 "node $host answers" curl -s -f -m 5 \
            "http://127.0.0.1:$((volt_port + $(host_number "$host")))/v1/status"
    done
}

start_cinder_service() {
    render virtman.conf "$dir/etc/virtman.conf" @VOLT@ "http://127.0.0.1:$volt_port"
    chmod 600 "$dir/etc/virtman.conf"
    start virtman-cinder "$source_root/virtman" cinder --config "$dir/etc/virtman.conf"
}

wait_for_virtman() {
    [ -n "$with_virtman" ] || return 0
    wait_for virtman-cinder 90 "testbed@virtman reports" cinder_service_reports
}

cinder_service_reports() {
    [ "$(sql -N -B -e "SELECT COUNT(*) FROM cinder.services WHERE host = 'testbed@virtman'
        AND deleted = 0 AND updated_at > UTC_TIMESTAMP() - INTERVAL 30 SECOND")" -ge 1 ]
}

storage_daemons() {
    pgrep -f "^[^ ]*qemu-storage-daemon .*$dir/nodes/" || true
}

# The storage daemons outlive their node, as they should; here the whole host goes down.
stop_virtman() {
    local file tries=50
    for file in "$dir"/run/virtman-cinder.pid "$dir"/run/node-*.pid; do
        stop "$(basename "$file" .pid)" 20
    done
    storage_daemons | xargs -r kill -TERM
    while [ -n "$(storage_daemons)" ] && [ "$tries" -gt 0 ]; do
        sleep 0.2
        tries=$((tries - 1))
    done
    storage_daemons | xargs -r kill -KILL
}
