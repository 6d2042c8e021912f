package io.gantry.tests.registry;

import io.gantry.tests.tools.Command;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The files of Debian packages, without installing them.
 *
 * <p>Packages are fetched by apt-get into a cache directory once and unpacked by dpkg-deb; none of
 * their scripts run.
 */
public final class DebianPackages {

  private static final Duration DOWNLOAD = Duration.ofMinutes(2);

  private final Path cache;

  public DebianPackages(Path cache) {
    this.cache = cache;
  }

  /** The cache every test run of this user shares. */
  public static DebianPackages ofThisUser() {
    return new DebianPackages(
        Path.of(System.getProperty("user.home"), ".cache", "gantry-tests", "debs"));
  }

  /**
   * Copies those files of a package that the predicate wants into a layer.
   *
   * @param wanted decides by the path inside the image, such as {@code usr/bin/id}
   */
  public void copyInto(LayerBuilder layer, String packageName, Predicate<String> wanted) {
    byte[] tar =
        Command.of("dpkg-deb", "--fsys-tarfile", file(packageName).toString())
            .run()
            .orFail()
            .stdoutBytes();
    try (TarArchiveInputStream entries = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (TarArchiveEntry entry = entries.getNextEntry();
          entry != null;
          entry = entries.getNextEntry()) {
        String path = entry.getName().replaceFirst("^\\./", "").replaceFirst("/$", "");
        if (wanted.test(path)) {
          copy(layer, path, entry, entries);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("read the files of " + packageName, e);
    }
  }

  /** Everything a program needs to run, nothing that a person reads. */
  public static boolean notDocumentation(String path) {
    return Stream.of("usr/share/doc/", "usr/share/man/", "usr/share/lintian/", "usr/share/locale/")
        .noneMatch(path::startsWith);
  }

  private static void copy(
      LayerBuilder layer, String path, TarArchiveEntry entry, TarArchiveInputStream content)
      throws IOException {
    if (entry.isSymbolicLink()) {
      layer.symlink(path, entry.getLinkName());
    } else if (entry.isLink()) {
      layer.hardlink(path, entry.getLinkName().replaceFirst("^\\./", ""), entry.getMode() & 07777);
    } else if (entry.isFile()) {
      layer.file(path, entry.getMode() & 07777, 0, 0, content.readAllBytes(), Map.of());
    }
    // Directories come into being with the files in them.
  }

  private Path file(String packageName) {
    return cached(packageName)
        .or(
            () -> {
              download(packageName);
              return cached(packageName);
            })
        .orElseThrow(() -> new IllegalStateException("apt-get left no file for " + packageName));
  }

  private Optional<Path> cached(String packageName) {
    if (!Files.isDirectory(cache)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(cache)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(packageName + "_"))
          .filter(file -> file.getFileName().toString().endsWith(".deb"))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException("list " + cache, e);
    }
  }

  private void download(String packageName) {
    try {
      Files.createDirectories(cache);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + cache, e);
    }
    Command fetch =
        Command.of(List.of("apt-get", "download", packageName)).in(cache).within(DOWNLOAD);
    if (!fetch.run().succeeded()) {
      // The index may be older than the mirror's newest security update.
      Command.of("apt-get", "update").within(DOWNLOAD).run().orFail();
      fetch.run().orFail();
    }
  }
}
