"""What a peer can be: RPC server, RPC client, notifier, notification listener."""

import threading

from oslo_config import cfg
import oslo_messaging
from oslo_messaging._metrics import client as metrics

import peer_failures

FAILURES = {'builtins': __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__),
            'peer_failures': vars(peer_failures)}


class Transports(object):
    """One transport per configuration file, as a service has one configuration."""

    def __init__(self):
        self._lock = threading.Lock()
        self._transports = {}

    def open(self, name, config, exmods=()):
        conf = cfg.ConfigOpts()
        # an RPC client looks these up in its own configuration, the library has them only in cfg.CONF
        conf.register_opts(metrics.oslo_messaging_metrics, group='oslo_messaging_metrics')
        conf(['--config-file', config], project='peer')
        rpc = oslo_messaging.get_rpc_transport(conf, allowed_remote_exmods=list(exmods))
        notifications = oslo_messaging.get_notification_transport(conf)
        with self._lock:
            self._transports[name] = (rpc, notifications)

    def rpc(self, name):
        return self._transports[name][0]

    def notifications(self, name):
        return self._transports[name][1]

    def close(self, name):
        with self._lock:
            transports = self._transports.pop(name)
        for transport in transports:
            transport.cleanup()


class Endpoint(object):
    """Methods of the default namespace, versions 1.0 to 1.5."""

    target = oslo_messaging.Target(version='1.5')

    def __init__(self, server, label, events):
        self.server = server
        self.label = label
        self.events = events
        self.counts = {}
        self.lock = threading.Lock()
        self.gates = {}

    def _count(self, method):
        with self.lock:
            self.counts[method] = self.counts.get(method, 0) + 1

    def _gate(self, key):
        with self.lock:
            return self.gates.setdefault(key, threading.Event())

    def echo(self, ctxt, value):
        self._count('echo')
        return value

    def add(self, ctxt, a, b):
        self._count('add')
        return a + b

    def nothing(self, ctxt):
        self._count('nothing')

    def context(self, ctxt):
        self._count('context')
        return ctxt

    def whoami(self, ctxt):
        self._count('whoami')
        return self.server

    def big(self, ctxt, size):
        self._count('big')
        return 'x' * size

    def length(self, ctxt, value):
        self._count('length')
        return len(value)

    def record(self, ctxt, value):
        self._count('record')
        self.events({'event': 'received', 'server': self.label, 'value': value})

    def fail_with(self, ctxt, module, name, args=(), kwargs=None):
        self._count('fail_with')
        raise FAILURES[module][name](*args, **(kwargs or {}))

    def wait_for(self, ctxt, key):
        """Returns when told, or false after a minute."""
        self._count('wait_for')
        self.events({'event': 'waiting', 'server': self.label, 'key': key})
        return self._gate(key).wait(60)

    def slow(self, ctxt, seconds):
        self._count('slow')
        threading.Event().wait(seconds)
        return 'done'

    def unserializable(self, ctxt):
        self._count('unserializable')
        return {'a': complex(1, 2)}


class AdminEndpoint(object):
    """Methods of a namespace, versions 2.0 to 2.3."""

    target = oslo_messaging.Target(namespace='admin', version='2.3')

    def __init__(self, server):
        self.server = server

    def whoami(self, ctxt):
        return 'admin of ' + self.server


class Servers(object):
    def __init__(self, transports, events):
        self._transports = transports
        self._events = events
        self._servers = {}

    def start(self, name, transport, topic, server, label=None, exchange=None):
        endpoint = Endpoint(server, label or server, self._events)
        target = oslo_messaging.Target(topic=topic, server=server, exchange=exchange)
        rpc = oslo_messaging.get_rpc_server(
            self._transports.rpc(transport), target, [endpoint, AdminEndpoint(server)],
            executor='threading')
        rpc.start()
        self._servers[name] = (rpc, endpoint)

    def stop(self, name):
        rpc, _ = self._servers.pop(name)
        rpc.stop()
        rpc.wait()

    def counts(self, name):
        endpoint = self._servers[name][1]
        with endpoint.lock:
            return dict(endpoint.counts)

    def release(self, name, key):
        self._servers[name][1]._gate(key).set()


class Clients(object):
    def __init__(self, transports):
        self._transports = transports
        self._loops = {}

    def _prepared(self, transport, target, timeout=None, monitor=None):
        client = oslo_messaging.get_rpc_client(
            self._transports.rpc(transport), oslo_messaging.Target(**target))
        return client.prepare(timeout=timeout, call_monitor_timeout=monitor)

    def call(self, transport, target, method, args=None, context=None, timeout=None,
             monitor=None):
        return self._prepared(transport, target, timeout, monitor).call(
            context or {}, method, **(args or {}))

    def cast(self, transport, target, method, args=None, context=None, times=1):
        client = self._prepared(transport, target)
        for _ in range(times):
            client.cast(context or {}, method, **(args or {}))

    def start_loop(self, name, transport, target, method, args, timeout):
        """Calls again and again until stopped; the answer must be the argument 'value'."""
        client = self._prepared(transport, target, timeout)
        stop = threading.Event()
        tally = {'ok': 0, 'failures': []}

        def run():
            while not stop.wait(0.01):
                try:
                    if client.call({}, method, **args) != args['value']:
                        raise AssertionError('not the answer to this call')
                    tally['ok'] += 1
                except Exception as e:
                    tally['failures'].append('%s: %s' % (type(e).__name__, str(e)[:200]))

        thread = threading.Thread(target=run, daemon=True)
        self._loops[name] = (thread, stop, tally)
        thread.start()

    def loop(self, name):
        return self._loops[name][2]

    def stop_loop(self, name):
        thread, stop, tally = self._loops.pop(name)
        stop.set()
        thread.join(60)
        return tally


class Listening(object):
    """Takes the priorities asked for; gives the first messages back if told to."""

    def __init__(self, name, events, requeues, priorities):
        self._name = name
        self._events = events
        self._requeues = requeues
        self._lock = threading.Lock()
        for priority in priorities:
            setattr(self, priority, self._taker(priority))

    def _taker(self, priority):
        def take(ctxt, publisher_id, event_type, payload, metadata):
            with self._lock:
                back = self._requeues > 0
                self._requeues -= 1
            self._events({
                'event': 'notified', 'listener': self._name, 'priority': priority,
                'context': ctxt, 'publisher_id': publisher_id, 'event_type': event_type,
                'payload': payload, 'metadata': metadata, 'requeued': back})
            return (oslo_messaging.NotificationResult.REQUEUE if back
                    else oslo_messaging.NotificationResult.HANDLED)
        return take


class Notifications(object):
    def __init__(self, transports, events):
        self._transports = transports
        self._events = events
        self._listeners = {}

    def notify(self, transport, driver, topic, priority, publisher, event_type, payload,
               context=None):
        notifier = oslo_messaging.Notifier(
            self._transports.notifications(transport), publisher_id=publisher,
            driver=driver, topics=[topic], retry=3)
        getattr(notifier, priority)(context or {}, event_type, payload)

    def listen(self, name, transport, topic, priorities=('info', 'error'), exchange=None,
               pool=None, requeues=0):
        listener = oslo_messaging.get_notification_listener(
            self._transports.notifications(transport),
            [oslo_messaging.Target(topic=topic, exchange=exchange)],
            [Listening(name, self._events, requeues, priorities)],
            executor='threading', allow_requeue=True, pool=pool)
        listener.start()
        self._listeners[name] = listener

    def stop(self, name):
        listener = self._listeners.pop(name)
        listener.stop()
        listener.wait()
