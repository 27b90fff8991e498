#!/bin/bash
# OpenStack's own services.
# shellcheck disable=SC2154 # dir, here, password and the like are the caller's

# The names of the compute hosts, Nova's CONF.host and VirtMan's nodes alike.
compute_hosts() {
    local i
    [ "$libvirt_hosts" = 0 ] || echo libvirt-1
    for ((i = 1; i <= fake_hosts; i++)); do
        echo "fake-$i"
    done
}

# Runs a step that is done once in the life of DIR.
once() { # STEP LOG COMMAND...
    local step=$1 log=$2 began=$SECONDS
    shift 2
    [ ! -e "$dir/done/$step" ] || return 0
    timeout 400 "$@" >>"$dir/log/$log.log" 2>&1 8>&- || {
        show_log "$log"
        die "$step failed"
    }
    touch "$dir/done/$step"
    say "$step: $((SECONDS - began)) s"
}

# ---------------------------------------------------------------- databases

make_schemas() {
    local lane
    [ -e "$dir/done/databases" ] || make_databases
    make_keystone_schema
    make_volume_schemas &
    lane=$!
    make_nova_schemas || die "database set-up failed"
    wait "$lane" || die "database set-up failed"
    make_virtman_account
}

make_databases() {
    local name
    for name in keystone glance placement nova_api nova nova_cell0 cinder neutron; do
        echo "CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb3;"
        echo "GRANT ALL ON $name.* TO 'openstack'@'127.0.0.1' IDENTIFIED BY '$password';"
        echo "GRANT SELECT ON $name.* TO 'reader'@'127.0.0.1' IDENTIFIED BY '$password';"
    done | sql
    touch "$dir/done/databases"
}

make_keystone_schema() {
    local keystone=(keystone-manage --config-file "$dir/etc/keystone.conf")
    once keystone-db keystone-manage "${keystone[@]}" db_sync
    once keystone-fernet keystone-manage "${keystone[@]}" fernet_setup \
        --keystone-user root --keystone-group root
    once keystone-credential keystone-manage "${keystone[@]}" credential_setup \
        --keystone-user root --keystone-group root
    once keystone-bootstrap keystone-manage "${keystone[@]}" bootstrap \
        --bootstrap-password "$password" --bootstrap-region-id RegionOne \
        --bootstrap-admin-url "$keystone_url" --bootstrap-internal-url "$keystone_url" \
        --bootstrap-public-url "$keystone_url"
}

make_volume_schemas() {
    once cinder-db cinder-manage cinder-manage --config-file "$dir/etc/cinder.conf" db sync
    once glance-db glance-manage glance-manage --config-file "$dir/etc/glance-api.conf" db_sync
    once neutron-db neutron-manage \
        neutron-db-manage --config-file "$dir/etc/neutron.conf" upgrade heads
}

make_nova_schemas() {
    local nova=(nova-manage --config-file "$dir/etc/nova.conf" --config-file "$dir/etc/nova-db.conf")
    once placement-db placement-manage env OS_PLACEMENT_CONFIG_DIR="$dir/etc/placement" \
        placement-manage --config-dir "$dir/etc/placement" db sync
    once nova-api-db nova-manage "${nova[@]}" api_db sync
    once nova-cell0 nova-manage "${nova[@]}" cell_v2 map_cell0 \
        --database_connection "$(database_url nova_cell0)"
    once nova-db nova-manage "${nova[@]}" db sync
    once nova-cell1 nova-manage "${nova[@]}" cell_v2 create_cell --name cell1 \
        --transport-url "$broker_url" --database_connection "$(database_url nova)"
}

# Each time, since the grants may have changed with the source tree.
make_virtman_account() {
    sed -e "s/'virtman_cinder'@'%'/'virtman'@'127.0.0.1'/g" -e "s/CHANGE-ME/$password/" \
        "$source_root/etc/mysql-grants.sql" | sql
    sql -e "GRANT SELECT ON virtman.* TO 'reader'@'127.0.0.1'"
}

# ---------------------------------------------------------------- services

# A service under uwsgi. Without `Connection: close` clients see resets on connections they reuse.
serve_wsgi() { # NAME PORT SCRIPT VARIABLE=VALUE
    serve "$1" "$2" env "$4" uwsgi-core --plugin python3 --http-socket "127.0.0.1:$2" \
        --wsgi-file "$3" --processes 1 --threads 4 --enable-threads --need-app --die-on-term \
        --add-header "Connection: close" --buffer-size 65535 --disable-logging
}

