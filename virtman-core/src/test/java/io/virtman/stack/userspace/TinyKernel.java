package io.virtman.stack.userspace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A "Linux kernel" for QEMU that prints a text on the first serial port and halts. */
final class TinyKernel {
    private static final int SETUP = 0x200;
    private static final int CODE = 0x280;
    private static final int SIZE = 8192;

    private TinyKernel() {}

    /**
     * An image with the header of Linux's boot protocol and sixteen-bit code in its set-up part.
     */
    static byte[] printing(String text) {
        byte[] image = new byte[SIZE];
        image[0x1f1] = 4; // sectors of the set-up part after the first
        image[0x1fe] = 0x55;
        image[0x1ff] = (byte) 0xaa;
        image[SETUP] = (byte) 0xeb; // jmp CODE
        image[SETUP + 1] = CODE - SETUP - 2;
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, image, 0x202, 4);
        image[0x206] = 0x09; // protocol 2.09
        image[0x207] = 0x02;
        image[0x211] = 1; // loaded high
        Arrays.fill(image, 0x22c, 0x230, (byte) 0x7f); // initrd may be anywhere
        byte[] code = code(text);
        System.arraycopy(code, 0, image, CODE, code.length);
        return image;
    }

    private static byte[] code(String text) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.writeBytes(new byte[] {(byte) 0xba, (byte) 0xf8, 0x03}); // mov dx, 0x3f8
        for (byte letter : text.getBytes(StandardCharsets.ISO_8859_1)) {
            code.writeBytes(new byte[] {(byte) 0xb0, letter, (byte) 0xee}); // mov al; out dx, al
        }
        code.writeBytes(new byte[] {(byte) 0xfa, (byte) 0xf4, (byte) 0xeb, (byte) 0xfc}); // halt
        return code.toByteArray();
    }
}
