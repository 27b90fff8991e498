package io.virtman.stack.userspace;

/** How QEMU runs a guest's processor. */
public enum Accelerator {
    /** The host's hardware. */
    KVM("kvm", "host"),
    /**
     * Emulation. Of the models tried, this one boots Debian's kernel in the least time: {@code max}
     * costs 15 % more (five-level page tables, AVX), and without RDRAND the guest waits for
     * randomness.
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
