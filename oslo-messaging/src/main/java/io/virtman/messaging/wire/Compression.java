package io.virtman.messaging.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/**
 * How a body is compressed: the option {@code kombu_compression} and the message header {@code
 * compression}. Source: {@code kombu/compression.py}. Others that kombu may know when the Python
 * package is installed (brotli, lzma, zstd) are refused.
 */
public enum Compression {
    /** Kombu's gzip is in truth the zlib format (RFC 1950); real gzip (RFC 1952) is read too. */
    GZIP("application/x-gzip", "gzip zlib"),
    /** The spelling {@code bz2} is the one in oslo.messaging's documentation. */
    BZIP2("application/x-bz2", "bzip2 bzip bz2");

    private static final int GZIP_MAGIC = 0x1f;

    /** Of bzip2, in units of 100 000 bytes. */
    private static final int LARGEST_BLOCK = 9;

    private final String header;
    private final String aliases;

    Compression(String header, String aliases) {
        this.header = header;
        this.aliases = aliases;
    }

    /**
     * The compression of that name.
     *
     * @param name a header or a value of {@code kombu_compression}
     * @throws IllegalArgumentException when there is none
     */
    public static Compression named(String name) {
        return Arrays.stream(values())
                .filter(each ->
                        each.header.equals(name) || List.of(each.aliases.split(" ")).contains(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "compression "
                                        + Fields.forLog(name)
                                        + " is not supported, only gzip and bz2 are"));
    }

    /** What kombu puts into the header {@code compression}. */
    public String header() {
        return header;
    }

    byte[] compress(byte[] plain) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 3 + 64);
        try (OutputStream stream =
                switch (this) {
                    case GZIP -> new DeflaterOutputStream(packed);
                    case BZIP2 -> new BZip2CompressorOutputStream(packed, block(plain.length));
                }) {
            stream.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static int block(int length) {
        return Math.clamp(length / 100_000 + 1, 1, LARGEST_BLOCK);
    }

    /** Reading it may throw any exception when the bytes are bad. */
    InputStream open(byte[] packed) throws IOException {
        InputStream stream = new ByteArrayInputStream(packed);
        return switch (this) {
            case GZIP ->
                    packed.length > 0 && packed[0] == GZIP_MAGIC
                            ? new GZIPInputStream(stream)
                            : new InflaterInputStream(stream);
            case BZIP2 -> new BZip2CompressorInputStream(stream);
        };
    }

    /** All of it, unless that is more than so many bytes. */
    byte[] decompress(byte[] packed, int maximumBytes) throws FormatException {
        byte[] plain;
        try (InputStream stream = open(packed)) {
            plain = stream.readNBytes(maximumBytes);
            if (stream.read() < 0) {
                return plain;
            }
        } catch (IOException | RuntimeException e) {
            throw new FormatException("body is not " + header);
        }
        throw new FormatException("longer than " + maximumBytes + " bytes when decompressed");
    }
}
