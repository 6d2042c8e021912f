package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.GantryRegistry;
import io.gantry.tests.tools.Command;
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

  private static final String OWN = HOST + "/own/image:1";
  private static String elsewhere;
  private static String digest;

  @BeforeAll
  static void anImageIsInAnotherRegistry() {
    assumeTrue(TestNode.isGantry(), "containerd is no registry");
    digest = node.registry().open().push("test/own", "1", node.registry().images().marked("own"));
    elsewhere = node.registry().open().reference("test/own:1");
  }

  @AfterEach
  void removeImages() {
    node.crictl().run("rmi", OWN);
    node.crictl().run("rmi", elsewhere);
  }

  private static void push() {
    Skopeo.copy("docker://" + elsewhere, "docker://" + OWN).orFail();
  }

  @Test
  void image_thatWasPushedToTheNode_runsThere() {
    push();

    node.crictl().out("pull", OWN);

    try (TestPod pod = TestPod.run(node)) {
      assertEquals(
          "whole\n",
          pod.output(
              "own",
              config -> config.setImage(ImageSpec.newBuilder().setImage(OWN)),
              "echo whole"));
    }
  }

  @Test
  void blobs_ofAnImageThatWasPulledAndPushed_areStoredOnce() throws IOException {
    node.crictl().out("pull", elsewhere);
    List<String> before = blobs();

    push();

    assertEquals(before, blobs());
  }

  @Test
  void pulledImage_isNotToBeHadFromTheRegistry() {
    // Nobody pushed it here; that the node has it is the node's own business.
    Command.Outcome refused =
        Skopeo.copy(
            "docker://" + HOST + "/test/busybox:1",
            "dir:" + node.directory().scratch().resolve("copy"));
    assertFalse(refused.succeeded());
    assertTrue(refused.stderr().contains("there is no manifest 1"), refused::toString);
  }

  @Test
  void removedImage_staysInTheRegistry() {
    push();
    node.crictl().out("pull", OWN);

    node.crictl().out("rmi", OWN);

    node.runtime().kill();
    node.startAgain();
    assertEquals(digest, Skopeo.digest("docker://" + OWN));
    node.crictl().out("pull", OWN);
  }

  private static List<String> blobs() throws IOException {
    try (Stream<Path> files = Files.list(node.directory().root().resolve("content/blobs/sha256"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
