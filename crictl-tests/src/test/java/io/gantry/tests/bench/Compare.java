package io.gantry.tests.bench;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.RemoveImageRequest;
import io.gantry.tests.node.Containerd;
import io.gantry.tests.node.Gantry;
import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.registry.DebianPackages;
import io.gantry.tests.registry.TestImages;
import io.gantry.tests.registry.TestRegistry;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs the same pods on gantry and on Debian's containerd with runc, turn by turn, and writes a
 * table of what each took.
 *
 * <p>Options: {@code --cycles N} sequential cycles (30), {@code --pods N} pods of the burst (40),
 * {@code --parallel N} at a time (8), {@code --pulls N} of a large image (5), {@code --only
 * gantry|containerd}.
 */
public final class Compare {

  private static final int WARM_UP_CYCLES = 3;
  private static final int WARM_SHIMS = 2;

  private final String image;
  private final List<Contender> contenders;
  private final Timings timings = new Timings();
  private final List<Burst> bursts = new ArrayList<>();

  /** What a burst of pods took and held. */
  private record Burst(String contender, double podsPerSecond, int pods, Memory memory) {}

  private Compare(String image, List<Contender> contenders) {
    this.image = image;
    this.contenders = contenders;
  }

  /** Runs the comparison; see the class for the options. */
  public static void main(String[] arguments) throws Exception {
    int cycles = Integer.parseInt(option(arguments, "--cycles", "30"));
    int pods = Integer.parseInt(option(arguments, "--pods", "40"));
    int parallel = Integer.parseInt(option(arguments, "--parallel", "8"));
    int pulls = Integer.parseInt(option(arguments, "--pulls", "5"));
    String only = option(arguments, "--only", "");
    Path registryDirectory = Files.createTempDirectory("gantry-bench");
    List<Contender> contenders = new ArrayList<>();
    try (TestRegistry registry = TestRegistry.open(registryDirectory)) {
      TestImages images = new TestImages(DebianPackages.ofThisUser());
      registry.push("busybox", "1", images.busybox());
      registry.push("pause", "1", images.pause());
      registry.push("large", "1", LargeImage.make());
      try {
        if (!only.equals("containerd")) {
          NodeDirectory directory = directory(registry);
          contenders.add(Contender.start("gantry", directory, new Gantry(directory, WARM_SHIMS)));
        }
        if (!only.equals("gantry")) {
          NodeDirectory directory = directory(registry);
          contenders.add(
              Contender.start(
                  "containerd",
                  directory,
                  new Containerd(directory, registry.reference("pause:1"))));
        }
        Compare compare = new Compare(registry.reference("busybox:1"), contenders);
        compare.pulls(registry.reference("large:1"), pulls);
        compare.run(cycles, pods, parallel);
        compare.report(cycles, pods, parallel);
      } finally {
        contenders.forEach(Contender::close);
      }
    } finally {
      DirectoryTree.delete(registryDirectory);
    }
  }

  private static NodeDirectory directory(TestRegistry registry) {
    NodeDirectory directory = NodeDirectory.create();
    directory.mirror(registry.host(), registry.url());
    return directory;
  }

  private void run(int cycles, int pods, int parallel) throws Exception {
    for (Contender contender : contenders) {
      contender
          .cri()
          .images()
          .pullImage(
              PullImageRequest.newBuilder()
                  .setImage(ImageSpec.newBuilder().setImage(image))
                  .build());
      for (int i = 0; i < WARM_UP_CYCLES; i++) {
        cycle(contender, new Timings());
      }
    }
    for (int i = 0; i < cycles; i++) {
      for (Contender contender : contenders) {
        cycle(contender, timings);
      }
      progress("cycle " + (i + 1) + " of " + cycles);
    }
    for (Contender contender : contenders) {
      progress("burst on " + contender.name());
      bursts.add(burst(contender, pods, parallel));
    }
  }

  /** From a registry on the loopback to unpacked layers, from nothing each time. */
  private void pulls(String large, int rounds) {
    ImageSpec spec = ImageSpec.newBuilder().setImage(large).build();
    // The first of each loads classes and warms caches.
    for (int i = 0; i <= rounds; i++) {
      Timings into = i == 0 ? new Timings() : timings;
      for (Contender contender : contenders) {
        var images = contender.cri().images();
        timed(
            contender,
            Step.PULL,
            into,
            () -> images.pullImage(PullImageRequest.newBuilder().setImage(spec).build()));
        timed(
            contender,
            Step.REMOVE_IMAGE,
            into,
            () -> images.removeImage(RemoveImageRequest.newBuilder().setImage(spec).build()));
        // What one has left to be written must not be the next one's burden.
        Command.of("sync").run().orFail();
      }
      progress("pull " + i + " of " + rounds);
    }
  }

