package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.Capability;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.Int64Value;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.cri.v1.SupplementalGroupsPolicy;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.RuntimeHandlers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Who a container's process is and what it may do, as the process itself sees it. */
@Tag("root")
@ParameterizedClass(name = "handler \"{0}\"")
@MethodSource("io.gantry.tests.node.RuntimeHandlers#all")
class SecurityIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Parameter String handler;

  // capability.h: chown 0 ... audit_write 29 ... The default set of every common runtime.
  private static final long DEFAULT_CAPABILITIES = 0xa80425fbL;
  private static final long NET_ADMIN = 1L << 12;
  private static final long CHOWN = 1L;

  private TestPod pod;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node, handler);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  @Test
  void runAsUserAndGroup_areTheProcesssIds() {
    assertEquals(
        "1000 1001\n",
        output(
            security ->
                security
                    .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                    .setRunAsGroup(Int64Value.newBuilder().setValue(1001)),
            "echo $(id -u) $(id -g)"));
  }

  @Test
  void runAsUsername_isLookedUpInTheImage() {
    assertEquals(
        "33 33\n",
        output(security -> security.setRunAsUsername("www-data"), "echo $(id -u) $(id -g)"));
  }

  @Test
  void runAsGroup_withoutUserIsRefused() {
    var refusal =
        Assertions.assertThrows(
            StatusRuntimeException.class,
            () ->
                output(
                    security -> security.setRunAsGroup(Int64Value.newBuilder().setValue(1001)),
                    "true"));
    assertTrue(refusal.getMessage().contains("user"), refusal.getMessage());
  }

  @Test
  void supplementalGroups_areAdded() {
    assertEquals(
        "0 1234 5678\n",
        output(
            security -> security.addSupplementalGroups(1234).addSupplementalGroups(5678),
            "id -G | tr ' ' '\\n' | sort -n | uniq | tr '\\n' ' ' | sed 's/ $/\\n/'"));
  }

  @Test
  void capabilities_areTheDefaultSet() {
    assertEquals(DEFAULT_CAPABILITIES, capabilities(security -> {}, "CapEff"));
    assertEquals(DEFAULT_CAPABILITIES, capabilities(security -> {}, "CapBnd"));
    assertEquals(0, capabilities(security -> {}, "CapAmb"));
  }

  @Test
  void capabilities_areAddedAndDropped() {
    long changed =
        capabilities(
            security ->
                security.setCapabilities(
                    Capability.newBuilder()
                        .addAddCapabilities("NET_ADMIN")
                        .addDropCapabilities("CHOWN")),
            "CapEff");

    assertEquals((DEFAULT_CAPABILITIES | NET_ADMIN) & ~CHOWN, changed);
  }

  @Test
  void capabilities_dropAllLeavesNone() {
    Capability none = Capability.newBuilder().addDropCapabilities("ALL").build();

    assertEquals(0, capabilities(security -> security.setCapabilities(none), "CapBnd"));
  }

  @Test
  void capabilities_ofANonRootUserAreNotEffective() {
    assertEquals(
        0,
        capabilities(
            security -> security.setRunAsUser(Int64Value.newBuilder().setValue(1000)), "CapEff"));
  }

  @Test
  void readOnlyRoot_refusesWritesButKeepsMountsWritable() {
    String words =
        output(
            security -> security.setReadonlyRootfs(true),
            "touch /file 2>&1 || echo refused; touch /dev/shm/file && echo written");

    assertTrue(words.contains("Read-only file system"), words);
    assertTrue(words.endsWith("refused\nwritten\n"), words);
  }

  @Test
  void noNewPrivileges_isSetWhenAskedFor() {
    assertEquals("1", statusLine(security -> security.setNoNewPrivs(true), "NoNewPrivs"));
    assertEquals("0", statusLine(security -> {}, "NoNewPrivs"));
  }

  @Test
  void seccompRuntimeDefault_filtersSystemCalls() {
    SecurityProfile profile =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
            .build();

    assertEquals("2", statusLine(security -> security.setSeccomp(profile), "Seccomp"));
    // unshare(2) of a user namespace needs no capability, so only the filter can refuse it.
    assertEquals(
        "refused\n",
        output(
            security -> security.setSeccomp(profile),
            "unshare -U true 2>/dev/null && echo allowed || echo refused"));
  }

  @Test
  void seccompUnconfined_hasNoFilter() {
    SecurityProfile profile =
        SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.Unconfined).build();

    assertEquals("0", statusLine(security -> security.setSeccomp(profile), "Seccomp"));
  }

  @Test
  void seccompLocalhost_appliesTheFilesProfile() {
    String file =
        node.directory()
            .write(
                "no-mkdir.json",
                """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
                """)
            .toString();
    SecurityProfile profile =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.Localhost)
            .setLocalhostRef(file)
            .build();

    assertEquals(
        "refused\n",
        output(
            security -> security.setSeccomp(profile),
            "mkdir /tmp/x 2>/dev/null && echo made || echo refused"));
  }

  @Test
  void maskedAndReadOnlyPaths_areAsTheConfigurationSays() {
    String words =
        output(
            security -> security.addMaskedPaths("/proc/version").addReadonlyPaths("/proc/sys"),
            "wc -c < /proc/version; echo 64 > /proc/sys/net/ipv4/ip_default_ttl || echo refused");

    assertEquals("0\nrefused\n", words);
  }

  @Test
  void noMaskedAndReadOnlyPaths_leaveProcAsItIs() {
    // What the kubelet sends for procMount: Unmasked.
    assertEquals(
        "0\nwritten\n",
        output(
            security -> security.clearMaskedPaths().clearReadonlyPaths(),
            "grep -c ' /proc/' /proc/self/mountinfo;"
                + " echo 64 > /proc/sys/net/ipv4/ip_default_ttl && echo written"));
  }

  @Test
  void supplementalGroupsPolicy_strictLeavesTheImagesGroupsOut() {
    String image = node.registry().open().reference("security/groups:1");
    node.registry().open().push("security/groups", "1", node.registry().images().memberOfGroup());
    node.crictl().out("pull", image);

    assertEquals("1000 50000\n", groups(image, SupplementalGroupsPolicy.Merge));
    assertEquals("1000\n", groups(image, SupplementalGroupsPolicy.Strict));
  }

  @Test
  void seccompNotify_isRefusedInWords() {
    assumeTrue(handler.equals(RuntimeHandlers.DEFAULT), "runc and crun do it in their own way");
    String file =
        node.directory()
            .write(
                "notify.json",
                """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}
                """)
            .toString();
    SecurityProfile profile =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.Localhost)
            .setLocalhostRef(file)
            .build();

    var refusal =
        Assertions.assertThrows(
            StatusRuntimeException.class,
            () -> output(security -> security.setSeccomp(profile), "true"));

    assertTrue(refusal.getMessage().contains("SCMP_ACT_NOTIFY"), refusal.getMessage());
  }

  @Test
  void privileged_hasAllCapabilitiesAndTheHostsDevices() throws IOException {
    try (TestPod privileged =
        TestPod.run(node, handler, Configs.podSecurity(security -> security.setPrivileged(true)))) {
      String words =
          privileged.output(
              "privileged",
              Configs.security(security -> security.setPrivileged(true)),
              "grep CapEff /proc/self/status; ls /dev/kmsg; mount -t tmpfs none /mnt 2>&1 || "
                  + "{ mkdir -p /mnt && mount -t tmpfs none /mnt; } && echo mounted");

      long effective = Long.parseLong(words.lines().findFirst().orElseThrow().split("\\s+")[1], 16);
      assertEquals(capabilitiesOfThisMachine(), effective, words);
      assertTrue(words.contains("/dev/kmsg"), words);
      assertTrue(words.endsWith("mounted\n"), words);
    }
  }

  /** All that a process started here can have. */
  private static long capabilitiesOfThisMachine() throws IOException {
    String bounds =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapBnd:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(bounds.split("\\s+")[1], 16);
  }

  @Test
  void unprivileged_cannotMountNorSeeTheHostsDevices() {
    String words =
        output(security -> {}, "ls /dev/kmsg 2>&1; mkdir /m; mount -t tmpfs none /m 2>&1; true");

    assertTrue(words.contains("/dev/kmsg: No such file"), words);
    assertFalse(words.contains("mounted"), words);
    assertTrue(words.contains("mount: "), words);
  }

  private long capabilities(Consumer<LinuxContainerSecurityContext.Builder> finish, String set) {
    return Long.parseLong(statusLine(finish, set), 16);
  }

  private String statusLine(Consumer<LinuxContainerSecurityContext.Builder> finish, String key) {
    return output(finish, "grep ^" + key + ": /proc/self/status").split("\\s+")[1];
  }

  private String groups(String image, SupplementalGroupsPolicy policy) {
    return pod.output(
        "c" + System.nanoTime(),
        Configs.security(security -> security.setSupplementalGroupsPolicy(policy))
            .andThen(config -> config.setImage(ImageSpec.newBuilder().setImage(image))),
        "echo $(id -G | tr ' ' '\\n' | sort -n | uniq)");
  }

  private String output(Consumer<LinuxContainerSecurityContext.Builder> finish, String script) {
    String name = "c" + System.nanoTime();
    return pod.output(name, Configs.security(finish), script);
  }
}
