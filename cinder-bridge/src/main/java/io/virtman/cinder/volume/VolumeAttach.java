package io.virtman.cinder.volume;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.cinder.cloud.ComputeService;
import io.virtman.cinder.database.Attachment;
import io.virtman.cinder.database.Attachments;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.UserMessage;
import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.Volumes;
import io.virtman.cinder.volume.Notices.Event;
import io.virtman.problem.ProblemException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code attachment_update} and {@code attachment_delete}, and the old {@code
 * initialize_connection} and {@code terminate_connection}: a volume's file comes and goes on a
 * host.
 */
public final class VolumeAttach {
    private static final Logger LOGGER = System.getLogger(VolumeAttach.class.getName());

    private final Ledger ledger;
    private final Exports exports;
    private final ComputeService compute;
    private final Locks locks;
    private final VolumeSettings settings;

    public VolumeAttach(
            Ledger ledger,
            Exports exports,
            ComputeService compute,
            Locks locks,
            VolumeSettings settings) {
        this.ledger = ledger;
        this.exports = exports;
        this.compute = compute;
        this.locks = locks;
        this.settings = settings;
    }

    /**
     * Brings a volume to a host for an attachment.
     *
     * @throws VolumeFault when that can't be; the attachment is then still reserved
     */
    public Connection update(
            Caller caller, String volumeId, String attachmentId, Connector connector) {
        Volume volume = volume(volumeId);
        Attachment attachment = attachment(attachmentId, volumeId);
        ledger.notices().volume(caller, volumeId, Event.ATTACH_START);
        try {
            exports.requireHost(connector.host());
            verify(volume, List.of(attachment), connector.host());
            String mode = requireMode(attachment.mode(connector.mode()));
            try (Locks.Held _ = locks.hold(volumeId)) {
                String path = exports.make(volumeId, connector.host());
                begin(attachment, connector, mode);
                return new Connection(
                        path, mode, attachmentId, exports.frontEndSpecs(volume.volumeTypeId()));
            }
        } catch (VolumeFault e) {
            tell(caller, volume, e);
            throw e;
        }
    }

    private void begin(Attachment attachment, Connector connector, String mode) {
        // When this throws, nobody knows whether we still lead, or whether a guest has the file by
        // now: the leader's Reconciler takes it away if nobody has.
        Outcome outcome =
                ledger.change(tx ->
                        Attachments.begin(
                                tx,
                                attachment.id(),
                                connector.json(),
                                connector.host(),
                                Objects.requireNonNullElse(connector.mountpoint(), "na"),
                                mode));
        if (outcome != Outcome.DONE) {
            exports.endUnlessNeeded(attachment.volumeId(), connector.host(), null);
            throw VolumeFault.volume(
                    attachment.volumeId() + " or its attachment is not there any more");
        }
    }

    /** The same on behalf of nobody. */
    public void delete(String attachmentId, String volumeId) {
        delete(Caller.NOBODY, attachmentId, volumeId);
    }

    /** Takes a volume from its host. What is gone already is no failure. */
    public void delete(Caller caller, String attachmentId, String volumeId) {
        Optional<Attachment> found = ledger.read(tx -> Attachments.find(tx, attachmentId));
        if (found.isPresent() && found.get().volumeId().equals(volumeId)) {
            ledger.notices().volume(caller, volumeId, Event.DETACH_START);
        }
        String host = found.map(VolumeAttach::host).orElse("");
        if (host.isEmpty()) {
            return;
        }
        if (!found.get().volumeId().equals(volumeId)) {
            throw VolumeFault.input("attachment " + attachmentId + " is of another volume");
        }
        try (Locks.Held _ = locks.hold(volumeId)) {
            exports.endUnlessNeeded(volumeId, host, attachmentId);
        }
    }

    private static String host(Attachment attachment) {
        String host = attachment.attachedHost();
        return attachment.connector() == null || host == null ? "" : host;
    }

    /** The same without an attachment; Nova asks for it no more, but others do. */
    public Connection initialize(String volumeId, Connector connector) {
        Volume volume = volume(volumeId);
        String mode = requireMode(Objects.requireNonNullElse(connector.mode(), "rw"));
        exports.requireHost(connector.host());
        verify(volume, ledger.read(tx -> Attachments.ofVolume(tx, volumeId)), connector.host());
        try (Locks.Held _ = locks.hold(volumeId)) {
            String path = exports.make(volumeId, connector.host());
            return new Connection(path, mode, null, exports.frontEndSpecs(volume.volumeTypeId()));
        }
    }

    /**
     * Ends what {@link #initialize} began.
     *
     * @param host null for every host
     */
    public void terminate(String volumeId, @Nullable String host) {
        try (Locks.Held _ = locks.hold(volumeId)) {
            exports.endUnlessNeeded(volumeId, host, null);
        }
    }

    /**
     * Cinder's policy lets any member of a project send any {@code connector.host}; so Nova is
     * asked, where one of the instances that the volume is being attached to must be on that host,
     * and be of the volume's project: the API takes any instance's id as well.
     */
    private void verify(Volume volume, List<Attachment> attachments, String host) {
        if (!settings.verifyInstanceHost()) {
            return;
        }
        for (Attachment attachment : attachments) {
            String instance = attachment.instanceUuid();
            if (instance != null && isOn(host, volume, instance)) {
                return;
            }
        }
        throw VolumeFault.input(
                "no instance of this volume is on host "
                        + host
                        + " and in the volume's project, as far as Nova knows"
                        + " (verify_instance_host)");
    }

    private boolean isOn(String host, Volume volume, String instance) {
        try {
            return compute.placeOf(instance)
                    .filter(place -> place.host().equals(host))
                    .filter(place -> place.projectId().equals(volume.projectId()))
                    .isPresent();
        } catch (ProblemException e) {
            throw VolumeFault.of(e, Detail.ATTACH_ERROR);
        }
    }

    private static String requireMode(String mode) {
        if (!mode.equals("rw") && !mode.equals("ro")) {
            throw VolumeFault.input("mode is neither rw nor ro");
        }
        return mode;
    }

    private Volume volume(String volumeId) {
        Volume volume =
                ledger.read(tx -> Volumes.find(tx, volumeId))
                        .orElseThrow(() -> VolumeFault.noVolume(volumeId));
        if (!volume.isOn(ledger.backend())) {
            throw VolumeFault.volume(volumeId + " is on backend " + volume.host());
        }
        return volume;
    }

    private Attachment attachment(String attachmentId, String volumeId) {
        return ledger.read(tx -> Attachments.find(tx, attachmentId))
                .filter(each -> each.volumeId().equals(volumeId))
                .orElseThrow(() ->
                        VolumeFault.input(
                                "volume " + volumeId + " has no attachment " + attachmentId));
    }

    private void tell(Caller caller, Volume volume, VolumeFault fault) {
        LOGGER.log(
                Level.WARNING,
                "volume {0} {1} can''t be attached: {2}",
                volume.id(),
                caller,
                fault.getMessage());
        String project = volume.projectId();
        if (project == null) {
            return;
        }
        try {
            boolean _ =
                    ledger.change(tx -> {
                        new UserMessage(
                                        project,
                                        caller.requestId(),
                                        false,
                                        volume.id(),
                                        Action.UPDATE_ATTACHMENT,
                                        Detail.ATTACH_ERROR)
                                .write(tx);
                        return true;
                    });
        } catch (DatabaseException | LeaseLostException e) {
            fault.addSuppressed(e); // the caller is told all the same
        }
    }
}
