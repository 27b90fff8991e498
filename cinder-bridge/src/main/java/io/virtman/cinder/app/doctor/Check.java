package io.virtman.cinder.app.doctor;

import java.util.List;

/**
 * One thing that is looked at.
 *
 * @param name as printed
 * @param needs the check without which this one can say nothing; empty for none
 * @param remedy when it fails with an exception
 */
record Check(String name, String needs, String remedy, Look look) {
    /** Looks; every call in it has a time-out. Whatever it throws is a problem. */
    interface Look {
        List<Finding> at() throws Exception;
    }
}