start_keystone() {
    serve_wsgi keystone 5000 /usr/bin/keystone-wsgi-public \
        OS_KEYSTONE_CONFIG_FILES="$dir/etc/keystone.conf"
    wait_for keystone 60 "keystone answers" http_answers "$keystone_url"
}

# Accounts, endpoints, flavours, images: one Python process, since a call of the client costs 2 s.
seed_once() { # PART
    once "seed-$1" seed /usr/bin/python3 "$here/seed.py" "$1" "$keystone_url" "$password" "$dir"
}

start_openstack() {
    local nova=(--config-file "$dir/etc/nova.conf" --config-file "$dir/etc/nova-db.conf")
    serve_wsgi placement 8778 /usr/bin/placement-api OS_PLACEMENT_CONFIG_DIR="$dir/etc/placement"
    serve glance-api 9292 glance-api --config-file "$dir/etc/glance-api.conf"
    start nova-conductor nova-conductor "${nova[@]}"
    start nova-scheduler nova-scheduler "${nova[@]}"
    serve nova-api 8774 nova-api "${nova[@]}"
    start cinder-scheduler cinder-scheduler --config-file "$dir/etc/cinder.conf"
    serve cinder-api 8776 cinder-api --config-file "$dir/etc/cinder.conf"
    serve neutron-server 9696 neutron-server --config-file "$dir/etc/neutron.conf"
    start_compute
}

# nova-compute runs as user nova, as in a real installation.
start_compute() {
    local host
    [ "$libvirt_hosts" = 0 ] || start_libvirt
    for host in $(compute_hosts); do
        mkdir -p "$dir/nova/$host/instances"
        chown -R nova:nova "$dir/nova/$host"
        start "nova-compute-$host" setpriv --reuid=nova --regid=nova --init-groups \
            env HOME=/var/lib/nova nova-compute --config-file "$dir/etc/nova.conf" \
            --config-file "$dir/etc/$host.conf"
    done
}

wait_for_openstack() {
    wait_for placement 60 "placement answers" http_answers http://127.0.0.1:8778/
    wait_for glance-api 90 "glance answers" http_answers http://127.0.0.1:9292/
    wait_for nova-api 120 "nova answers" http_answers http://127.0.0.1:8774/
    wait_for cinder-api 90 "cinder answers" http_answers http://127.0.0.1:8776/
    wait_for neutron-server 120 "neutron answers" http_answers http://127.0.0.1:9696/
    wait_for neutron-server 60 "neutron lists ports" neutron_lists_ports
    wait_for cinder-scheduler 60 "cinder-scheduler reports" cinder_scheduler_reports
}

# A fresh neutron-server answers a list of ports, which Nova needs all the time, with status 500
# until another query has made SQLAlchemy configure its mappers.
neutron_lists_ports() {
    local token
    token=$(curl -s -m 20 -D - -o /dev/null -H 'Content-Type: application/json' \
        "$keystone_url/auth/tokens" -d '{"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "admin", "domain": {"id": "default"}, "password": "'"$password"'"}}},
            "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}' |
        tr -d '\r' | awk 'tolower($1) == "x-subject-token:" { print $2 }')
    [ -n "$token" ] &&
        curl -s -f -m 20 -H "X-Auth-Token: $token" http://127.0.0.1:9696/v2.0/networks &&
        curl -s -f -m 20 -H "X-Auth-Token: $token" http://127.0.0.1:9696/v2.0/ports
}

cinder_scheduler_reports() {
    [ "$(sql -N -B -e "SELECT COUNT(*) FROM cinder.services WHERE topic = 'cinder-scheduler'
        AND deleted = 0 AND updated_at > UTC_TIMESTAMP() - INTERVAL 60 SECOND")" -ge 1 ]
}

wait_for_compute() {
    local host
    for host in $(compute_hosts); do
        wait_for "nova-compute-$host" 120 "$host reports and is mapped to the cell" \
            compute_reports "$host"
    done
}

# Until the scheduler has mapped it to the cell, a boot finds no valid host.
compute_reports() { # HOST
    [ "$(sql -N -B -e "SELECT COUNT(*) FROM nova_api.host_mappings m
        JOIN nova.services s ON s.host = m.host WHERE s.host = '$1' AND s.deleted = 0
        AND s.updated_at > UTC_TIMESTAMP() - INTERVAL 20 SECOND")" -ge 1 ]
}
