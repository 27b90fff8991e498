package io.virtman.image;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file descriptor of our own, for what the JDK does not offer: where the data of a sparse file is
 * (lseek(2) with SEEK_DATA and SEEK_HOLE), and a name for the open file that survives renames and
 * replacement ({@link #link}). Linux only. Safe for use by many threads at once.
 */
final class NativeFile implements Closeable {
    private static final int O_RDONLY = 0;
    private static final int O_NONBLOCK = 0x800; // a FIFO must not make us wait for a writer
    private static final int O_CLOEXEC = 0x80000;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ENXIO = 6;

    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle OPEN =
            call(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle LSEEK =
            call(
                    "lseek",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT),
                    Linker.Option.captureCallState("errno"));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final Path path;
    private final int descriptor;
    // a closed descriptor's number may be another file's at once: no call may overlap close()
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
    private boolean closed;

    private NativeFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** Opens for reading, without waiting even for a FIFO. */
    static NativeFile open(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            Charset fileNames = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
            MemorySegment name = arena.allocateFrom(path.toString(), fileNames);
            int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
            int descriptor = (int) OPEN.invokeExact(state, name, flags);
            if (descriptor < 0) {
                throw new IOException(path + " cannot be opened: errno " + errno(state));
            }
            return new NativeFile(path, descriptor);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(path + " cannot be opened", e);
        }
    }

    /** A path that leads to this very file, whatever happens to its name. */
    Path link() {
        return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    /** Where the first data at or after {@code offset} is; {@code end} when there is none. */
    long nextData(long offset, long end) throws IOException {
        return seek(offset, SEEK_DATA, end, offset);
    }

    /** Where the first hole at or after {@code offset} is; the end of the file counts as one. */
    long nextHole(long offset, long end) throws IOException {
        return seek(offset, SEEK_HOLE, end, end);
    }

    private long seek(long offset, int whence, long none, long unsupported) throws IOException {
        lifetime.readLock().lock();
        try (Arena arena = Arena.ofConfined()) {
            if (closed) {
                throw new IOException(path + " is closed");
            }
            MemorySegment state = arena.allocate(CALL_STATE);
            long found = (long) LSEEK.invokeExact(state, descriptor, offset, whence);
            if (found >= 0) {
                return found;
            }
            // ENXIO: nothing of the kind up to the end. Anything else: this file system does not
            // know, so everything is data
            return errno(state) == ENXIO ? none : unsupported;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(path + " cannot be examined", e);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                int _ = (int) CLOSE.invokeExact(descriptor);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(path + " cannot be closed", e);
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle call(
            String name, FunctionDescriptor types, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), types, options);
    }
}
