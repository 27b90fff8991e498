package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.testing.TransportContract;
import io.virtman.messaging.transport.Transport;
import io.virtman.testkit.RabbitBroker;

class RabbitTransportTest extends TransportContract {
    @Override
    protected Transport open() {
        return RabbitTransport.open(
                TransportUrl.parse(RabbitBroker.shared().uri()),
                RabbitOptions.DEFAULTS,
                RabbitSettings.of("contract"));
    }
}
