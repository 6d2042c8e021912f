package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.SELinuxOption;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Labels of SELinux on processes and files, where the kernel was booted with it ({@code
 * security=selinux}). The policy has the names of containers' labels and denies nothing that would
 * be allowed without it, and nothing is enforced.
 */
@Tag("root")
@Tag("vm")
class SeLinuxVmIT {

  private static final Path KERNEL = Path.of("/sys/fs/selinux");
  private static final Pattern CONTAINER =
      Pattern.compile("system_u:system_r:container_t:s0:(c\\d+,c\\d+)");

  /** Before the daemon starts: it looks once whether the kernel has SELinux. */
  @RegisterExtension
  @Order(1)
  static final BeforeAllCallback policy = SeLinuxVmIT::loadPolicy;

  @RegisterExtension
  @Order(2)
  static final TestNode node =
      TestNode.withBusybox(directory -> "\n[containers]\nselinux = true\n");

  private TestPod pod;

  private static void loadPolicy(ExtensionContext context) throws IOException {
    assumeTrue(
        Files.readString(Path.of("/sys/kernel/security/lsm")).contains("selinux"),
        "this kernel was not booted with SELinux");
    if (!Files.exists(KERNEL.resolve("load"))) {
      Command.of("mount", "-t", "selinuxfs", "selinuxfs", KERNEL.toString()).run().orFail();
    }
    Path binary = Files.createTempFile("policy", "");
    Path source = Files.writeString(Files.createTempFile("policy", ".conf"), policyText());
    Command.of("checkpolicy", "-M", "-U", "allow", "-o", binary.toString(), source.toString())
        .run()
        .orFail();
    // In one write, which Files.write would divide: the kernel takes a policy as a whole.
    try (FileChannel load = FileChannel.open(KERNEL.resolve("load"), StandardOpenOption.WRITE)) {
      load.write(ByteBuffer.wrap(Files.readAllBytes(binary)));
    }
  }

  private static String policyText() throws IOException {
    String categories =
        IntStream.range(0, 1024)
            .mapToObj("category c%d;"::formatted)
            .collect(Collectors.joining("\n"));
    try (InputStream text = SeLinuxVmIT.class.getResourceAsStream("/selinux-policy.conf")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8)
          .replace("@categories@", categories);
    }
  }

  @BeforeAll
  static void nothingIsEnforced() throws IOException {
    assertEquals("0", Files.readString(KERNEL.resolve("enforce")).strip());
  }

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  /** The label of a process, by the kernel. */
  private String label(String container) throws IOException {
    return text(Files.readAllBytes(Path.of("/proc/" + pod.pid(container) + "/attr/current")));
  }

  private static String text(byte[] label) {
    return new String(label, StandardCharsets.UTF_8).replace("\0", "").strip();
  }

  private static String fileLabel(Path path) throws IOException {
    return Command.of("stat", "-c", "%C", path.toString()).run().orFail().stdout().strip();
  }

  private String level(String container) throws IOException {
    String label = label(container);
    Matcher matcher = CONTAINER.matcher(label);
    assertTrue(matcher.matches(), label);
    return matcher.group(1);
  }

  @Test
  void processes_haveTheContainersTypeAndTheirPodsLevel() throws IOException {
    String one = pod.run("one", "sleep", "1000");
    String two = pod.run("two", "sleep", "1000");
    String level = level(one);

    assertEquals(level, level(two), "one level for a pod");
    assertEquals(
        "system_u:system_r:container_t:s0:" + level,
        text(
            pod.execOutput(one, "cat", "/proc/self/attr/current")
                .getBytes(StandardCharsets.UTF_8)));

    try (TestPod other = TestPod.run(node)) {
      String third = other.run("three", "sleep", "1000");
      String label =
          text(Files.readAllBytes(Path.of("/proc/" + other.pid(third) + "/attr/current")));
      Matcher matcher = CONTAINER.matcher(label);
      assertTrue(matcher.matches(), label);
      assertNotEquals(level, matcher.group(1), "another pod, another level");
    }
  }

  @Test
  void rootAndShm_haveTheFilesTypeAndTheSameLevel() throws IOException {
    String container = pod.run("app", "sleep", "1000");
    String expected = "system_u:object_r:container_file_t:s0:" + level(container);

    String mounts = pod.execOutput(container, "cat", "/proc/self/mountinfo");
    for (String target : new String[] {"/", "/dev"}) {
      String line =
          mounts
              .lines()
              .filter(mount -> mount.split(" ")[4].equals(target))
              .reduce((first, second) -> second)
              .orElseThrow(() -> new AssertionError("nothing at " + target + "\n" + mounts));
      assertTrue(line.contains("context=\"" + expected + "\""), line);
    }
    // The pod's own file system, which was there before the container: its root has the label.
    assertEquals(expected, fileLabel(pod.inside(container, "/dev/shm")));
  }

  @Test
  void relabelledMount_isLabelledOnTheHost_othersAreNot() throws IOException {
    Path given = Files.createDirectories(node.directory().scratch().resolve("given"));
    Path file = Files.writeString(given.resolve("file"), "x");
    Path kept = Files.createDirectories(node.directory().scratch().resolve("kept"));
    final String before = fileLabel(kept);

    String container =
        pod.run(
            "app",
            config ->
                config
                    .addCommand("sleep")
                    .addArgs("1000")
                    .addMounts(
                        Mount.newBuilder()
                            .setHostPath(given.toString())
                            .setContainerPath("/given")
                            .setSelinuxRelabel(true))
                    .addMounts(
                        Mount.newBuilder().setHostPath(kept.toString()).setContainerPath("/kept")));

    String expected = "system_u:object_r:container_file_t:s0:" + level(container);
    assertEquals(expected, fileLabel(given));
    assertEquals(expected, fileLabel(file));
    assertEquals(before, fileLabel(kept));
  }

  @Test
  void labelOfTheRequest_isTheProcesss() throws IOException {
    String container =
        pod.run(
            "app",
            Configs.security(
                    security ->
                        security.setSelinuxOptions(
                            SELinuxOption.newBuilder()
                                .setUser("system_u")
                                .setRole("system_r")
                                .setType("container_t")
                                .setLevel("s0:c7,c11")))
                .andThen(config -> config.addCommand("sleep").addArgs("1000")));

    assertEquals("system_u:system_r:container_t:s0:c7,c11", label(container));
  }
}
