package io.virtman.nbd;

import static io.virtman.nbd.NbdProtocol.BASE_ALLOCATION;
import static io.virtman.nbd.NbdProtocol.FLAG_FIXED_NEWSTYLE;
import static io.virtman.nbd.NbdProtocol.FLAG_NO_ZEROES;
import static io.virtman.nbd.NbdProtocol.INFO_BLOCK_SIZE;
import static io.virtman.nbd.NbdProtocol.INFO_EXPORT;
import static io.virtman.nbd.NbdProtocol.INFO_NAME;
import static io.virtman.nbd.NbdProtocol.OPT_ABORT;
import static io.virtman.nbd.NbdProtocol.OPT_EXPORT_NAME;
import static io.virtman.nbd.NbdProtocol.OPT_GO;
import static io.virtman.nbd.NbdProtocol.OPT_INFO;
import static io.virtman.nbd.NbdProtocol.OPT_LIST;
import static io.virtman.nbd.NbdProtocol.OPT_LIST_META_CONTEXT;
import static io.virtman.nbd.NbdProtocol.OPT_SET_META_CONTEXT;
import static io.virtman.nbd.NbdProtocol.OPT_STRUCTURED_REPLY;
import static io.virtman.nbd.NbdProtocol.REP_ERR_INVALID;
import static io.virtman.nbd.NbdProtocol.REP_ERR_UNSUP;
import static io.virtman.nbd.NbdProtocol.REP_INFO;
import static io.virtman.nbd.NbdProtocol.REP_META_CONTEXT;
import static io.virtman.nbd.NbdProtocol.REP_SERVER;

import io.virtman.block.BlockSource;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the handshake (section "Fixed newstyle negotiation"): at most one export is
 * open at a time, and what was opened to answer INFO or a metadata query serves the GO after it.
 */
final class Negotiation {
    /** Number of {@code base:allocation} in block status replies. */
    static final int ALLOCATION_CONTEXT = 1;

    private static final int MAXIMUM_OPTIONS = 1000;
    private static final int PREFERRED_BLOCK = 4096;
    private static final BoundedLog LOG = new BoundedLog(Negotiation.class);

    private final Wire wire;
    private final WireInput input;
    private final ByteBuffer output;
    private final OptionReplies replies;
    private final ExportCatalog catalog;
    private final NbdServerLimits limits;

    private boolean noZeroes;
    private boolean structured;
    private @Nullable String contextOf; // export that base:allocation was selected for
    private @Nullable String openName;
    private @Nullable BlockSource open;

    /**
     * @param output direct, of at least {@link OptionReplies#BUFFER} bytes
     */
    Negotiation(
            Wire wire,
            WireInput input,
            ByteBuffer output,
            ExportCatalog catalog,
            NbdServerLimits limits) {
        this.wire = wire;
        this.input = input;
        this.output = output;
        this.replies = new OptionReplies(wire, output);
        this.catalog = catalog;
        this.limits = limits;
    }

    /**
     * Haggles until the client has chosen an export or gives up.
     *
     * @return what to serve, owned by the caller; null when the client gave up
     * @throws IOException when the connection broke or the client left the protocol
     */
    @Nullable ServedExport run() throws IOException {
        boolean agreed = false;
        try {
            greet();
            for (int count = 0; count < MAXIMUM_OPTIONS; count++) {
                ByteBuffer header = input.require(16);
                if (header.getLong() != NbdProtocol.OPTION_MAGIC) {
                    throw new ProtocolException("an option does not begin with its magic number");
                }
                int option = header.getInt();
                int length = header.getInt();
                if (length < 0 || length > NbdProtocol.MAXIMUM_OPTION) {
                    throw new ProtocolException("an option is too long");
                }
                ByteBuffer data = ByteBuffer.wrap(input.bytes(length));
                if (option == OPT_ABORT) {
                    replies.acknowledge(option);
                    return null;
                }
                ServedExport chosen = answer(option, data);
                if (chosen != null) {
                    agreed = true;
                    return chosen;
                }
            }
            throw new ProtocolException("too many options");
        } finally {
            if (!agreed) {
                closeOpen();
            }
        }
    }

    private void greet() throws IOException {
        output.clear().putLong(NbdProtocol.MAGIC).putLong(NbdProtocol.OPTION_MAGIC);
        output.putShort((short) (FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES));
        wire.write(output.flip());
        int flags = input.require(4).getInt();
        if ((flags & ~(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES)) != 0) {
            throw new ProtocolException("the client set unknown flags");
        }
        noZeroes = (flags & FLAG_NO_ZEROES) != 0;
    }

    private @Nullable ServedExport answer(int option, ByteBuffer data) throws IOException {
        try {
            switch (option) {
                case OPT_EXPORT_NAME -> {
                    return exportName(ProtocolText.take(data, data.remaining()));
                }
                case OPT_LIST -> list(data);
                case OPT_INFO, OPT_GO -> {
                    return infoOrGo(option, data);
                }
                case OPT_STRUCTURED_REPLY -> structuredReply(data);
                case OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT -> metaContext(option, data);
                default -> replies.error(option, REP_ERR_UNSUP, "the option is not supported");
            }
        } catch (CharacterCodingException e) {
            if (option == OPT_EXPORT_NAME) {
                throw e; // the one option that has no error reply
            }
            replies.error(option, REP_ERR_INVALID, "the option's data is malformed");
        }
        return null;
    }

