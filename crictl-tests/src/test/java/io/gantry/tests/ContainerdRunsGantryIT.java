package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.Containerd;
import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.tools.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Debian's containerd, and its command ctr, run containers by gantry's shim. */
@Tag("root")
class ContainerdRunsGantryIT {
  private NodeDirectory directory;
  private Containerd containerd;
  private Path root;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/ctr")), "containerd is not installed");
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    directory = NodeDirectory.create();
    root = Files.createDirectories(directory.scratch().resolve("rootfs"));
    for (String name : List.of("bin", "proc", "sys", "dev")) {
      Files.createDirectory(root.resolve(name));
    }
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    assertTrue(root.resolve("bin/busybox").toFile().setExecutable(true));
    containerd = new Containerd(directory, "none");
    containerd.start();
  }

  @AfterEach
  void stop() {
    if (containerd != null) {
      containerd.stop();
      directory.removeNetwork();
      directory.delete();
    }
  }

  private String ctr(String... words) {
    List<String> line = new ArrayList<>(List.of("ctr", "-a", directory.socket().toString()));
    line.addAll(List.of(words));
    return Command.of(line.toArray(new String[0])).run().orFail().stdout().strip();
  }

  private String run(String id, boolean detached, String... program) {
    List<String> line = new ArrayList<>(List.of("run", detached ? "--detach" : "--rm"));
    line.addAll(List.of("--runtime", "io.containerd.gantry.v2", "--rootfs", root.toString(), id));
    line.add("/bin/busybox");
    line.addAll(List.of(program));
    return ctr(line.toArray(new String[0]));
  }

  private String state(String id) {
    return ctr("task", "ls").lines().filter(l -> l.startsWith(id + " ")).findFirst().orElse("");
  }

  @Test
  void ctr_runsAProgramAndReadsItsOutput() {
    assertEquals("hello", run(directory.name() + "-a", false, "echo", "hello"));
  }

  @Test
  void ctr_movesAContainerThroughItsLife() {
    String id = directory.name() + "-b";
    run(id, true, "sleep", "1000");
    assertTrue(state(id).endsWith("RUNNING"), state(id));
    assertEquals(
        "inside", ctr("task", "exec", "--exec-id", "e", id, "/bin/busybox", "echo", "inside"));
    assertTrue(ctr("task", "metrics", id).contains("memory"));
    ctr("task", "pause", id);
    assertTrue(state(id).endsWith("PAUSED"), state(id));
    ctr("task", "resume", id);
    ctr("task", "rm", "--force", id);
    assertEquals("", state(id));
    ctr("container", "rm", id);
    assertEquals("", ctr("container", "ls", "-q"));
  }
}
