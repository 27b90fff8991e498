package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ParentList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node does for people and for Volt, in process or over REST. Every call may be repeated.
 * All errors are {@link ProblemException}: INVALID, NOT_FOUND, CONFLICT as said below, UNAVAILABLE
 * when Volt, a parent or the node is away, FAILED when the host refused (disk full, QEMU failed).
 * Safe for many threads.
 */
public interface NodeApi {
    /** The node in numbers. */
    NodeReport report();

    /**
     * Imports an image file of this host; this node becomes its origin. Returns when the catalogue
     * has it as IMPORTING; the catalogue tells how it ends.
     *
     * @param name of the image
     * @param path absolute path on this host
     * @param format declared, {@code raw} or {@code qcow2}; never guessed
     */
    ImageRecord importImage(String name, String path, String format);

    /**
     * Imports an image from an HTTP server; this node becomes its origin. Returns when the image's
     * size is known: the catalogue has it as IMPORTING, and it can be attached everywhere while it
     * is fetched, unless it is smaller than two blocks. What is read meanwhile is fetched first.
     * Sealing comes when all of it is here and matches its hash. Repeating it with equal arguments
     * answers the same image and takes the headers given last.
     *
     * @throws ProblemException CONFLICT when an image of this name comes from elsewhere
     */
    ImageRecord importRemote(RemoteImage image);

    /**
     * Replaces the headers of an import from a server: before the credential in them expires, or
     * after, when the import and all who read the image wait for it.
     *
     * @param image id
     * @throws ProblemException NOT_FOUND when it is not being imported from a server here
     */
    void renewCredential(String image, Map<String, String> headers);

    /** How far an import is. */
    ImportProgress importProgress(String image);

    /**
     * Removes an image whose origin this node is from the catalogue, and deletes its source.
     *
     * @param image id
     */
    void removeSource(String image);

    /**
     * Makes a VM's private disk. Repeating it with equal arguments answers the same VM.
     *
     * @param image id or name; null for an empty disk
     * @param size bytes of the disk, at least the image's; null for the image's
     * @throws ProblemException CONFLICT when a VM of this name has another image or size, or its
     *     destruction failed midway
     */
    VmView create(String vm, @Nullable String image, @Nullable Long size);

    /**
     * Offers a VM's disk as a raw file on the node's host, for a guest that somebody else starts.
     * The file is there when this returns, and is made again by the node after every crash or
     * reboot until {@link #unexport}. Repeating it answers the same file, and takes note of an
     * interruption that the view told of.
     *
     * @throws ProblemException CONFLICT while the node runs a guest on the disk
     */
    VmView export(String vm);

    /**
     * Takes the file away; the disk stays. Whoever has it open gets I/O errors. Does nothing when
     * there is none.
     */
    VmView unexport(String vm);

    /**
     * Makes the disk of a VM larger; what is new reads as zeroes.
     *
     * @param size bytes, a multiple of 512, no less than now
     * @throws ProblemException CONFLICT while the disk is exported or a guest runs on it
     */
    VmView extend(String vm, long size);

    /**
     * Makes a new image of the present content of a VM's disk, with this node as its origin. On
     * return the disk may be used again; the image is sealed, or fails, later. Repeating it answers
     * the image that was made first, also when it failed; a restart of the node makes it fail.
     *
     * @param image name of the new image
     * @throws ProblemException CONFLICT while the disk is exported or a guest runs on it, or when
     *     there is another image of this name; UNAVAILABLE when too many imports wait
     */
    ImageRecord snapshot(String vm, String image);

    /** Stops a VM's guest, ends its export and deletes its disk. */
    void destroy(String vm);

    /**
     * Deletes a VM's disk if it holds nothing of its own and nobody uses it, decided and done as
     * one. Does nothing when there is none.
     *
     * @throws ProblemException CONFLICT when the disk is exported, a guest runs on it, or it {@link
     *     VmView#written() may have been written to}; then it stays as it is
     */
    void destroyUnwritten(String vm);

    /** All VMs of this node by name. */
    List<VmView> vms();

    /** One VM. */
    VmView vm(String vm);

    /** Starts a VM's guest, or leaves the one that runs alone. */
    VmView start(String vm, GuestRequest request);

    /** Stops a VM's guest, as pulling its plug; its disk stays. */
    VmView stop(String vm);

    /** Puts a list of parents in force, unless a newer one is. */
    void parents(ParentList list);
}
