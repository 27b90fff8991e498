package io.virtman.app.quickstart;

import io.virtman.command.Busybox;
import io.virtman.command.CommandRunner;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * What QEMU loads itself: Debian's kernel for clouds and a small initial RAM disk with the modules
 * of the disk, whose only work is to start the system on that disk.
 *
 * @param image the kernel
 * @param initialRamDisk cpio, gzip
 */
public record GuestKernel(Path image, Path initialRamDisk) {
    /** Memory of a guest: some margin over 128, which boots as well and reads the same bytes. */
    public static final int GUEST_MEMORY_MEBIBYTES = 160;

    private static final String IMAGE = "vmlinuz";
    private static final String INITIAL_RAM_DISK = "initrd.gz";
    private static final List<String> MODULES = List.of("virtio_pci", "virtio_blk", "ext4");

    /**
     * The kernel's command line: little to say, and nothing that costs time in an emulated
     * processor (self-tests, calibration, mitigations, address randomisation). {@code %n} stands
     * for the guest's name.
     */
    public static final String COMMAND_LINE =
            "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check mitigations=off"
                    + " random.trust_cpu=on nokaslr cryptomgr.notests apparmor=0 virtman.name=%n";

    /**
     * The kernel's command line for one guest.
     *
     * @param name the guest's, printed in its marker line
     */
    public static String commandLine(String name) {
        return COMMAND_LINE.replace("%n", Names.require("name", name));
    }

    /** The kernel that {@link #build} left in a directory. */
    static GuestKernel in(Path directory) {
        return new GuestKernel(directory.resolve(IMAGE), directory.resolve(INITIAL_RAM_DISK));
    }

    /**
     * Takes the kernel out of an unpacked system.
     *
     * @param tree root of {@link GuestPackages#unpack}
     * @param directory receives the files
     */
    static GuestKernel build(CommandRunner runner, Path tree, Path directory) throws IOException {
        GuestKernel kernel = in(directory);
        Files.copy(only(tree.resolve("boot"), "vmlinuz-*"), kernel.image());
        Path busybox = busybox(tree);
        GuestKernelModules modules =
                new GuestKernelModules(
                        only(modulesDirectory(tree), "*"), new Busybox(runner, busybox));
        try (CpioArchive archive =
                new CpioArchive(
                        new GZIPOutputStream(Files.newOutputStream(kernel.initialRamDisk())))) {
            write(archive, Files.readAllBytes(busybox), modules.load(MODULES));
        }
        return kernel;
    }

    private static void write(CpioArchive archive, byte[] busybox, Map<String, byte[]> modules)
            throws IOException {
        for (String directory : List.of("bin", "dev", "modules", "root")) {
            archive.directory(directory);
        }
        // the kernel opens it for init before anything can mount /dev
        archive.characterDevice("dev/console", 5, 1);
        archive.file("bin/busybox", true, busybox);
        archive.file("init", true, GuestScripts.read("initramfs-init.sh"));
        StringBuilder order = new StringBuilder();
        for (Map.Entry<String, byte[]> module : modules.entrySet()) {
            archive.file("modules/" + module.getKey() + ".ko", false, module.getValue());
            order.append(module.getKey()).append(".ko\n");
        }
        archive.file("modules/order", false, order.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Path busybox(Path tree) {
        Path merged = tree.resolve("usr/bin/busybox");
        return Files.exists(merged) ? merged : tree.resolve("bin/busybox");
    }

    private static Path modulesDirectory(Path tree) {
        Path merged = tree.resolve("usr/lib/modules");
        return Files.exists(merged) ? merged : tree.resolve("lib/modules");
    }

    private static Path only(Path directory, String pattern) throws IOException {
        try (var found = Files.newDirectoryStream(directory, pattern)) {
            var iterator = found.iterator();
            if (iterator.hasNext()) {
                Path first = iterator.next();
                if (!iterator.hasNext()) {
                    return first;
                }
            }
        }
        throw new ProblemException(
                Kind.FAILED,
                "guest kernel",
                "the kernel package has not exactly one " + directory.getFileName() + "/" + pattern,
                "report this with the version of this Debian release");
    }
}
