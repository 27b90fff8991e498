"""An oslo.messaging peer for tests, told what to do on standard input.

One JSON object per line: {"id": n, "op": name, "with": {...}}. Each is answered, in any order, by
{"id": n, "ok": value} or {"id": n, "error": {"class", "module", "message", "exc_type"}}. What
happens by itself is told as {"event": name, ...}. Ends when standard input does.
"""

import concurrent.futures
import json
import logging
import os
import sys
import threading

import peer_roles

_output = threading.Lock()


def say(what):
    line = json.dumps(what, default=repr)
    with _output:
        sys.stdout.write(line + '\n')
        sys.stdout.flush()


def operations():
    transports = peer_roles.Transports()
    servers = peer_roles.Servers(transports, say)
    clients = peer_roles.Clients(transports)
    notifications = peer_roles.Notifications(transports, say)
    return {
        'open': transports.open,
        'close': transports.close,
        'serve': servers.start,
        'stop_server': servers.stop,
        'counts': servers.counts,
        'release': servers.release,
        'call': clients.call,
        'cast': clients.cast,
        'start_loop': clients.start_loop,
        'loop': clients.loop,
        'stop_loop': clients.stop_loop,
        'notify': notifications.notify,
        'listen': notifications.listen,
        'stop_listener': notifications.stop,
        'ping': lambda: 'pong',
    }


def perform(table, command):
    try:
        answer = {'ok': table[command['op']](**command.get('with', {}))}
    except BaseException as e:
        # exc_type: of oslo_messaging.RemoteError, the class the server named
        answer = {'error': {
            'class': type(e).__name__, 'module': type(e).__module__, 'message': str(e),
            'bases': [base.__name__ for base in type(e).__mro__],
            'exc_type': getattr(e, 'exc_type', None),
            'kwargs': getattr(e, 'kwargs', None)}}
    answer['id'] = command['id']
    say(answer)


def main():
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING,
        format='%(asctime)s %(levelname)s %(name)s %(message)s')
    table = operations()
    with concurrent.futures.ThreadPoolExecutor(max_workers=64) as pool:
        for line in sys.stdin:
            pool.submit(perform, table, json.loads(line))
        # threads of servers and of a broken connection may wait for ever
        os._exit(0)


if __name__ == '__main__':
    main()
