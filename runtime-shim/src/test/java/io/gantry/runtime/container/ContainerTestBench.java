package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.ExitStatus;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountInfo;
import io.gantry.runtime.linux.Pipe;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.rootfs.RootfsMount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Real containers for tests, and a check that they leave nothing behind. */
final class ContainerTestBench implements AutoCloseable {
  /** What a process wrote on both streams, and how it ended. */
  record Outcome(int code, String output) {}

  final Linux linux = Linux.open();
  final Cgroups cgroups;
  final ContainerEngine engine;
  final List<String> notices = new ArrayList<>();
  final Bundle bundle;
  private final List<Container> containers = new ArrayList<>();
  private final List<Pipe> pipes = new ArrayList<>();
  private final String cgroupParent;
  private final TreeSet<String> mountsBefore;
  private int number;

  ContainerTestBench(Path directory) throws IOException {
    this(directory, CgroupTree.open(Linux.open()));
  }

  ContainerTestBench(Path directory, Cgroups cgroups) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    this.cgroups = cgroups;
    engine = new ContainerEngine(linux, cgroups, notices::add);
    cgroupParent = "/gantry-test-" + linux.processes().pid() + "-" + System.nanoTime();
    Files.createDirectories(directory.resolve("bundle"));
    bundle = new Bundle(directory.resolve("bundle"), cgroupParent + "/first");
    mountsBefore = mounts();
  }

  /** What is mounted for the whole machine or for this test; others may run beside it. */
  private TreeSet<String> mounts() throws IOException {
    TreeSet<String> targets = new TreeSet<>();
    for (MountInfo mount : linux.mounts().mountInfo()) {
      String target = mount.target();
      boolean elsewhere = target.startsWith("/tmp/") || target.startsWith("/run/");
      if (!elsewhere || target.startsWith(bundle.directory.getParent().toString())) {
        targets.add(target + " " + mount.type());
      }
    }
    return targets;
  }

  Container create() throws ContainerException {
    return create(List.of(), false);
  }

  Container create(List<RootfsMount> rootfs, boolean terminal) throws ContainerException {
    Container container =
        engine.create(new CreateRequest("c" + number++, bundle.directory, rootfs, terminal));
    containers.add(container);
    return container;
  }

  /** Runs a shell script as the container's first process until its end. */
  Outcome run(String script) throws Exception {
    return run("sh", "-c", script);
  }

  Outcome run(String... args) throws Exception {
    bundle.write(args);
    Container container = create();
    try (Pipe pipe = linux.files().pipe2(0)) {
      StartedProcess.Child process = (StartedProcess.Child) container.start(stdio(pipe));
      Outcome outcome = finish(process, pipe);
      container.delete();
      return outcome;
    }
  }

  Outcome exec(Container container, OciProcess process) throws Exception {
    try (Pipe pipe = linux.files().pipe2(0)) {
      return finish(container.exec(process, stdio(pipe)), pipe);
    }
  }

  /** Starts a script that says "ready" when it is, and leaves it running. */
  StartedProcess.Child startAndAwaitReady(Container container) throws Exception {
    Pipe pipe = linux.files().pipe2(0);
    pipes.add(pipe);
    StartedProcess.Child process = (StartedProcess.Child) container.start(stdio(pipe));
    byte[] line = new byte[64];
    int count = linux.files().read(pipe.readEnd(), line, 0, line.length);
    assertEquals("ready\n", new String(line, 0, count, StandardCharsets.UTF_8));
    return process;
  }

  ProcessStdio stdio(Pipe pipe) {
    int out = pipe.writeEnd().number();
    return new ProcessStdio.Pipes(0, out, out);
  }

  Outcome finish(StartedProcess process, Pipe pipe) throws IOException {
    pipe.writeEnd().close();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (true) {
      int count = linux.files().read(pipe.readEnd(), buffer, 0, buffer.length);
      if (count == 0) {
        break;
      }
      all.write(buffer, 0, count);
    }
    return new Outcome(await(process), all.toString(StandardCharsets.UTF_8));
  }

  int await(StartedProcess started) throws IOException {
    StartedProcess.Child process = (StartedProcess.Child) started;
    try (Fd pidfd = process.pidfd()) {
      ExitStatus status = linux.processes().await(pidfd);
      return status.code();
    }
  }

  /** Ids of this process's descriptors that lead to something a container has. */
  long openDescriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  @Override
  public void close() throws IOException, ContainerException {
    for (Container container : containers) {
      container.delete();
    }
    for (Pipe pipe : pipes) {
      pipe.close();
    }
    // Children that were killed by delete and nobody waited for.
    try {
      while (linux.processes().pollAny().isPresent()) {}
    } catch (LinuxException e) {
      assertEquals(Errno.ECHILD, e.errno());
    }
    cgroups.at(cgroupParent).remove();
    assertEquals(mountsBefore, mounts(), "mounts in the host's table");
    for (var view : cgroups.at("/").views()) {
      assertTrue(
          !Files.exists(Path.of(view.directory() + cgroupParent)), "cgroup in " + view.directory());
    }
  }
}
