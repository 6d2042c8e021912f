package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Docker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Files of containers and volumes, by the real docker command. */
@Tag("root")
class DockerFilesIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir Path directory;
  @RegisterExtension private final Docker docker = node.docker();

  private void create(String name, String... more) {
    List<String> words = new ArrayList<>(List.of("create", "--network", "none", "--name", name));
    words.addAll(List.of(more));
    words.addAll(List.of(node.busybox(), "sleep", "1000"));
    docker.out(words.toArray(String[]::new));
  }

  @Test
  void cp_copiesBothWaysWhetherOrNotTheContainerRuns() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "copied");
    create("cp");
    for (boolean running : List.of(false, true)) {
      if (running) {
        docker.out("start", "cp");
      }
      docker.out("cp", file.toString(), "cp:/tmp/in" + running);
      Path out = directory.resolve("out" + running);
      docker.out("cp", "cp:/tmp/in" + running, out.toString());
      assertEquals("copied", Files.readString(out));
    }
    assertEquals("copied", docker.out("exec", "cp", "cat", "/tmp/infalse"));
    Files.createDirectories(directory.resolve("tree/below"));
    Files.writeString(directory.resolve("tree/below/leaf"), "leaf");
    docker.out("cp", directory.resolve("tree").toString(), "cp:/tmp");
    assertEquals("leaf", docker.out("exec", "cp", "cat", "/tmp/tree/below/leaf"));
    Command.Outcome missing = docker.run("cp", "cp:/none", directory.toString());
    assertEquals(1, missing.exitCode());
    assertTrue(
        missing.stderr().contains("Could not find the file /none in container cp"),
        missing::toString);
  }

  @Test
  void diffAndCommit_knowWhatTheContainerHasChanged() {
    create("changed");
    docker.out("start", "changed");
    docker.out("exec", "changed", "sh", "-c", "echo new > /tmp/new");
    assertEquals("C /tmp\nA /tmp/new", docker.out("diff", "changed"));
    String id =
        docker
            .out(
                "commit",
                "-m",
                "why",
                "-a",
                "who",
                "-c",
                "CMD [\"cat\", \"/tmp/new\"]",
                "changed",
                "localhost/committed:1")
            .strip();
    assertEquals("new", docker.out("run", "--rm", "--network", "none", "localhost/committed:1"));
    assertEquals(id, docker.out("inspect", "-f", "{{.Id}}", "localhost/committed:1").strip());
    assertEquals("running", docker.out("inspect", "-f", "{{.State.Status}}", "changed").strip());
    docker.out("rmi", "localhost/committed:1");
  }

  @Test
  void volumes_areMadeListedUsedAndRemoved() {
    assertEquals("data", docker.out("volume", "create", "--label", "a=b", "data"));
    assertEquals("data", docker.out("volume", "ls", "-q", "-f", "label=a=b"));
    assertEquals("local", docker.out("volume", "inspect", "-f", "{{.Driver}}", "data"));
    create("user", "-v", "data:/data", "-v", "/anonymous");
    docker.out("start", "user");
    docker.out("exec", "user", "sh", "-c", "echo kept > /data/f");
    Command.Outcome used = docker.run("volume", "rm", "data");
    assertEquals(1, used.exitCode());
    assertTrue(used.stderr().contains("volume is in use"), used::toString);
    docker.out("rm", "-f", "user");
    assertEquals(
        "kept",
        docker.out(
            "run", "--rm", "--network", "none", "-v", "data:/d", node.busybox(), "cat", "/d/f"));
    assertTrue(docker.out("volume", "prune", "-f").contains("Total reclaimed space"));
    assertEquals("data", docker.out("volume", "ls", "-q"));
    assertEquals("data", docker.out("volume", "rm", "data"));
    Command.Outcome gone = docker.run("volume", "inspect", "data");
    assertEquals(1, gone.exitCode());
    assertTrue(gone.stderr().contains("no such volume"), gone::toString);
    assertFalse(docker.out("volume", "ls", "-q").contains("data"));
  }
}