  private static void timed(Contender contender, Step step, Timings into, Runnable work) {
    long begun = System.nanoTime();
    work.run();
    into.add(contender.name(), step, System.nanoTime() - begun);
  }

  private void cycle(Contender contender, Timings into) {
    PodCycle cycle = new PodCycle(contender, image, into);
    cycle.up();
    cycle.exec();
    cycle.down();
  }

  private Burst burst(Contender contender, int pods, int parallel) throws Exception {
    Memory idle = Memory.of(contender.directory(), contender.runtime().process());
    List<PodCycle> cycles = new ArrayList<>();
    for (int i = 0; i < pods; i++) {
      cycles.add(new PodCycle(contender, image, new Timings()));
    }
    ExecutorService workers = Executors.newFixedThreadPool(parallel);
    try {
      long begun = System.nanoTime();
      inParallel(workers, cycles, PodCycle::up);
      double seconds = (System.nanoTime() - begun) / 1e9;
      Memory memory = Memory.of(contender.directory(), contender.runtime().process()).minus(idle);
      inParallel(workers, cycles, PodCycle::down);
      return new Burst(contender.name(), pods / seconds, pods, memory);
    } finally {
      workers.shutdown();
    }
  }

  private interface Action {
    void on(PodCycle cycle);
  }

  private static void inParallel(ExecutorService workers, List<PodCycle> cycles, Action action)
      throws InterruptedException, ExecutionException {
    List<Future<?>> all = new ArrayList<>();
    for (PodCycle cycle : cycles) {
      all.add(workers.submit(() -> action.on(cycle)));
    }
    for (Future<?> one : all) {
      one.get();
    }
  }

  private void report(int cycles, int pods, int parallel) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d sequential cycles, turn by turn; then %d pods, %d at a time. %d CPUs, Linux %s.%n"
            .formatted(
                cycles,
                pods,
                parallel,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version")));
    text.append("Times in ms. ratio < 1: gantry takes less.%n%n".formatted());
    text.append(
        row("", "gantry p50", "containerd p50", "ratio", "gantry p90", "containerd p90", "ratio"));
    for (Step step : Step.values()) {
      text.append(
          row(
              step.label(),
              number(time("gantry", step, 0.5)),
              number(time("containerd", step, 0.5)),
              number(time("gantry", step, 0.5) / time("containerd", step, 0.5)),
              number(time("gantry", step, 0.9)),
              number(time("containerd", step, 0.9)),
              number(time("gantry", step, 0.9) / time("containerd", step, 0.9))));
    }
    text.append("%n".formatted());
    text.append(row("burst", "pods/s", "PSS MB/pod", "private MB/pod", "processes/pod", "", ""));
    for (Burst burst : bursts) {
      text.append(
          row(
              burst.contender(),
              number(burst.podsPerSecond()),
              number(burst.memory().pssKib() / 1024.0 / burst.pods()),
              number(burst.memory().privateKib() / 1024.0 / burst.pods()),
              number((double) burst.memory().processes() / burst.pods()),
              "",
              ""));
    }
    Path file = Checkout.root().resolve("target/bench/compare.txt");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    System.out.println();
    System.out.print(text);
    System.out.println("\nwritten to " + file);
  }

  private double time(String contender, Step step, double share) {
    return timings.quantileMillis(contender, step, share);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : "%.2f".formatted(value);
  }

  private static String row(String... cells) {
    StringBuilder line = new StringBuilder("%-22s".formatted(cells[0]));
    for (int i = 1; i < cells.length; i++) {
      line.append("%16s".formatted(cells[i]));
    }
    return line.toString().stripTrailing() + System.lineSeparator();
  }

  private static void progress(String what) {
    System.err.print("\r" + what + "        ");
  }

  private static String option(String[] arguments, String name, String otherwise) {
    for (int i = 0; i + 1 < arguments.length; i++) {
      if (arguments[i].equals(name)) {
        return arguments[i + 1];
      }
    }
    return otherwise;
  }
}
