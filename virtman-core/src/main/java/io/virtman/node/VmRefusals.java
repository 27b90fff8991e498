package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is refused of a VM by what is recorded of it, and why, for people. */
final class VmRefusals {
    private VmRefusals() {}

    /** Before it is described or sealed the catalogue does not know an image's size. */
    static ImageRecord sized(ImageRecord image) {
        return switch (image.state()) {
            case SEALED -> image;
            case IMPORTING -> {
                if (image.joinable()) {
                    yield image;
                }
                throw new ProblemException(
                        Kind.UNAVAILABLE,
                        "image",
                        image.name() + " is still being imported",
                        "try again when it is sealed");
            }
            case FAILED ->
                    throw new ProblemException(
                            Kind.CONFLICT,
                            "image",
                            image.name() + " failed to import: " + image.failure(),
                            "remove it and add it again");
        };
    }

    static VmRecord requireSame(VmRecord present, @Nullable String image, @Nullable Long size) {
        boolean sameImage =
                Objects.equals(present.image(), image)
                        || (image != null && image.equals(present.imageName()));
        if (sameImage && (size == null || size == present.size())) {
            return present;
        }
        throw new ProblemException(
                Kind.CONFLICT,
                "vm",
                present.name()
                        + " exists with "
                        + (present.image() == null
                                ? "an empty disk"
                                : "image " + present.imageName())
                        + " and "
                        + present.size()
                        + " bytes",
                "destroy it first or choose another name");
    }

    /** An empty disk in place of one that may still be there would pass for it. */
    static void requireNotDestroying(VmRecord vm) {
        if (vm.state() == VmRecord.State.DESTROYING) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "vm",
                    vm.name() + " is being destroyed; its destruction failed",
                    "destroy it again, which goes on, then create it");
        }
    }
}
