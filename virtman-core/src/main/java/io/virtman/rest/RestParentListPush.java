package io.virtman.rest;

import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.ParentListPush;
import java.time.Duration;

/** Puts changed parent lists to the nodes' REST APIs. */
public final class RestParentListPush implements ParentListPush {
    /** Short: a heartbeat brings what does not arrive, and others wait behind it. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @Override
    public void push(NodeAddress to, ParentList list) {
        new RestClient(to.restUri(), TIMEOUT)
                .put("/v1/attachments/" + RestClient.segment(list.image()) + "/parents", list);
    }
}
