package io.virtman.nbd;

import static io.virtman.nbd.NbdProtocol.REP_ERR_INVALID;
import static io.virtman.nbd.NbdProtocol.REP_ERR_PLATFORM;
import static io.virtman.nbd.NbdProtocol.REP_ERR_POLICY;
import static io.virtman.nbd.NbdProtocol.REP_ERR_SHUTDOWN;
import static io.virtman.nbd.NbdProtocol.REP_ERR_TLS_REQD;
import static io.virtman.nbd.NbdProtocol.REP_ERR_UNKNOWN;
import static io.virtman.nbd.NbdProtocol.REP_ERR_UNSUP;

import io.virtman.nbd.NbdRefusal.Reason;

/**
 * The one mapping between failures and the numbers of the protocol (sections "Error values" and
 * "Option reply types").
 */
final class NbdErrno {
    static final int EPERM = 1;
    static final int EIO = 5;
    static final int ENOMEM = 12;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int EOVERFLOW = 75;
    static final int ENOTSUP = 95;
    static final int ESHUTDOWN = 108;

    private NbdErrno() {}

    /** What a client is told when its request failed with {@code failure}. */
    static int of(Throwable failure) {
        return switch (failure) {
            case NbdRefusal refusal when refusal.reason() == Reason.SHUTDOWN -> ESHUTDOWN;
            case OutOfMemoryError _ -> ENOMEM;
            default -> EIO;
        };
    }

    /** For messages; unknown numbers keep their digits. */
    static String name(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM";
            case EIO -> "EIO";
            case ENOMEM -> "ENOMEM";
            case EINVAL -> "EINVAL";
            case ENOSPC -> "ENOSPC";
            case EOVERFLOW -> "EOVERFLOW";
            case ENOTSUP -> "ENOTSUP";
            case ESHUTDOWN -> "ESHUTDOWN";
            default -> "error " + Integer.toUnsignedString(errno);
        };
    }

    /**
     * The option reply for a refused export. UNSUPPORTED is not ERR_UNSUP: that would say that the
     * option itself is unknown, and clients would fall back to EXPORT_NAME.
     */
    static int reply(Reason reason) {
        return switch (reason) {
            case UNKNOWN -> REP_ERR_UNKNOWN;
            case POLICY -> REP_ERR_POLICY;
            case UNSUPPORTED -> REP_ERR_PLATFORM;
            case SHUTDOWN -> REP_ERR_SHUTDOWN;
            case TLS_REQUIRED -> REP_ERR_TLS_REQD;
            case OTHER -> REP_ERR_INVALID;
        };
    }

    /** The reverse of {@link #reply}, for clients. */
    static Reason reason(int reply) {
        return switch (reply) {
            case REP_ERR_UNKNOWN -> Reason.UNKNOWN;
            case REP_ERR_POLICY -> Reason.POLICY;
            case REP_ERR_PLATFORM, REP_ERR_UNSUP -> Reason.UNSUPPORTED;
            case REP_ERR_SHUTDOWN -> Reason.SHUTDOWN;
            case REP_ERR_TLS_REQD -> Reason.TLS_REQUIRED;
            default -> Reason.OTHER;
        };
    }
}
