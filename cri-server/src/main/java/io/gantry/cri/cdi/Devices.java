package io.gantry.cri.cdi;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The devices of this node. The directories are read anew whenever a container asks for devices, so
 * that what a vendor has just written or removed counts. Thread-safe.
 */
public final class Devices {
  private final Supplier<List<Path>> directories;

  /**
   * @param directories of specifications; later ones go before earlier ones
   */
  public Devices(Supplier<List<Path>> directories) {
    this.directories = directories;
  }

  /** The specifications of one directory, and what could not be read there. */
  private record Found(List<DeviceSpec> specs, List<String> unreadable) {}

  /**
   * What these devices do to a container, in the order to be done. The common edits of a
   * specification come once, before those of its first device.
   *
   * @param names fully qualified; one that is there twice counts once
   * @throws IllegalArgumentException naming the device that is not there, or is there twice, or
   *     needs what gantry cannot do
   */
  public List<Edits> edits(Collection<String> names) throws IOException {
    List<Found> byPriority = new ArrayList<>();
    for (Path directory : directories.get()) {
      byPriority.add(0, read(directory));
    }
    List<Edits> edits = new ArrayList<>();
    Set<DeviceSpec> common = new HashSet<>();
    for (String text : new LinkedHashSet<>(names)) {
      DeviceName name = DeviceName.parse(text);
      DeviceSpec spec = find(name, byPriority);
      if (common.add(spec)) {
        add(edits, name, spec.common());
      }
      add(edits, name, spec.devices().get(name.device()));
    }
    return edits;
  }

  private static void add(List<Edits> all, DeviceName name, Edits edits) {
    if (!edits.refused().isEmpty()) {
      throw new IllegalArgumentException(
          "CDI device %s: gantry cannot do what %s asks for: %s"
              .formatted(name, edits.source(), String.join(", ", edits.refused())));
    }
    all.add(edits);
  }

  private DeviceSpec find(DeviceName name, List<Found> byPriority) {
    for (Found found : byPriority) {
      List<DeviceSpec> having =
          found.specs().stream()
              .filter(spec -> spec.kind().equals(name.kind()))
              .filter(spec -> spec.devices().containsKey(name.device()))
              .toList();
      if (having.size() > 1) {
        throw new IllegalArgumentException(
            "CDI device %s: two files describe it: %s and %s"
                .formatted(name, having.get(0).file(), having.get(1).file()));
      }
      if (having.size() == 1) {
        return having.get(0);
      }
    }
    List<String> unreadable =
        byPriority.stream().flatMap(found -> found.unreadable().stream()).toList();
    throw new IllegalArgumentException(
        "CDI device %s: no such device in %s%s"
            .formatted(
                name,
                directories.get(),
                unreadable.isEmpty() ? "" : "; unusable: " + String.join("; ", unreadable)));
  }

  private static Found read(Path directory) throws IOException {
    List<DeviceSpec> specs = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    for (Path file : files(directory)) {
      try {
        specs.add(DeviceSpecReader.read(file));
      } catch (NoSuchFileException gone) {
        // Removed since the directory was read.
      } catch (IOException e) {
        // A vendor's mistake must not take other vendors' devices away.
        unreadable.add(file + ": " + e.getMessage().lines().findFirst().orElse(""));
      }
    }
    return new Found(specs, unreadable);
  }

  private static Set<Path> files(Path directory) throws IOException {
    Set<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{json,yaml}")) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry)) {
          files.add(entry);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException none) {
      return Set.of();
    }
    return files;
  }
}
