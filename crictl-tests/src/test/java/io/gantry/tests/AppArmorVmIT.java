package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.Capability;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ExecSyncResponse;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.cri.v1.SecurityProfile.ProfileType;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** AppArmor as it confines: what profile a process is under, and what that denies. */
@Tag("root")
@Tag("vm")
class AppArmorVmIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final String LABEL = "/proc/self/attr/current";
  private static final String DEFAULT = "gantry-default";
  private static final String LOCAL = "gantry-tests-local";
  private static final String LOCAL_PROFILE =
      """
      profile %s flags=(attach_disconnected,mediate_deleted) {
        file,
        capability,
        network,
        signal,
        deny /tmp/denied/** w,
      }
      """
          .formatted(LOCAL);

  private TestPod pod;

  @BeforeAll
  static void loadLocalProfile() {
    parser("--replace", LOCAL_PROFILE);
  }

  @AfterAll
  static void removeProfiles() {
    parser("--remove", LOCAL_PROFILE);
  }

  private static void parser(String action, String profile) {
    Command.of("apparmor_parser", action, "--skip-cache")
        .reading(profile.getBytes(StandardCharsets.UTF_8))
        .run()
        .orFail();
  }

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  @Test
  void unsaid_isTheDefaultProfileLoadedAndEnforced() throws IOException {
    String container = pod.run("app", "sleep", "1000");

    assertEquals(DEFAULT + " (enforce)", label(container));
    String loaded = Files.readString(Path.of("/sys/kernel/security/apparmor/profiles"));
    assertTrue(loaded.contains(DEFAULT + " (enforce)"), loaded);
  }

  @Test
  void runtimeDefault_deniesWhatCapabilitiesWouldAllow() {
    Consumer<ContainerConfig.Builder> powerful =
        profile(ProfileType.RuntimeDefault, "").andThen(AppArmorVmIT::withAllCapabilities);
    String container =
        pod.run("app", powerful.andThen(config -> config.addCommand("sleep").addArgs("1000")));

    ExecSyncResponse mount = pod.exec(container, "mount", "-t", "tmpfs", "none", "/tmp");
    ExecSyncResponse write = pod.exec(container, "sh", "-c", "echo 1 >/proc/sys/vm/panic_on_oom");

    assertNotEquals(0, mount.getExitCode());
    assertTrue(mount.getStderr().toStringUtf8().contains("ermission denied"), mount.toString());
    assertNotEquals(0, write.getExitCode());
    // Execs are under the profile as well.
    assertEquals(DEFAULT + " (enforce)", ownLabel(container));
  }

  @Test
  void unconfined_isUnderNoProfile() {
    Consumer<ContainerConfig.Builder> powerful =
        profile(ProfileType.Unconfined, "").andThen(AppArmorVmIT::withAllCapabilities);
    String container =
        pod.run("app", powerful.andThen(config -> config.addCommand("sleep").addArgs("1000")));

    assertEquals("unconfined", label(container));
    // The counterpart of the denial by default: nothing else stands in its way.
    assertEquals(0, pod.exec(container, "mount", "-t", "tmpfs", "none", "/tmp").getExitCode());
  }

  @Test
  void privileged_isUnconfined() {
    try (TestPod privileged =
        TestPod.run(node, Configs.podSecurity(security -> security.setPrivileged(true)))) {
      String container =
          privileged.run(
              "app",
              Configs.security(security -> security.setPrivileged(true))
                  .andThen(config -> config.addCommand("sleep").addArgs("1000")));

      assertEquals("unconfined", privileged.execOutput(container, "cat", LABEL).strip());
    }
  }

  @Test
  void localhost_isTheLoadedProfileAndItsDenialsHold() {
    String container =
        pod.run(
            "app",
            profile(ProfileType.Localhost, LOCAL)
                .andThen(
                    config ->
                        config
                            .addCommand("sh")
                            .addArgs("-c")
                            .addArgs("mkdir -p /tmp/denied /tmp/allowed && sleep 1000")));
    pod.execOutput(container, "sh", "-c", "until [ -d /tmp/allowed ]; do sleep 0.1; done");

    ExecSyncResponse denied = pod.exec(container, "touch", "/tmp/denied/file");

    assertEquals(LOCAL + " (enforce)", label(container));
    assertEquals(1, denied.getExitCode());
    assertTrue(denied.getStderr().toStringUtf8().contains("Permission denied"), denied.toString());
    assertEquals(0, pod.exec(container, "touch", "/tmp/allowed/file").getExitCode());
  }

  @Test
  void localhost_thatIsNotLoadedIsRefusedByName() {
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> pod.run("app", profile(ProfileType.Localhost, "no-such-profile")));

    String words = String.valueOf(refused.getStatus().getDescription());
    assertTrue(words.contains("no-such-profile"), words);
  }

  @Test
  void default_isLoadedAgainWhenItWasUnloaded() {
    pod.awaitExit(pod.run("first", "true"));
    Command.of("sh", "-c", "printf %s " + DEFAULT + " >/sys/kernel/security/apparmor/.remove")
        .run()
        .orFail();

    String container = pod.run("second", "sleep", "1000");

    assertEquals(DEFAULT + " (enforce)", label(container));
  }

  @Test
  void default_letsContainersStopAndBeKilled() {
    String container =
        pod.run("app", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done");

    pod.stop(container, Duration.ofSeconds(60));

    assertEquals(3, pod.status(container).getExitCode());
  }

  private String label(String container) {
    try {
      return Files.readString(Path.of("/proc/" + pod.pid(container) + "/attr/current")).strip();
    } catch (IOException e) {
      throw new AssertionError("label of " + container, e);
    }
  }

  private String ownLabel(String container) {
    return pod.execOutput(container, "cat", LABEL).strip();
  }

  private static Consumer<ContainerConfig.Builder> profile(ProfileType type, String name) {
    return Configs.security(
        security ->
            security.setApparmor(
                SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(name)));
  }

  private static void withAllCapabilities(ContainerConfig.Builder config) {
    Configs.security(
            security ->
                security
                    .setCapabilities(Capability.newBuilder().addAddCapabilities("ALL"))
                    .setSeccomp(
                        SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined)))
        .accept(config);
  }
}
