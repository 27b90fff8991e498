package io.virtman.cinder.volume;

import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.problem.ProblemException;
import java.util.Map;

/**
 * A failure as Cinder tells it: a class of {@code cinder.exception}, and the reason of the message
 * that the user can read. Expected, so it is logged without a stack trace.
 */
public final class VolumeFault extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int BAD_REQUEST = 400;
    private static final int SERVER_ERROR = 500;

    private final String type;
    private final int code;
    private final transient Map<String, String> arguments;
    private final Detail detail;

    private VolumeFault(
            String type, int code, String text, Map<String, String> arguments, Detail detail) {
        super(text);
        this.type = type;
        this.code = code;
        this.arguments = arguments;
        this.detail = detail;
    }

    /** The request can't be carried out as it is: {@code InvalidInput}. */
    public static VolumeFault input(String reason) {
        return new VolumeFault(
                "InvalidInput",
                BAD_REQUEST,
                "Invalid input received: " + reason,
                Map.of("reason", reason),
                Detail.UNKNOWN_ERROR);
    }

    /** The volume is not in a state for this: {@code InvalidVolume}. */
    public static VolumeFault volume(String reason) {
        return new VolumeFault(
                "InvalidVolume",
                BAD_REQUEST,
                "Invalid volume: " + reason,
                Map.of("reason", reason),
                Detail.VOLUME_INVALID_STATE);
    }

    /** There is no such volume: {@code VolumeNotFound}. */
    public static VolumeFault noVolume(String id) {
        return new VolumeFault(
                "VolumeNotFound",
                404,
                "Volume " + id + " could not be found.",
                Map.of("volume_id", id),
                Detail.UNKNOWN_ERROR);
    }

    /** The image can't be used: {@code ImageUnacceptable}. */
    public static VolumeFault image(String id, String reason, Detail detail) {
        return new VolumeFault(
                "ImageUnacceptable",
                SERVER_ERROR,
                "Image " + id + " is unacceptable: " + reason,
                Map.of("image_id", id, "reason", reason),
                detail);
    }

    /** The host or the engine can't do it now: {@code VolumeBackendAPIException}. */
    public static VolumeFault backend(String reason, Detail detail) {
        return new VolumeFault(
                "VolumeBackendAPIException",
                SERVER_ERROR,
                "Bad or unexpected response from the storage volume backend API: " + reason,
                Map.of("data", reason),
                detail);
    }

    /** What the engine or another service said, as Cinder would tell it. */
    public static VolumeFault of(ProblemException problem, Detail detail) {
        VolumeFault fault = backend(problem.getMessage(), detail);
        fault.initCause(problem);
        return fault;
    }

    /** The class in {@code cinder.exception}. */
    public String type() {
        return type;
    }

    /** Its HTTP status. */
    public int code() {
        return code;
    }

    /** Its named arguments. */
    public Map<String, String> arguments() {
        return arguments;
    }

    /** What a message to the user says of it. */
    public Detail detail() {
        return detail;
    }

    /** Its text, as Cinder writes it. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
