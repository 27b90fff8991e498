package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.wire.RpcRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes an {@link Order} of a cast. Source of the arguments: {@code cinder/volume/rpcapi.py}. */
final class OrderReader {
    private static final String VOLUME = "volume";
    private static final String SNAPSHOT = "snapshot";

    private OrderReader() {}

    /**
     * Reads a request.
     *
     * @throws MalformedRequestException when its arguments can't be meant
     */
    static Order read(RpcRequest request) {
        Arguments arguments = new Arguments(request);
        return switch (request.method()) {
            case "create_volume" -> create(request, arguments);
            case "delete_volume" ->
                    order(
                            request,
                            arguments.id(VOLUME, "volume_id"),
                            null,
                            null,
                            null,
                            arguments.flag("cascade"),
                            arguments.flag("unmanage_only"),
                            0,
                            List.of(),
                            List.of());
            case "create_snapshot", "delete_snapshot", "manage_existing_snapshot" ->
                    order(
                            request,
                            null,
                            arguments.id(SNAPSHOT, "snapshot_id"),
                            null,
                            null,
                            false,
                            arguments.flag("unmanage_only"),
                            0,
                            List.of(),
                            List.of());
            case "extend_volume" ->
                    order(
                            request,
                            arguments.id(VOLUME, "volume_id"),
                            null,
                            null,
                            null,
                            false,
                            false,
                            arguments.number("new_size"),
                            arguments.ids("reservations"),
                            List.of());
            case "retype" ->
                    order(
                            request,
                            arguments.id(VOLUME, "volume_id"),
                            null,
                            null,
                            null,
                            false,
                            false,
                            0,
                            arguments.ids("reservations"),
                            arguments.ids("old_reservations"));
            case "revert_to_snapshot" ->
                    order(
                            request,
                            arguments.id(VOLUME, "volume_id"),
                            arguments.id(SNAPSHOT, "snapshot_id"),
                            null,
                            null);
            case "get_backup_device" -> backup(request, arguments.object("backup"));
            case "copy_volume_to_image" ->
                    order(
                            request,
                            arguments.id(VOLUME, "volume_id"),
                            null,
                            Arguments.idIn(arguments.object("image_meta"), "id"),
                            null);
            default -> order(request, arguments.idOrNull(VOLUME, "volume_id"), null, null, null);
        };
    }

    private static Order backup(RpcRequest request, ObjectNode backup) {
        return order(
                request,
                Arguments.idIn(backup, "volume_id"),
                Arguments.idIn(backup, "snapshot_id"),
                null,
                null);
    }

    private static Order create(RpcRequest request, Arguments arguments) {
        ObjectNode specification = arguments.object("request_spec");
        return order(
                request,
                arguments.id(VOLUME, "volume_id"),
                null,
                Arguments.idIn(specification, "image_id"),
                Arguments.idIn(specification, "backup_id"));
    }

    /** One without options. */
    private static Order order(
            RpcRequest request,
            @Nullable String volume,
            @Nullable String snapshot,
            @Nullable String image,
            @Nullable String backup) {
        return order(
                request, volume, snapshot, image, backup, false, false, 0, List.of(), List.of());
    }

    @SuppressWarnings("TooManyParameters") // those of the record
    private static Order order(
            RpcRequest request,
            @Nullable String volume,
            @Nullable String snapshot,
            @Nullable String image,
            @Nullable String backup,
            boolean cascade,
            boolean unmanageOnly,
            int newSize,
            List<String> reservations,
            List<String> oldReservations) {
        return new Order(
                request.method(),
                volume,
                snapshot,
                image,
                backup,
                cascade,
                unmanageOnly,
                newSize,
                reservations.isEmpty() ? null : reservations,
                oldReservations.isEmpty() ? null : oldReservations,
                Arguments.name(request.context().projectId()),
                Arguments.name(request.context().requestId()));
    }
}
