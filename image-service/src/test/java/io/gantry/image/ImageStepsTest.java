package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.manifest.Platform;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Work of the image service that fails at each of its steps. */
class ImageStepsTest {

  private static final byte[] BASE = new Archive().file("etc/passwd", "root").tar();
  private static final byte[] TOP = new Archive().file("top", "t").tar();

  /** Fails at the one step it is told, counted from one over all; 0 is none. */
  private static final class Failing implements Steps {
    private final List<String> reached = new ArrayList<>();
    private int failAt;

    @Override
    public synchronized void reach(String step) throws IOException {
      reached.add(step);
      if (reached.size() == failAt) {
        throw new IOException("told to fail at " + step);
      }
    }

    synchronized List<String> failNextAt(int step) {
      List<String> before = List.copyOf(reached);
      reached.clear();
      failAt = step;
      return before;
    }
  }

  @TempDir Path directory;
  private final MemoryTrees trees = new MemoryTrees();
  private TestRegistry registry;
  private String name;

  @BeforeEach
  void serve() throws IOException {
    registry = new TestRegistry();
    registry.image(
        "a", "1", List.of(Archive.gzip(BASE), Archive.gzip(TOP)), List.of(BASE, TOP), "{}");
    name = registry.host() + "/a:1";
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @TestFactory
  Stream<DynamicTest> failedAtEachStep_theNextTrySucceeds_andNothingIsLeft() throws Exception {
    List<String> steps = steps();
    assertTrue(steps.contains("image record written"), steps::toString);
    assertTrue(steps.contains("layer record removed"), steps::toString);
    return Stream.iterate(1, step -> step <= steps.size(), step -> step + 1)
        .map(
            step ->
                DynamicTest.dynamicTest(
                    step + " " + steps.get(step - 1),
                    () -> failAt(step, Files.createDirectory(directory.resolve("" + step)))));
  }

  private List<String> steps() throws Exception {
    Failing steps = new Failing();
    try (LocalImages images = open(directory.resolve("listing"), steps)) {
      life(images);
    }
    return steps.failNextAt(0);
  }

  private void failAt(int step, Path root) throws Exception {
    Failing steps = new Failing();
    try (LocalImages images = open(root, steps)) {
      List<String> empty = files(root);
      steps.failNextAt(step);
      try {
        life(images);
      } catch (IOException | ExecutionException told) {
        assertTrue(told.toString().contains("told to fail at"), told::toString);
      }
      steps.failNextAt(0);
      // Whoever is told that it failed asks again.
      images.remove(name);
      life(images);
      awaitEqual(empty, root);
    }
    try (LocalImages again = open(root, Steps.UNOBSERVED)) {
      assertEquals(List.of(), again.list());
      assertEquals(List.of(), again.snapshots().list().stream().toList());
    }
  }

  @TestFactory
  Stream<DynamicTest> failedAtEachStep_aRestartFindsNothingHalfMade() throws Exception {
    List<String> steps = steps();
    int removalIsRecorded = steps.lastIndexOf("image record written") + 1;
    return Stream.iterate(1, step -> step <= steps.size(), step -> step + 1)
        .map(
            step ->
                DynamicTest.dynamicTest(
                    step + " " + steps.get(step - 1),
                    () ->
                        restartAfter(
                            step,
                            step >= removalIsRecorded,
                            Files.createDirectory(directory.resolve("r" + step)))));
  }

  private void restartAfter(int step, boolean removing, Path root) throws Exception {
    Failing steps = new Failing();
    List<String> empty;
    try (LocalImages images = open(root, steps)) {
      empty = files(root);
      steps.failNextAt(step);
      try {
        life(images);
      } catch (IOException | ExecutionException told) {
        assertTrue(told.toString().contains("told to fail at"), told::toString);
      }
    }
    try (LocalImages again = open(root, Steps.UNOBSERVED)) {
      if (removing) {
        awaitEqual(empty, root); // Nobody asks a second time after a crash.
      }
      life(again);
      awaitEqual(empty, root);
    }
  }

  /** From nothing to nothing: an image comes, a container's file system stands on it, all go. */
  private void life(LocalImages images) throws Exception {
    ImageRecord image = images.pull(PullRequest.anonymous(name)).get(20, TimeUnit.SECONDS);
    images.snapshots().prepare("c1", image.topChainId());
    assertTrue(images.snapshots().readFile("c1", "/top", 10).isPresent());
    images.snapshots().remove("c1");
    images.remove(name);
  }

  private LocalImages open(Path root, Steps steps) throws IOException {
    LocalImages images =
        LocalImages.open(
            new ImagesSettings(
                root,
                List.of(),
                new Parallelism(1, 1, 1),
                new Platform("linux", "amd64", ""),
                RegistrySettings.DEFAULT,
                NodeCredentials.Settings.NONE,
                UnpackLimits.DEFAULT),
            trees,
            Clock.systemUTC(),
            steps);
    images.finishRemovals();
    return images;
  }

  private static void awaitEqual(List<String> files, Path root) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!files.equals(files(root)) && System.nanoTime() < end) {
      Thread.onSpinWait(); // The trash is emptied in the background.
    }
    assertEquals(files, files(root));
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.map(Path::toString).sorted().toList();
    } catch (java.io.UncheckedIOException goneMeanwhile) {
      return List.of();
    }
  }
}
