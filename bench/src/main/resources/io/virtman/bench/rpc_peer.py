"""The Python side of `virtman bench rpc`: oslo.messaging as OpenStack's services use it.

rpc_peer.py serve URL_FILE SAMPLE_FILE
rpc_peer.py call URL_FILE SAMPLE_FILE CALLERS WARM_UP_SECONDS SECONDS

A server prints "ready" and ends with its standard input. A client prints one line of JSON.
"""
import json
import sys
import threading
import time

from oslo_config import cfg
import oslo_messaging

TOPIC = 'bench-python'


class Endpoint(object):
    target = oslo_messaging.Target(version='3.18')

    def __init__(self, result):
        self.result = result

    def attachment_update(self, context, vref, connector, attachment_id):
        return self.result


def serve(transport, sample):
    server = oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(topic=TOPIC, server='peer'),
        [Endpoint(sample['result'])],
        executor='threading')
    server.start()
    print('ready', flush=True)
    sys.stdin.read()
    server.stop()
    server.wait()


def measure(client, sample, start, end, latencies):
    while True:
        begun = time.perf_counter()
        if begun >= end:
            return
        result = client.call(sample['context'], 'attachment_update',
                             **sample['args'])
        ended = time.perf_counter()
        if result != sample['result']:
            raise AssertionError('wrong result')
        if begun >= start and ended <= end:
            latencies.append(ended - begun)


def call(transport, sample, callers, warm_up, seconds):
    client = oslo_messaging.RPCClient(
        transport,
        oslo_messaging.Target(topic=TOPIC, server='peer', version='3.0'),
        timeout=60)
    # Connecting takes no part of the time.
    client.call(sample['context'], 'attachment_update', **sample['args'])
    start = time.perf_counter() + warm_up
    latencies = [[] for _ in range(callers)]
    threads = [
        threading.Thread(target=measure,
                         args=(client, sample, start, start + seconds, mine))
        for mine in latencies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = sorted(one for mine in latencies for one in mine)
    print(json.dumps({
        'calls': len(every),
        'callsPerSecond': len(every) / seconds,
        'p50Millis': every[len(every) // 2] * 1000,
        'p99Millis': every[len(every) * 99 // 100] * 1000,
    }), flush=True)


def main():
    role = sys.argv[1]
    with open(sys.argv[2]) as file:
        url = file.read().strip()
    with open(sys.argv[3]) as file:
        sample = json.load(file)
    # The global one: oslo.messaging's metrics look for their options there.
    cfg.CONF([])
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, url)
    if role == 'serve':
        serve(transport, sample)
    else:
        call(transport, sample, int(sys.argv[4]), float(sys.argv[5]),
             float(sys.argv[6]))


if __name__ == '__main__':
    main()
