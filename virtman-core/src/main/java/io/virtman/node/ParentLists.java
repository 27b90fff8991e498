package io.virtman.node;

import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.ParentHost;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentEntry;
import io.virtman.volt.ParentList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a member does with a list of parents before it believes it. Pure. */
final class ParentLists {
    private ParentLists() {}

    /**
     * The hosts of a list, nearest first.
     *
     * @throws ProblemException INVALID for names or addresses that no node can have
     */
    static List<ParentHost> hosts(ParentList list) {
        List<ParentHost> hosts = new ArrayList<>();
        for (ParentEntry entry : list.parents()) {
            Names.require("parents.node", entry.node());
            NodeAddress.requirePeer(entry.peer());
            hosts.add(new ParentHost(entry.node(), entry.peer()));
        }
        return hosts;
    }

    /**
     * Checks that levels fall along the list down to the origin's: a ring could not be told from a
     * slow parent later.
     *
     * @throws ProblemException INVALID otherwise
     */
    static void requireSound(ParentList list) {
        int above = list.level();
        boolean sound = true;
        for (ParentEntry parent : list.parents()) {
            sound &= parent.level() < above;
            above = parent.level();
        }
        if (!sound || above != 0 || list.parents().isEmpty()) {
            throw new ProblemException(
                    Kind.INVALID,
                    "parents",
                    "levels do not fall from the member's to the origin's, 0",
                    "send the list as Volt made it");
        }
    }

    /** Whether Volt made a list after another one. */
    static boolean newer(ParentList list, ParentList than) {
        return Comparator.comparingLong(ParentList::term)
                        .thenComparingLong(ParentList::epoch)
                        .compare(list, than)
                > 0;
    }
}