    private ServedExport exportName(String name) throws IOException {
        ServedExport export = served(name, open(name));
        output.clear().putLong(export.source().size()).putShort((short) flags());
        if (!noZeroes) {
            output.put(new byte[NbdProtocol.EXPORT_NAME_ZEROES]);
        }
        wire.write(output.flip());
        return export;
    }

    private void list(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            throw new CharacterCodingException();
        }
        for (String name : catalog.names()) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            if (bytes.length <= NbdProtocol.MAXIMUM_STRING) {
                replies.send(OPT_LIST, REP_SERVER, bytes.length, bytes);
            }
        }
        replies.acknowledge(OPT_LIST);
    }

    private @Nullable ServedExport infoOrGo(int option, ByteBuffer data) throws IOException {
        String name = ProtocolText.take(data, takeInt(data));
        Set<Integer> wanted = new HashSet<>();
        if (data.remaining() < 2) {
            throw new CharacterCodingException();
        }
        int count = Short.toUnsignedInt(data.getShort());
        if (data.remaining() != 2 * count) {
            throw new CharacterCodingException();
        }
        for (int i = 0; i < count; i++) {
            wanted.add(Short.toUnsignedInt(data.getShort()));
        }
        BlockSource source = openOrRefuse(option, name);
        if (source == null) {
            return null;
        }
        replies.send(
                option,
                REP_INFO,
                ByteBuffer.allocate(12)
                        .putShort((short) INFO_EXPORT)
                        .putLong(source.size())
                        .putShort((short) flags())
                        .array());
        if (wanted.contains(INFO_NAME)) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            replies.send(
                    option,
                    REP_INFO,
                    ByteBuffer.allocate(2 + bytes.length)
                            .putShort((short) INFO_NAME)
                            .put(bytes)
                            .array());
        }
        if (wanted.contains(INFO_BLOCK_SIZE)) {
            replies.send(
                    option,
                    REP_INFO,
                    ByteBuffer.allocate(14)
                            .putShort((short) INFO_BLOCK_SIZE)
                            .putInt(1)
                            .putInt(PREFERRED_BLOCK)
                            .putInt(limits.maximumRequestBytes())
                            .array());
        }
        replies.acknowledge(option);
        return option == OPT_GO ? served(name, source) : null;
    }

    private void structuredReply(ByteBuffer data) throws IOException {
        if (data.hasRemaining() || structured) {
            replies.error(OPT_STRUCTURED_REPLY, REP_ERR_INVALID, "it has data or is a repetition");
            return;
        }
        structured = true;
        replies.acknowledge(OPT_STRUCTURED_REPLY);
    }

    private void metaContext(int option, ByteBuffer data) throws IOException {
        boolean select = option == OPT_SET_META_CONTEXT;
        if (select) {
            contextOf = null; // each selection replaces the one before, also when it fails
        }
        String name = ProtocolText.take(data, takeInt(data));
        int queries = takeInt(data);
        boolean matches = queries == 0 && !select;
        for (int i = 0; i < queries; i++) {
            String query = ProtocolText.take(data, takeInt(data));
            matches |= query.equals(BASE_ALLOCATION) || (query.equals("base:") && !select);
        }
        if (queries < 0 || data.hasRemaining()) {
            throw new CharacterCodingException();
        }
        if (!structured) {
            replies.error(option, REP_ERR_INVALID, "structured replies must be agreed on first");
        } else if (openOrRefuse(option, name) != null) {
            if (matches) {
                contextOf = select ? name : contextOf;
                byte[] context = BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
                replies.send(option, REP_META_CONTEXT, select ? ALLOCATION_CONTEXT : 0, context);
            }
            replies.acknowledge(option);
        }
    }

    private static int takeInt(ByteBuffer data) throws CharacterCodingException {
        if (data.remaining() < 4) {
            throw new CharacterCodingException();
        }
        return data.getInt();
    }

    private int flags() {
        return NbdProtocol.FLAG_HAS_FLAGS
                | NbdProtocol.FLAG_READ_ONLY
                | NbdProtocol.FLAG_SEND_FLUSH
                | NbdProtocol.FLAG_CAN_MULTI_CONN
                | (structured ? NbdProtocol.FLAG_SEND_DF : 0);
    }

    private ServedExport served(String name, BlockSource source) {
        return new ServedExport(name, source, structured, name.equals(contextOf));
    }

    private @Nullable BlockSource openOrRefuse(int option, String name) throws IOException {
        String message;
        int type;
        try {
            return open(name);
        } catch (NbdRefusal refusal) {
            type = NbdErrno.reply(refusal.reason());
            message = String.valueOf(refusal.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.warn("an export could not be opened", e);
            type = REP_ERR_INVALID;
            message = "the export cannot be opened now";
        }
        replies.error(option, type, message);
        return null;
    }

    private BlockSource open(String name) throws IOException {
        BlockSource current = open;
        if (current != null && name.equals(openName)) {
            return current;
        }
        closeOpen();
        BlockSource opened = catalog.open(name);
        open = opened;
        openName = name;
        return opened;
    }

    private void closeOpen() {
        BlockSource current = open;
        if (current != null) {
            open = null;
            Closeables.close(current);
        }
    }
}
