package io.virtman.messaging.rabbit;

import io.virtman.messaging.transport.Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A queue to receive from, once, though it may stand for several sources: a pool gets what has
 * several topics and priorities.
 */
record ConsumedQueue(List<RabbitTopology.Source> sources) {
    static List<ConsumedQueue> of(List<RabbitTopology.Source> sources) {
        Map<String, List<RabbitTopology.Source>> queues = new LinkedHashMap<>();
        for (RabbitTopology.Source source : sources) {
            queues.computeIfAbsent(source.queue().name(), name -> new ArrayList<>()).add(source);
        }
        return queues.values().stream().map(ConsumedQueue::new).toList();
    }

    String name() {
        return sources.getFirst().queue().name();
    }

    boolean temporary() {
        return sources.getFirst().temporary();
    }

    /** The source whose messages have that routing key. */
    Address address(String routingKey) {
        for (RabbitTopology.Source source : sources) {
            if (source.bindingKey().equals(routingKey)) {
                return source.address();
            }
        }
        return sources.getFirst().address();
    }
}
