#!/bin/bash
# MariaDB, RabbitMQ, memcached and libvirt, on loopback and with their state in DIR.
# shellcheck disable=SC2154 # dir, here, password and the like are the caller's

start_infrastructure() {
    start_mariadb
    serve memcached 11211 memcached -u nobody -l 127.0.0.1 -p 11211 -m 32
    start_rabbitmq
    wait_for mariadb 60 "MariaDB answers" sql -e 'SELECT 1'
    wait_for_rabbitmq
}

sql() {
    mysql --no-defaults -uroot --socket="$dir/run/mysql/mysql.sock" "$@"
}

start_mariadb() {
    mkdir -p "$dir/run/mysql"
    chown mysql:mysql "$dir/run/mysql"
    if ! [ -d "$dir/mysql/mysql" ]; then
        mkdir -p "$dir/mysql"
        chown mysql:mysql "$dir/mysql"
        timeout 120 mariadb-install-db --defaults-file="$dir/etc/my.cnf" --user=mysql \
            --datadir="$dir/mysql" --auth-root-authentication-method=socket --skip-test-db \
            >"$dir/log/mariadb-install.log" 2>&1 || {
            show_log mariadb-install
            die "mariadb-install-db failed"
        }
    fi
    serve mariadb 3306 mariadbd --defaults-file="$dir/etc/my.cnf"
}

# Becomes a program of RabbitMQ with the settings of this broker.
rabbit_tool() { # PROGRAM ARGUMENT...
    local program=$1
    shift
    as_user rabbitmq env HOME="$dir/rabbitmq" RABBITMQ_NODENAME=testbed@localhost \
        RABBITMQ_CONFIG_FILE="$dir/etc/rabbitmq.conf" RABBITMQ_PID_FILE="$dir/rabbitmq/pid" \
        RABBITMQ_ADVANCED_CONFIG_FILE="$dir/etc/none.config" \
        RABBITMQ_CONF_ENV_FILE="$dir/etc/none.conf" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/etc/rabbitmq-plugins" \
        RABBITMQ_MNESIA_BASE="$dir/rabbitmq/mnesia" RABBITMQ_LOG_BASE="$dir/rabbitmq/log" \
        RABBITMQ_DIST_PORT=25673 ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=14369 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none' \
        "/usr/lib/rabbitmq/bin/$program" "$@"
}

start_rabbitmq() {
    local cookie=$dir/rabbitmq/.erlang.cookie
    echo '[].' >"$dir/etc/rabbitmq-plugins"
    [ -s "$cookie" ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$cookie"
    chmod 400 "$cookie"
    chown -R rabbitmq:rabbitmq "$dir/rabbitmq"
    export -f rabbit_tool as_user
    export dir
    serve epmd 14369 setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups \
        epmd -address 127.0.0.1 -port 14369
    wait_for epmd 15 "epmd listens" port_open 14369
    serve rabbitmq 5672 bash -c 'rabbit_tool rabbitmq-server'
}

rabbitmq_logs_in() {
    /usr/bin/python3 - "$password" <<'END'
import sys
import pika
pika.BlockingConnection(pika.ConnectionParameters(
    '127.0.0.1', 5672, '/', pika.PlainCredentials('openstack', sys.argv[1]),
    socket_timeout=3, blocked_connection_timeout=3)).close()
END
}

wait_for_rabbitmq() {
    local vm
    wait_for rabbitmq 240 "RabbitMQ accepts a login" rabbitmq_logs_in
    # its shell scripts pass no signals on: from here on the Erlang VM is the process
    vm=$(cat "$dir/rabbitmq/pid" 2>/dev/null || true)
    [ -z "$(start_time "$vm")" ] || record rabbitmq "$vm"
}

# One that runs already, such as a workstation's own, is used and left alone.
start_libvirt() {
    if timeout 10 virsh -c qemu:///system version >/dev/null 2>&1; then
        return
    fi
    start virtlogd virtlogd -f "$dir/etc/virtlogd.conf"
    start libvirtd libvirtd -f "$dir/etc/libvirtd.conf"
    wait_for libvirtd 40 "libvirtd answers" timeout 10 virsh -c qemu:///system version
}

own_guests() { # all, or those that run with no argument: names of this bed's guests
    command -v virsh >/dev/null || return 0
    timeout 20 virsh -c qemu:///system list --name "$@" 2>/dev/null | grep '^testbed-' || true
}

stop_guests() {
    local guest
    for guest in $(own_guests); do
        timeout 20 virsh -c qemu:///system destroy "$guest" >/dev/null 2>&1 || true
    done
    for guest in $(own_guests --all); do
        timeout 20 virsh -c qemu:///system undefine "$guest" >/dev/null 2>&1 || true
    done
}

# What libvirt keeps outside DIR for guests that it no longer knows.
remove_guests() {
    rm -f /var/log/libvirt/qemu/testbed-????????.log
}
