package io.virtman.app;

import static io.virtman.app.Terminal.bytes;

import io.virtman.volt.Hierarchy;
import io.virtman.volt.HierarchyMember;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A hierarchy as lines of text. Pure. */
public final class TreeDrawing {
    private TreeDrawing() {}

    /** The origin first, each member below the one it fetches from. */
    public static List<String> lines(Hierarchy hierarchy) {
        List<String> lines = new ArrayList<>();
        String origin = hierarchy.image().origin();
        lines.add(
                origin
                        + "  (origin of "
                        + hierarchy.image().name()
                        + ", "
                        + bytes(hierarchy.image().size())
                        + ")");
        children(hierarchy, origin, "", lines);
        return lines;
    }

    private static void children(
            Hierarchy hierarchy, String parent, String indent, List<String> lines) {
        List<HierarchyMember> children =
                hierarchy.members().stream()
                        .filter(member -> parent.equals(member.parent()))
                        .toList();
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1;
            HierarchyMember child = children.get(i);
            lines.add(indent + (last ? "└── " : "├── ") + describe(child, parent));
            if (!child.node().equals(parent)) {
                children(hierarchy, child.node(), indent + (last ? "    " : "│   "), lines);
            }
        }
    }

    private static String describe(HierarchyMember member, String parent) {
        Map<String, Long> others = new TreeMap<>(member.bytesInByParent());
        Long fromParent = others.remove(parent);
        StringBuilder text =
                new StringBuilder(member.node())
                        .append("  <- ")
                        .append(bytes(fromParent == null ? 0 : fromParent));
        others.values().removeIf(count -> count == 0);
        others.forEach((other, count) ->
                text.append(", ").append(bytes(count)).append(" from ").append(other));
        text.append("  (holds ").append(bytes(member.cachedBytes())).append(")");
        return text.append(member.alive() ? "" : "  SILENT").toString();
    }
}
