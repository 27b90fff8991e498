"""Calls "echo" on any oslo.messaging server: echo_client.py rabbit://... some text"""
import sys

from oslo_config import cfg
import oslo_messaging

cfg.CONF([])
client = oslo_messaging.RPCClient(
    oslo_messaging.get_rpc_transport(cfg.CONF, sys.argv[1]),
    oslo_messaging.Target(topic='echo', version='1.1'), timeout=10)
for text in sys.argv[2:]:
    print(client.call({}, 'echo', text=text))
try:
    client.call({}, 'fail')
except ValueError as e:
    print('the server says ValueError:', str(e).splitlines()[0])
