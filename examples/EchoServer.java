import io.virtman.messaging.config.*;
import io.virtman.messaging.rabbit.*;
import io.virtman.messaging.rpc.*;
import java.util.concurrent.CountDownLatch;

/** Serves "echo" to any oslo.messaging client: EchoServer.java rabbit://user:password@host:5672/ */
void main(String[] args) throws InterruptedException {
    RpcEndpoint echo =
            RpcEndpoint.builder()
                    .version("1.1")
                    .method("echo", request -> request.args().get("text"))
                    .method(
                            "fail",
                            _ -> {
                                throw RpcFault.of("builtins", "ValueError", "as you asked for");
                            })
                    .build();
    try (RabbitTransport transport =
                    RabbitTransport.open(
                            TransportUrl.parse(args[0]),
                            RabbitOptions.DEFAULTS,
                            RabbitSettings.of("echo-server"));
            RpcServer server =
                    RpcServer.builder(transport)
                            .listen(Target.of("openstack", "echo").withServer("java"))
                            .endpoint(echo)
                            .start()) {
        IO.println("serving topic echo");
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        new CountDownLatch(1).await();
    }
}
