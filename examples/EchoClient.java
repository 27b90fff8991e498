import io.virtman.messaging.config.*;
import io.virtman.messaging.rabbit.*;
import io.virtman.messaging.rpc.*;
import java.time.Duration;

/** Calls "echo" on any oslo.messaging server: EchoClient.java rabbit://... some text */
void main(String[] args) {
    try (RabbitTransport transport =
                    RabbitTransport.open(
                            TransportUrl.parse(args[0]),
                            RabbitOptions.DEFAULTS,
                            RabbitSettings.of("echo-client"));
            RpcClient client =
                    RpcClient.builder(transport).timeout(Duration.ofSeconds(10)).build()) {
        Target echo = Target.of("openstack", "echo").withVersion("1.1");
        for (int i = 1; i < args.length; i++) {
            IO.println(client.call(echo, RpcCall.of("echo").arg("text", args[i]).build()));
        }
        try {
            client.call(echo, RpcCall.of("fail").build());
        } catch (RemoteException e) {
            IO.println("the server says " + e.failure().type() + ": " + e.failure().message());
        }
    }
}
