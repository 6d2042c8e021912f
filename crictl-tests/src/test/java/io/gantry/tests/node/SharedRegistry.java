package io.gantry.tests.node;

import io.gantry.tests.registry.CritestImages;
import io.gantry.tests.registry.DebianPackages;
import io.gantry.tests.registry.TestImages;
import io.gantry.tests.registry.TestRegistry;
import io.gantry.tests.tools.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One registry with all test images, for all test classes of a run. */
public final class SharedRegistry implements AutoCloseable {

  public static final String BUSYBOX = "test/busybox:1";
  public static final String PAUSE = "pause:3.9";

  private final Path directory;
  private final TestRegistry registry;
  private final TestImages images;

  private SharedRegistry() {
    try {
      directory = Files.createTempDirectory(NodeDirectory.parent(), "registry");
    } catch (IOException e) {
      throw new UncheckedIOException("make a directory for the registry", e);
    }
    registry = TestRegistry.open(directory);
    images = new TestImages(DebianPackages.ofThisUser());
    registry.push("test/busybox", "1", images.busybox());
    registry.push("test/kinds", "1", images.kinds());
    registry.push("pause", "3.9", images.pause());
  }

  static SharedRegistry of(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(
            SharedRegistry.class, key -> new SharedRegistry(), SharedRegistry.class);
  }

  /** The registry that anybody may pull from. */
  public TestRegistry open() {
    return registry;
  }

  /** For images of a test's own. */
  public TestImages images() {
    return images;
  }

  /**
   * Adds what critest pulls. Not before it is wanted: they are many, and making them takes long.
   */
  public void pushCritestImages() {
    CritestImages.push(images, registry);
  }

  @Override
  public void close() {
    registry.close();
    DirectoryTree.delete(directory);
  }
}
