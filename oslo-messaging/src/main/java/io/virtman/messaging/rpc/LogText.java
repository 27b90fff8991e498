package io.virtman.messaging.rpc;

import io.virtman.messaging.wire.RequestContext;
import io.virtman.messaging.wire.RpcRequest;
import org.jspecify.annotations.Nullable;

/** Makes what others sent fit for one line of a log: short, and free of control characters. */
final class LogText {
    private static final int LONGEST = 120;

    private LogText() {}

    static String of(@Nullable String text) {
        return text == null ? "?" : of(text, LONGEST);
    }

    static String of(String text, int longest) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), longest + 3));
        text.codePoints()
                .limit(longest)
                .map(code -> isPrintable(code) ? code : '?')
                .forEach(line::appendCodePoint);
        return text.length() > longest ? line.append("...").toString() : line.toString();
    }

    private static boolean isPrintable(int code) {
        return switch (Character.getType(code)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    /** Method, version and request id. */
    static String of(RpcRequest request) {
        return of(request.method()) + " " + of(request.version()) + " " + of(request.context());
    }

    static String of(RequestContext context) {
        return "[" + context.requestId().map(LogText::of).orElse("no request id") + "]";
    }
}
