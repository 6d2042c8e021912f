package io.gantry.cri.namedvolume;

import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.state.RecordStore;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's volumes: {@code NAME/_data} is what containers see. What options have mounted there is
 * mounted from the making on, and again when a daemon starts. Thread-safe.
 */
public final class NamedVolumes {
  private static final Logger log = LoggerFactory.getLogger(NamedVolumes.class);
  private static final String DATA = "_data";
  private static final String ARRIVING = "_new";
  private static final int NAME_BYTES = 32;

  private final RecordStore<NamedVolume> records;
  private final Path directory;
  private final LayerTrees trees;
  private final VolumeMounts mounts;
  private final Clock clock;
  private final RandomGenerator random;
  private final InUse inUse;

  // Changed with this held.
  private final Map<String, NamedVolume> volumes = new ConcurrentHashMap<>();

  /** Knows which directories containers have. */
  public interface InUse {
    /** A container that has something of a directory mounted. */
    Optional<String> of(Path directory);
  }

  /** Fills a directory. */
  interface Filling {
    /**
     * @param target empty
     * @return false if there is nothing to fill it with
     */
    boolean fill(LayerTree target) throws IOException;
  }

  private NamedVolumes(
      RecordStore<NamedVolume> records,
      Path directory,
      LayerTrees trees,
      Mounts mounts,
      Clock clock,
      RandomGenerator random,
      InUse inUse) {
    this.records = records;
    this.directory = directory;
    this.trees = trees;
    this.mounts = new VolumeMounts(mounts);
    this.clock = clock;
    this.random = random;
    this.inUse = inUse;
  }

  /**
   * Opens the volumes, takes away what a crash left half-made, and mounts what is to be mounted.
   *
   * @param recordDirectory for the records
   * @param directory for the volumes themselves
   */
  public static NamedVolumes open(
      Path recordDirectory,
      Path directory,
      LayerTrees trees,
      Mounts mounts,
      Clock clock,
      RandomGenerator random,
      InUse inUse,
      FaultPoints faults)
      throws IOException {
    Files.createDirectories(directory);
    // What is in volumes may be setuid, and of others' making.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x---"));
    NamedVolumes opened =
        new NamedVolumes(
            RecordStore.open(recordDirectory, new NamedVolumeRecords(), faults),
            directory,
            trees,
            mounts,
            clock,
            random,
            inUse);
    opened.load();
    return opened;
  }

  private synchronized void load() throws IOException {
    for (NamedVolume volume : records.load().values()) {
      try {
        if (volume.made()) {
          settle(volume);
          volumes.put(volume.name(), volume);
        } else {
          erase(volume);
        }
      } catch (IOException | CriException e) {
        log.atError()
            .setCause(e)
            .addKeyValue("volume", volume.name())
            .log("a volume is not as it should be");
        volumes.put(volume.name(), volume.withMade(true));
      }
    }
  }

  private void settle(NamedVolume volume) throws IOException {
    trees.delete(place(volume.name()).resolve(ARRIVING));
    Files.createDirectories(data(volume.name()));
    Optional<VolumeMount> mount = VolumeMount.of(volume.name(), volume.options());
    if (mount.isPresent()) {
      mounts.mount(volume.name(), mount.get(), data(volume.name()));
    }
  }

  private Path place(String name) {
    return directory.resolve(name);
  }

  /** What containers see of a volume. */
  Path data(String name) {
    return place(name).resolve(DATA);
  }

  /**
   * Makes a volume; the one that is there if there is one of that name.
   *
   * @param name empty: one is made up
   * @throws CriException INVALID_REQUEST for a bad name or options; ALREADY_EXISTS if the one that
   *     is there was made with other options; WRONG_STATE if what is asked for cannot be mounted
   */
  synchronized NamedVolume create(
      String name, Map<String, String> labels, Map<String, String> options) throws IOException {
    String chosen = name.isEmpty() ? newName() : name;
    NamedVolume.check(chosen);
    NamedVolume known = volumes.get(chosen);
    if (known != null) {
      if (!options.isEmpty() && !options.equals(known.options())) {
        throw new CriException(
            Failure.ALREADY_EXISTS,
            "volume %s exists already, with options %s".formatted(chosen, known.options()));
      }
      return known;
    }
    Optional<VolumeMount> mount = VolumeMount.of(chosen, options);
    NamedVolume volume = new NamedVolume(chosen, clock.instant(), labels, options, false);
    try {
      records.add(chosen, volume);
      Path data = data(chosen);
      Files.createDirectories(data);
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
      if (mount.isPresent()) {
        mounts.mount(chosen, mount.get(), data);
      }
      NamedVolume made = volume.withMade(true);
      records.put(chosen, made);
      volumes.put(chosen, made);
      return made;
    } catch (IOException | RuntimeException | Error e) {
      try {
        erase(volume);
      } catch (IOException | RuntimeException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private String newName() {
    byte[] bytes = new byte[NAME_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Removes everything of a volume; what is mounted there first, so that it is not deleted. */
  private void erase(NamedVolume volume) throws IOException {
    Path data = data(volume.name());
    mounts.unmount(data);
    if (mounts.isMounted(data)) {
      throw new IOException("volume " + volume.name() + ": what is mounted there does not go");
    }
    trees.delete(place(volume.name()));
    records.remove(volume.name());
  }

  /** All volumes, by name. */
  List<NamedVolume> list() {
    return volumes.values().stream().sorted(Comparator.comparing(NamedVolume::name)).toList();
  }

  /**
   * @throws CriException NOT_FOUND
   */
  NamedVolume get(String name) {
    NamedVolume volume = volumes.get(name);
    if (volume == null) {
      throw CriException.notFound("volume " + name + " not found");
    }
    return volume;
  }

  /** What a volume takes on disk, found by walking it. */
  long sizeBytes(NamedVolume volume) throws IOException {
    return trees.usage(data(volume.name())).bytes();
  }

  /**
   * Removes a volume with its content.
   *
   * @throws CriException NOT_FOUND; WRONG_STATE while a container has it
   */
  synchronized void remove(String name) throws IOException {
    NamedVolume volume = get(name);
    Optional<String> user = inUse.of(data(name));
    if (user.isPresent()) {
      throw CriException.wrongState(
          "remove volume %s: container %s uses it".formatted(name, user.get()));
    }
    records.put(name, volume.withMade(false));
    erase(volume);
    volumes.remove(name);
  }

  /**
   * Fills a volume if it is empty: whole or not at all, unless something is mounted there or a
   * container has it already.
   *
   * @return whether it was filled
   */
  synchronized boolean populate(String name, Filling filling) throws IOException {
    NamedVolume volume = get(name);
    Path data = data(name);
    if (!isEmpty(data)) {
      return false;
    }
    if (!volume.options().isEmpty() || inUse.of(data).isPresent()) {
      try (LayerTree target = trees.open(data)) {
        return filling.fill(target);
      }
    }
    Path arriving = place(name).resolve(ARRIVING);
    trees.delete(arriving);
    Files.createDirectory(arriving);
    boolean filled = false;
    try {
      try (LayerTree target = trees.open(arriving)) {
        filled = filling.fill(target);
      }
      if (filled) {
        // Takes the place of an empty directory in one step (rename(2)).
        Files.move(arriving, data, StandardCopyOption.ATOMIC_MOVE);
      }
      return filled;
    } finally {
      trees.delete(arriving);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    } catch (NoSuchFileException gone) {
      throw new IOException("the volume's directory " + directory + " is gone", gone);
    }
  }
}
