package io.virtman.openstack;

import java.util.List;
import java.util.Map;

/** Networks of new servers. */
public sealed interface Networks {
    /** What Nova can be left to. */
    enum Automatic implements Networks {
        /** No network at all. */
        NONE("none"),
        /** The one network of the project, which is made where it has none. */
        AUTO("auto");

        private final String word;

        Automatic(String word) {
            this.word = word;
        }

        @Override
        public Object asJson() {
            return word;
        }
    }

    /**
     * One port in each of these.
     *
     * @param ids of networks, in the order of the servers' interfaces; one or more
     */
    record Listed(List<String> ids) implements Networks {
        /** Keeps a copy of the ids, and checks them. */
        public Listed {
            ids = List.copyOf(ids);
            if (ids.isEmpty() || !ids.stream().allMatch(Ids::fits)) {
                throw new IllegalArgumentException("networks: one or more ids");
            }
        }

        @Override
        public Object asJson() {
            return ids.stream().map(id -> Map.of("uuid", id)).toList();
        }
    }

    /** As Nova wants it. */
    Object asJson();
}
