package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.Capability;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.Device;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.Int64Value;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pods whose users are others on the host, as programs in them and files on the host show it. */
@Tag("root")
class UserNamespacesIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final int HOST_ID = 400000;
  private static final IDMapping MAPPING =
      IDMapping.newBuilder().setContainerId(0).setHostId(HOST_ID).setLength(65536).build();
  private static final UserNamespace USERS =
      UserNamespace.newBuilder()
          .setMode(NamespaceMode.POD)
          .addUids(MAPPING)
          .addGids(MAPPING)
          .build();

  private static Consumer<PodSandboxConfig.Builder> pod(
      NamespaceMode network, NamespaceMode pid, UserNamespace users) {
    return Configs.podSecurity(
        security ->
            security.setNamespaceOptions(
                NamespaceOption.newBuilder()
                    .setNetwork(network)
                    .setPid(pid)
                    .setUsernsOptions(users)));
  }

  private static TestPod run(NamespaceMode network, NamespaceMode pid) {
    return TestPod.run(node, pod(network, pid, USERS));
  }

  private static TestPod run() {
    return run(NamespaceMode.POD, NamespaceMode.CONTAINER);
  }

  private static Consumer<ContainerConfig.Builder> plain() {
    return config -> {};
  }

  private static int owner(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:uid");
  }

  @Test
  void status_tellsThatPodsCanHaveThem() {
    var status = node.cri().runtime().status(StatusRequest.getDefaultInstance());
    assertTrue(status.getRuntimeHandlers(0).getFeatures().getUserNamespaces());
    assertTrue(status.getFeatures().getUserNamespacesHostNetwork());
  }

  @Test
  void image_belongsToTheContainersRoot() {
    try (TestPod pod = run()) {
      assertEquals(
          "0 0 0\n0:0\n0:0\n33:33\n",
          pod.output(
              "files",
              plain(),
              "echo $(id -u) $(id -g) $(stat -c %u /bin/sh); stat -c %u:%g /; "
                  + "touch /made; stat -c %u:%g /made; chown 33:33 /made; stat -c %u:%g /made"));
    }
  }

  @Test
  void process_isAnotherOnTheHost() throws IOException {
    try (TestPod pod = run()) {
      String container = pod.run("sleeper", "sleep", "1000");
      assertEquals(HOST_ID, owner(Path.of("/proc/" + pod.pid(container))));
      assertEquals(
          "0\n         0     400000      65536\n",
          pod.execOutput(container, "sh", "-c", "id -u; cat /proc/self/uid_map"));
    }
  }

  @Test
  void podsFilesAndSharedMemory_canBeWritten() {
    try (TestPod pod = run()) {
      assertEquals(
          "0:0\n0:0\n0:0\nwritten\n",
          pod.output(
              "files",
              plain(),
              "for f in /etc/hosts /etc/resolv.conf /dev/shm; do stat -c %u:%g $f; done;"
                  + " echo >> /etc/hosts && touch /dev/shm/x && echo written"));
    }
  }

  @Test
  void volume_isMappedAsAskedFor() throws IOException {
    Path volume = Files.createDirectory(node.directory().scratch().resolve("volume"));
    Files.writeString(volume.resolve("secret"), "s3cret");
    Files.setPosixFilePermissions(
        volume.resolve("secret"), PosixFilePermissions.fromString("rw-------"));
    Mount.Builder mount =
        Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/volume");
    try (TestPod pod = run()) {
      assertEquals(
          "s3cret\n0:0\n",
          pod.output(
              "mapped",
              config ->
                  config.addMounts(mount.clone().addUidMappings(MAPPING).addGidMappings(MAPPING)),
              "echo $(cat /volume/secret); touch /volume/new; stat -c %u:%g /volume/new"));
      assertEquals(0, owner(volume.resolve("new")));
      assertTrue(
          pod.output("plain", config -> config.addMounts(mount), "cat /volume/secret 2>&1; true")
              .contains("Permission denied"));
    }
  }

  @Test
  void device_isTheContainersOwn() {
    try (TestPod pod = run()) {
      assertEquals(
          "0:0 crw\n",
          pod.output(
              "device",
              config ->
                  config.addDevices(
                      Device.newBuilder()
                          .setHostPath("/dev/null")
                          .setContainerPath("/dev/mine")
                          .setPermissions("rw")),
              "echo x > /dev/mine; stat -c '%u:%g %A' /dev/mine | cut -c1-7"));
    }
  }

  @Test
  void network_belongsToThePodsRoot() {
    try (TestPod pod = run()) {
      assertTrue(
          pod.output(
                  "net-admin",
                  Configs.security(
                      security ->
                          security.setCapabilities(
                              Capability.newBuilder().addAddCapabilities("NET_ADMIN"))),
                  "ip link set lo mtu 9000 && cat /sys/class/net/lo/mtu")
              .contains("9000"));
    }
  }

  @Test
  void hostNetwork_isSeenAndNotOwned() {
    try (TestPod pod = run(NamespaceMode.NODE, NamespaceMode.CONTAINER)) {
      String words =
          pod.output(
              "host",
              Configs.security(
                  security ->
                      security.setCapabilities(
                          Capability.newBuilder().addAddCapabilities("NET_ADMIN"))),
              "readlink /proc/self/ns/net; ls -d /sys/class/net/lo;"
                  + " ip link set lo mtu 9000 2>&1; true");
      assertTrue(words.contains(netOfThisProcess()), words);
      assertTrue(words.contains("/sys/class/net/lo"), words);
      assertTrue(words.contains("not permitted"), words);
    }
  }

  private static String netOfThisProcess() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void sharedPids_workInThem() {
    try (TestPod pod = run(NamespaceMode.POD, NamespaceMode.POD)) {
      Consumer<ContainerConfig.Builder> shared =
          Configs.security(
              security ->
                  security.setNamespaceOptions(
                      NamespaceOption.newBuilder().setPid(NamespaceMode.POD)));
      pod.run(
          "first",
          config -> {
            config.addCommand("sleep").addCommand("1000");
            shared.accept(config);
          });
      String words = pod.output("second", shared, "ps -o pid,user,args | sed 's/  */ /g'");
      assertTrue(words.contains("pause"), words);
      assertTrue(words.contains("sleep 1000"), words);
    }
  }

  @Test
  void containerWithOtherUsersThanItsPods_isRefused() {
    UserNamespace others =
        USERS.toBuilder().setUids(0, MAPPING.toBuilder().setHostId(500000)).build();
    try (TestPod pod = run()) {
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  pod.create(
                      "other",
                      Configs.security(
                          security ->
                              security.setNamespaceOptions(
                                  NamespaceOption.newBuilder().setUsernsOptions(others)))));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      assertTrue(refused.getMessage().contains("not those of its pod"), refused.getMessage());
    }
  }

  @Test
  void modes_otherThanPodAndNodeAreRefused() {
    for (NamespaceMode mode : new NamespaceMode[] {NamespaceMode.CONTAINER, NamespaceMode.TARGET}) {
      UserNamespace users = UserNamespace.newBuilder().setMode(mode).build();
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> TestPod.run(node, pod(NamespaceMode.POD, NamespaceMode.CONTAINER, users)));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
  }

  @Test
  void terminal_belongsToTheContainersUser() {
    try (TestPod pod = run()) {
      String container =
          pod.run(
              "tty",
              Configs.security(
                      security -> security.setRunAsUser(Int64Value.newBuilder().setValue(1000)))
                  .andThen(
                      config ->
                          config
                              .setTty(true)
                              .addCommand("sh")
                              .addCommand("-c")
                              .addCommand("stat -c %u:%g $(tty); sleep 1000")));
      pod.awaitLog("tty", log -> log.stdout().contains("1000:5"));
      pod.stop(container, Duration.ZERO);
    }
  }
}
