package io.virtman.nbd;

/**
 * Numbers of the NBD protocol, named as in the section "Values" of the NBD project's {@code
 * doc/proto.md}. All fields on the wire are big-endian.
 */
final class NbdProtocol {
    static final long MAGIC = 0x4e42444d41474943L; // NBDMAGIC
    static final long OPTION_MAGIC = 0x49484156454F5054L; // IHAVEOPT
    static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    // handshake and client flags have the same bits
    static final int FLAG_FIXED_NEWSTYLE = 1;
    static final int FLAG_NO_ZEROES = 1 << 1;

    static final int FLAG_HAS_FLAGS = 1;
    static final int FLAG_READ_ONLY = 1 << 1;
    static final int FLAG_SEND_FLUSH = 1 << 2;
    static final int FLAG_SEND_DF = 1 << 7;
    static final int FLAG_CAN_MULTI_CONN = 1 << 8;

    static final int OPT_EXPORT_NAME = 1;
    static final int OPT_ABORT = 2;
    static final int OPT_LIST = 3;
    static final int OPT_STARTTLS = 5;
    static final int OPT_INFO = 6;
    static final int OPT_GO = 7;
    static final int OPT_STRUCTURED_REPLY = 8;
    static final int OPT_LIST_META_CONTEXT = 9;
    static final int OPT_SET_META_CONTEXT = 10;

    static final int REP_ACK = 1;
    static final int REP_SERVER = 2;
    static final int REP_INFO = 3;
    static final int REP_META_CONTEXT = 4;
    static final int REP_ERR = 1 << 31;
    static final int REP_ERR_UNSUP = REP_ERR | 1;
    static final int REP_ERR_POLICY = REP_ERR | 2;
    static final int REP_ERR_INVALID = REP_ERR | 3;
    static final int REP_ERR_PLATFORM = REP_ERR | 4;
    static final int REP_ERR_TLS_REQD = REP_ERR | 5;
    static final int REP_ERR_UNKNOWN = REP_ERR | 6;
    static final int REP_ERR_SHUTDOWN = REP_ERR | 7;

    static final int INFO_EXPORT = 0;
    static final int INFO_NAME = 1;
    static final int INFO_BLOCK_SIZE = 3;

    static final int CMD_READ = 0;
    static final int CMD_WRITE = 1;
    static final int CMD_DISC = 2;
    static final int CMD_FLUSH = 3;
    static final int CMD_TRIM = 4;
    static final int CMD_WRITE_ZEROES = 6;
    static final int CMD_BLOCK_STATUS = 7;

    static final int CMD_FLAG_DF = 1 << 2;
    static final int CMD_FLAG_REQ_ONE = 1 << 3;

    static final int REPLY_FLAG_DONE = 1;
    static final int REPLY_NONE = 0;
    static final int REPLY_OFFSET_DATA = 1;
    static final int REPLY_OFFSET_HOLE = 2;
    static final int REPLY_BLOCK_STATUS = 5;
    static final int REPLY_ERROR = 1 << 15 | 1;
    static final int REPLY_ERROR_BIT = 1 << 15;

    static final String BASE_ALLOCATION = "base:allocation";
    static final int STATE_HOLE = 1;
    static final int STATE_ZERO = 1 << 1;

    static final int PORT = 10809;

    /** Bytes of a request without its payload. */
    static final int REQUEST_BYTES = 28;

    /** Bytes of a simple reply without its payload. */
    static final int SIMPLE_REPLY_BYTES = 16;

    /** Bytes of a structured chunk without its payload. */
    static final int CHUNK_BYTES = 20;

    /** Zeroes after the answer to EXPORT_NAME unless NO_ZEROES was agreed. */
    static final int EXPORT_NAME_ZEROES = 124;

    /** Longest string of the protocol, in bytes of UTF-8. */
    static final int MAXIMUM_STRING = 4096;

    /** Longest option or option reply either side accepts here; the protocol sets no limit. */
    static final int MAXIMUM_OPTION = 64 * 1024;

    /** Longest payload every server is expected to accept when it announces no maximum. */
    static final int DEFAULT_MAXIMUM_PAYLOAD = 32 << 20;

    private NbdProtocol() {}
}
