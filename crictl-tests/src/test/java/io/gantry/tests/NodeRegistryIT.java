package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.SharedRegistry;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.GantryRegistry;
import io.gantry.tests.tools.Skopeo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node that is a registry as well, and runs images from itself. */
@Tag("root")
class NodeRegistryIT {

  private static final String HOST = "127.0.0.1:" + GantryRegistry.freePort();

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(directory -> "\n[registry_server]\nlisten = \"" + HOST + "\"\n");

  @BeforeAll
  static void onlyGantryIsARegistry() {
    assumeTrue(TestNode.isGantry(), "containerd is no registry");
  }

  @AfterEach
  void removeImages() {
    node.crictl().run("rmi", HOST + "/own/busybox:1");
  }

  private static void push() {
    Skopeo.copy("docker://" + node.busybox(), "docker://" + HOST + "/own/busybox:1").orFail();
  }

  @Test
  void image_thatWasPushedToTheNode_runsThere() {
    push();

    node.crictl().out("pull", HOST + "/own/busybox:1");

    assertTrue(node.crictl().out("images").contains(HOST + "/own/busybox"));
    try (TestPod pod = TestPod.run(node)) {
      assertEquals("whole\n", pod.output("own", config -> {}, "echo whole"));
    }
  }

  @Test
  void blobs_ofAnImageThatWasPulledAndPushed_areStoredOnce() throws IOException {
    List<String> before = blobs();

    push();

    assertEquals(before, blobs(), SharedRegistry.BUSYBOX + " was pulled before");
  }

  @Test
  void pulledImage_isNotToBeHadFromTheRegistry() {
    // Nobody pushed it here; that the node has it is the node's own business.
    assertTrue(
        !Skopeo.copy("docker://" + HOST + "/test/busybox:1", "dir:/nonexistent").succeeded());
  }

  @Test
  void removedImage_staysInTheRegistry() {
    push();
    node.crictl().out("pull", HOST + "/own/busybox:1");

    node.crictl().out("rmi", node.busybox());
    node.crictl().run("rmi", HOST + "/own/busybox:1");

    try {
      node.crictl().out("pull", HOST + "/own/busybox:1");
      node.runtime().kill();
      node.startAgain();
      assertEquals(
          node.registry().images().busybox().digest(),
          Skopeo.digest("docker://" + HOST + "/own/busybox:1"));
    } finally {
      node.crictl().out("pull", node.busybox());
    }
  }

  private static List<String> blobs() throws IOException {
    try (Stream<Path> files = Files.list(node.directory().root().resolve("content/blobs/sha256"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
