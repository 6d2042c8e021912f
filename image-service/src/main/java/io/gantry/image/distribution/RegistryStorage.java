package io.gantry.image.distribution;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.repository.Repositories;
import io.gantry.image.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Where a registry keeps things: {@code registry/repositories}, {@code registry/uploads} and {@code
 * registry/arrivals} below a root, and blobs in a content store on the same file system. What the
 * repositories have is claimed in that store from the moment this is opened, whether or not anybody
 * serves it.
 *
 * @param collector deletes what nobody claims
 */
public record RegistryStorage(
    ContentStore content,
    Repositories repositories,
    Path uploads,
    Path arrivals,
    Collector collector) {

  /** Deletes from the content store what nobody claims. */
  public interface Collector {
    void collect() throws IOException;
  }

  /** Opens the registry below a root, beside a content store that others use as well. */
  public static RegistryStorage beside(ContentStore content, Path root, Collector collector)
      throws IOException {
    Path registry = root.resolve("registry");
    makePrivate(registry);
    Repositories repositories = Repositories.open(registry.resolve("repositories"));
    content.claims().add(repositories);
    return new RegistryStorage(
        content,
        repositories,
        registry.resolve("uploads"),
        registry.resolve("arrivals"),
        collector);
  }

  /**
   * Claims what a registry has left below a root, although nobody serves it now: being switched off
   * for a day must not cost it its blobs.
   *
   * @return nothing if there never was one
   */
  public static Optional<RegistryStorage> claim(
      ContentStore content, Path root, Collector collector) throws IOException {
    return Files.isDirectory(root.resolve("registry"))
        ? Optional.of(beside(content, root, collector))
        : Optional.empty();
  }

  /** Opens a registry that has a root and a content store of its own. */
  public static RegistryStorage alone(Path root) throws IOException {
    makePrivate(root.resolve("content"));
    ContentStore content = ContentStore.open(root.resolve("content"), Steps.UNOBSERVED);
    return beside(content, root, () -> content.claims().sweep(content::retainOnly));
  }

  private static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }
}
