package io.virtman.peer;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers who was complained about, and with what words. */
final class Complaints implements ParentSet.ComplaintListener {
    final List<String> names = new CopyOnWriteArrayList<>();
    final List<String> texts = new CopyOnWriteArrayList<>();

    @Override
    public void corrupt(String parent, String what) {
        names.add(parent);
        texts.add(what);
    }
}
