package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.CDIDevice;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.Device;
import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Devices of the host in containers: by path, as device plugins ask, and by the CDI. */
@Tag("root")
class DevicesIT {

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory -> "\n[cdi]\nspec_dirs = [\"%s\"]\n".formatted(specifications(directory)));

  private TestPod pod;
  private Path shared;

  private static Path specifications(NodeDirectory directory) {
    return directory.path().resolve("cdi");
  }

  @BeforeEach
  void runPodAndDescribeADevice() throws IOException {
    pod = TestPod.run(node);
    shared = Files.createTempDirectory(node.directory().scratch(), "cdi-host");
    Files.writeString(shared.resolve("library"), "from the host\n");
    Path hook = shared.resolve("hook");
    Files.writeString(hook, "#!/bin/sh\ncat > " + shared.resolve("state") + "\n");
    hook.toFile().setExecutable(true);
    Files.writeString(
        Files.createDirectories(specifications(node.directory())).resolve("test.yaml"),
        """
        cdiVersion: 0.6.0
        kind: gantry.test/thing
        containerEdits:
          env: [ "THING=common" ]
        devices:
        - name: one
          containerEdits:
            deviceNodes:
            - path: /dev/thing
              hostPath: /dev/full
              permissions: rw
            mounts:
            - hostPath: %s
              containerPath: /opt/thing
              options: [ "ro" ]
            hooks:
            - hookName: createContainer
              path: %s
            additionalGids: [ 4711 ]
        """
            .formatted(shared, hook));
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  private static Consumer<ContainerConfig.Builder> device(String name) {
    return config -> config.addCDIDevices(CDIDevice.newBuilder().setName(name));
  }

  @Test
  void cdiDevice_isInTheContainer() throws IOException {
    String words =
        pod.output(
            "thing",
            device("gantry.test/thing=one"),
            "echo $THING; cat /opt/thing/library; stat -c '%t:%T' /dev/thing;"
                + " echo x 2>&1 > /dev/thing || echo full; id -G | tr ' ' '\\n' | grep 4711");
    assertTrue(words.startsWith("common\nfrom the host\n1:7\n"), words);
    assertTrue(words.endsWith("full\n4711\n"), words);
    assertTrue(Files.readString(shared.resolve("state")).contains("\"status\":\"creat"), words);
  }

  @Test
  void cdiDevice_byAnnotation() {
    assertEquals(
        "common\n",
        pod.output(
            "annotated",
            config -> config.putAnnotations("cdi.k8s.io/test", "gantry.test/thing=one"),
            "echo $THING"));
  }

  @Test
  void cdiDevice_thatIsUnknownIsNamed() {
    var refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> pod.create("unknown", device("gantry.test/thing=two")));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertTrue(refused.getMessage().contains("gantry.test/thing=two"), refused.getMessage());
  }

  @Test
  void pluginsDevices_areGivenWithTheirPermissions() {
    // One that no container has anyway: for those it would be of no matter what was asked.
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
    Device.Builder fuse =
        Device.newBuilder()
            .setHostPath("/dev/fuse")
            .setContainerPath("/dev/given")
            .setPermissions("r");
    String words =
        pod.output(
            "given",
            config -> config.addDevices(fuse),
            "stat -c '%t:%T' /dev/given; : < /dev/given && echo opened;"
                + " (: > /dev/given) 2>&1; true");
    assertTrue(words.startsWith("a:e5\nopened\n"), words);
    assertTrue(words.endsWith("Operation not permitted\n"), words);
  }
}
