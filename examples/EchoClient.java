import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.rpc.RemoteException;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.Target;
import java.time.Duration;

/** Calls any oslo.messaging server of topic "echo": EchoClient.java rabbit://... some text */
void main(String[] args) {
    TransportUrl url = TransportUrl.parse(args[0]);
    try (RabbitTransport transport =
                    RabbitTransport.open(
                            url, RabbitOptions.DEFAULTS, RabbitSettings.of("echo-client"));
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
        client.cast(echo.withFanout(), RpcCall.of("echo").arg("text", "to all").build());
    }
}
