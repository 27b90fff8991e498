package io.virtman.stack.userspace;

/** How QEMU runs a guest's processor. */
public enum Accelerator {
    /** The host's hardware. */
    KVM("kvm", "host"),
    /**
     * Emulation. Measured with Debian's 6.1 kernel under QEMU 7.2, four boots each: 7.4 to 7.7 s of
     * processor time, 9.1 to 9.7 s without RDRAND, 8.2 to 10.9 s with the model {@code max}.
     */
    TCG("tcg", "Nehalem,+rdrand");

    private final String argument;
    private final String processor;

    Accelerator(String argument, String processor) {
        this.argument = argument;
        this.processor = processor;
    }

    /** Value of QEMU's {@code -accel}. */
    public String argument() {
        return argument;
    }

    /** Value of QEMU's {@code -cpu}. */
    public String processor() {
        return processor;
    }
}
