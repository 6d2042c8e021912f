package io.gantry.cri.selinux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Gives each pod a level that no other pod has: a pair of categories, by which SELinux keeps pods
 * of the same type apart. The level is a file in the pod's directory, so that it lasts for as long
 * as the pod does and is free with it. Thread-safe.
 */
public final class PodLevels {
  /** As other runtimes: policies have 1024 categories. */
  private static final int CATEGORIES = 1024;

  private static final int PAIRS = CATEGORIES * (CATEGORIES - 1) / 2;
  private static final String FILE = "selinux-level";

  private final Path pods;
  private final RandomGenerator random;

  /**
   * @param pods the directory of all pods' directories
   */
  public PodLevels(Path pods, RandomGenerator random) {
    this.pods = pods;
    this.random = random;
  }

  /** The level that a pod was given; empty if it was given none. */
  public static Optional<String> of(Path podDirectory) throws IOException {
    try {
      return Optional.of(Files.readString(podDirectory.resolve(FILE)).strip());
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /**
   * Gives a pod a level, the same one if it has one already.
   *
   * @throws IOException if all are taken
   */
  public synchronized String allocate(Path podDirectory) throws IOException {
    Optional<String> own = of(podDirectory);
    if (own.isPresent()) {
      return own.get();
    }
    Set<String> taken = taken();
    if (taken.size() >= PAIRS) {
      throw new IOException("all " + PAIRS + " SELinux levels are taken by pods");
    }
    String level = any();
    while (taken.contains(level)) {
      level = any();
    }
    Files.writeString(podDirectory.resolve(FILE), level + "\n");
    return level;
  }

  private String any() {
    int first = random.nextInt(CATEGORIES);
    int second = random.nextInt(CATEGORIES - 1);
    if (second >= first) {
      second++;
    }
    return "s0:c%d,c%d".formatted(Math.min(first, second), Math.max(first, second));
  }

  private Set<String> taken() throws IOException {
    Set<String> taken = new HashSet<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(pods)) {
      for (Path directory : directories) {
        of(directory).ifPresent(taken::add);
      }
    }
    return taken;
  }
}
