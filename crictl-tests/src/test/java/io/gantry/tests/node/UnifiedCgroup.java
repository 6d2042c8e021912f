package io.gantry.tests.node;

import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A cgroup of the one tree of version 2, read as the host sees it. */
public record UnifiedCgroup(Path directory) {

  private static final Path TREE = Path.of("/sys/fs/cgroup");
  private static final Duration SOON = Duration.ofSeconds(20);

  /** The one that a process lives in. */
  public static UnifiedCgroup of(long pid) {
    return at(pathOf(pid));
  }

  /** The one of a path below the tree's root, with or without a slash before it. */
  public static UnifiedCgroup at(String path) {
    return new UnifiedCgroup(TREE.resolve(path.replaceFirst("^/", "")));
  }

  private static String pathOf(long pid) {
    return read(Path.of("/proc", Long.toString(pid), "cgroup"))
        .lines()
        .filter(line -> line.startsWith("0::"))
        .map(line -> line.substring(3))
        .findFirst()
        .orElseThrow(() -> new AssertionError("process " + pid + " is in no cgroup of version 2"));
  }

  /** Its path below the tree's root, as /proc/PID/cgroup shows it. */
  public String path() {
    return "/" + TREE.relativize(directory);
  }

  public UnifiedCgroup parent() {
    return new UnifiedCgroup(directory.getParent());
  }

  public UnifiedCgroup child(String name) {
    return new UnifiedCgroup(directory.resolve(name));
  }

  public boolean exists() {
    return Files.isDirectory(directory);
  }

  /** What a file of it holds, without surrounding white space. */
  public String read(String file) {
    return read(directory.resolve(file)).strip();
  }

  /** The number that follows a key in a file such as {@code memory.events}. */
  public long field(String file, String key) {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(key + " "))
        .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(file + " has no " + key + ": " + read(file)));
  }

  /** The processes in it, not those below. */
  public List<Long> processes() {
    return read("cgroup.procs").lines().map(Long::parseLong).toList();
  }

  /** Writes a file of it, as an administrator would. */
  public void write(String file, String value) {
    try {
      Files.writeString(directory.resolve(file), value);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + value + " to " + directory.resolve(file), e);
    }
  }

  /** Waits until a file of it holds what is wanted. */
  public void awaitField(String file, String key, long wanted) {
    Eventually.get(
        directory.resolve(file) + ": " + key, SOON, () -> field(file, key), now -> now == wanted);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file, e);
    }
  }
}
