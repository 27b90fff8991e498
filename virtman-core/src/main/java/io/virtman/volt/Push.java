package io.virtman.volt;

/** A changed list on its way to the member it concerns. */
record Push(NodeAddress to, ParentList list) {}
