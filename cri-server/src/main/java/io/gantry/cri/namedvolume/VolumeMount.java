package io.gantry.cri.namedvolume;

import io.gantry.cri.grpc.CriException;
import io.gantry.runtime.linux.MountFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is mounted at a volume's directory, as mount(2) takes it.
 *
 * @param flags MS_ flags
 * @param data the file system's own options
 */
record VolumeMount(String type, String device, long flags, String data) {
  private static final Set<String> KNOWN = Set.of("type", "device", "o");

  private static final Map<String, Long> FLAGS =
      Map.ofEntries(
          Map.entry("ro", MountFlags.MS_RDONLY),
          Map.entry("nosuid", MountFlags.MS_NOSUID),
          Map.entry("nodev", MountFlags.MS_NODEV),
          Map.entry("noexec", MountFlags.MS_NOEXEC),
          Map.entry("sync", MountFlags.MS_SYNCHRONOUS),
          Map.entry("dirsync", MountFlags.MS_DIRSYNC),
          Map.entry("noatime", MountFlags.MS_NOATIME),
          Map.entry("nodiratime", MountFlags.MS_NODIRATIME),
          Map.entry("relatime", MountFlags.MS_RELATIME),
          Map.entry("strictatime", MountFlags.MS_STRICTATIME),
          Map.entry("bind", MountFlags.MS_BIND),
          Map.entry("rbind", MountFlags.MS_BIND | MountFlags.MS_REC),
          Map.entry("rw", 0L),
          Map.entry("defaults", 0L));

  /**
   * The mount that options ask for; none for a plain directory.
   *
   * @throws CriException INVALID_REQUEST for options that say something else, or too little
   */
  static Optional<VolumeMount> of(String volume, Map<String, String> options) {
    for (String option : options.keySet()) {
      if (!KNOWN.contains(option)) {
        throw CriException.invalid(
            "volume %s: option \"%s\" is none of type, device and o".formatted(volume, option));
      }
    }
    if (options.isEmpty()) {
      return Optional.empty();
    }
    String type = options.getOrDefault("type", "");
    String device = options.getOrDefault("device", "");
    long flags = 0;
    List<String> data = new ArrayList<>();
    for (String option : options.getOrDefault("o", "").split(",")) {
      Long flag = FLAGS.get(option);
      if (flag != null) {
        flags |= flag;
      } else if (!option.isBlank()) {
        data.add(option);
      }
    }
    boolean bind = (flags & MountFlags.MS_BIND) != 0;
    if (type.isEmpty() || type.equals("none")) {
      if (!bind) {
        throw CriException.invalid(
            "volume %s: options without a type mean a bind, and o has none".formatted(volume));
      }
      type = "none";
    }
    if (device.isEmpty()) {
      throw CriException.invalid("volume %s: option device is missing".formatted(volume));
    }
    if (bind && !device.startsWith("/")) {
      throw CriException.invalid(
          "volume %s: device %s is no absolute path to bind".formatted(volume, device));
    }
    return Optional.of(new VolumeMount(type, device, flags, String.join(",", data)));
  }

  boolean isBind() {
    return (flags & MountFlags.MS_BIND) != 0;
  }
}
