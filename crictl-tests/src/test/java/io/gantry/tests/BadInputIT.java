package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.ImageStatusRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.tests.node.CrictlFiles;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Crictl;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person is told who asks for what cannot be had: every message names it and says why. */
@Tag("root")
class BadInputIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final String UNKNOWN = "0123456789abcdef0123456789abcdef";

  private final CrictlFiles files = new CrictlFiles(node);

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @Test
  void pull_ofAnImageThatIsNotThere() {
    String reference = node.registry().open().reference("test/nothing:1");

    assertWords(
        node.crictl().runtimeRefusal("pull", reference), "test/nothing:1", "code = NotFound");
  }

  @Test
  void pull_ofATagThatIsNotThere() {
    String reference = node.registry().open().reference("test/busybox:no-such-tag");

    assertWords(node.crictl().runtimeRefusal("pull", reference), "no-such-tag", "code = NotFound");
  }

  @Test
  void pull_fromARegistryThatIsNotThere() {
    // Port 9 (discard) of the loopback: nobody listens, so the answer is immediate.
    node.directory().mirror("127.0.0.1:9", "http://127.0.0.1:9");

    assertWords(
        node.crictl().runtimeRefusal("pull", "127.0.0.1:9/test/busybox:1"),
        "127.0.0.1:9",
        "refused");
  }

  @Test
  void pull_fromAHostWithoutAddress() {
    // RFC 6761 reserves .invalid: no resolver knows it.
    assertWords(
        node.crictl().runtimeRefusal("pull", "registry.gantry.invalid/test/busybox:1"),
        "registry.gantry.invalid");
  }

  @Test
  void pull_ofABadReference() {
    for (String bad : List.of("UPPER/Case:1", "name:bad:tag", "a//b", "name@sha256:short")) {
      assertWords(node.crictl().runtimeRefusal("pull", bad), bad, "invalid");
    }
  }

  @Test
  void pull_byADigestThatIsNotThere() {
    String digest = "sha256:" + "0".repeat(64);

    assertWords(
        node.crictl()
            .runtimeRefusal("pull", node.registry().open().reference("test/busybox@" + digest)),
        digest,
        "code = NotFound");
  }

  @Test
  void pull_ofAnImageForOtherMachinesOnly() {
    TestImage foreign = node.registry().images().marked("foreign").architecture("s390x");
    node.registry().open().pushIndex("test/foreign", "1", foreign.format(), List.of(foreign));

    assertWords(
        node.crictl().runtimeRefusal("pull", node.registry().open().reference("test/foreign:1")),
        "test/foreign:1");
  }

  @Test
  void inspecti_ofAnUnknownImage() {
    assertWords(node.crictl().refusal("inspecti", "no-such-image:1"), "no-such-image:1");
    // The words above are crictl's; of the runtime it heard that there is none, which is no error.
    assertFalse(
        node.cri()
            .images()
            .imageStatus(
                ImageStatusRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage("no-such-image:1"))
                    .build())
            .hasImage());
  }

  @Test
  void create_fromAnImageThatIsNotPulled() {
    String pod = node.crictl().out("runp", files.pod("pod").toString());
    int cgroups = cgroups();

    String words =
        create(pod, "app", Map.of("image", Map.of("image", "localhost/not-pulled:1")), "true");

    assertWords(words, "localhost/not-pulled:1", "code = NotFound");
    assertEquals("", node.crictl().out("ps", "-a", "-q"));
    assertEquals(cgroups, cgroups());
  }

  @Test
  void create_inAPodThatIsNotThere() {
    assertWords(create(UNKNOWN, "app", Map.of(), "true"), UNKNOWN, "code = NotFound");
  }

  @Test
  void create_withAMountWhoseSourceIsMissing() {
    // containerd makes a directory instead, against the words of the CRI (Mount.host_path).
    assumeTrue(TestNode.isGantry());
    String pod = node.crictl().out("runp", files.pod("pod").toString());
    int cgroups = cgroups();
    Map<String, Object> mount = Map.of("host_path", "/no/such/source", "container_path", "/data");

    String words = create(pod, "app", Map.of("mounts", List.of(mount)), "true");

    assertWords(words, "/no/such/source", "/data", "does not exist");
    assertEquals("", node.crictl().out("ps", "-a", "-q"));
    assertEquals(cgroups, cgroups());
  }

  @Test
  void start_ofACommandThatIsNotInTheImage() {
    String pod = node.crictl().out("runp", files.pod("pod").toString());
    String container =
        node.crictl()
            .out(
                "create",
                pod,
                files.container("app", "/no/such/program", "x").toString(),
                files.pod("pod").toString());

    String words = node.crictl().runtimeRefusal("start", container);

    assertWords(words, "/no/such/program", "no such file");
    var status = node.crictl().json("inspect", container).get("status");
    assertEquals("CONTAINER_EXITED", status.get("state").asText());
    assertEquals("StartError", status.get("reason").asText());
    assertEquals(128, status.get("exitCode").asInt());
    assertWords(status.get("message").asText(), "/no/such/program");
  }

  @Test
  void start_inAWorkingDirectoryThatIsAFile() {
    String pod = node.crictl().out("runp", files.pod("pod").toString());
    Map<String, Object> more = Map.of("working_dir", "/etc/passwd");
    var created =
        node.crictl()
            .run(
                "create",
                pod,
                files.container("app", more, "true").toString(),
                files.pod("pod").toString());

    String words =
        created.succeeded()
            ? node.crictl().runtimeRefusal("start", created.stdout().strip())
            : Crictl.runtimeWords(created.stderr());

    assertWords(words, "/etc/passwd");
  }

  @Test
  void start_ofAContainerThatIsNotThere() {
    assertWords(node.crictl().runtimeRefusal("start", UNKNOWN), UNKNOWN, "code = NotFound");
  }

  @Test
  void start_ofARunningContainerIsRefused() {
    String pod = node.crictl().out("runp", files.pod("pod").toString());
    String container =
        node.crictl()
            .out(
                "create",
                pod,
                files.container("app", "sleep", "1000").toString(),
                files.pod("pod").toString());
    node.crictl().out("start", container);

    assertWords(node.crictl().runtimeRefusal("start", container), "running");
  }

  @Test
  void inspect_exec_logs_ofAContainerThatIsNotThere() {
    assertWords(node.crictl().runtimeRefusal("inspect", UNKNOWN), UNKNOWN);
    assertWords(node.crictl().runtimeRefusal("exec", "-s", UNKNOWN, "true"), UNKNOWN);
    assertWords(node.crictl().runtimeRefusal("logs", UNKNOWN), UNKNOWN);
  }

  @Test
  void inspectp_ofAPodThatIsNotThere() {
    assertWords(node.crictl().runtimeRefusal("inspectp", UNKNOWN), "code = NotFound");
  }

  @Test
  void runp_withoutMetadataIsRefused() {
    // Not by crictl, which refuses such a file itself.
    var refusal =
        assertThrows(
            StatusRuntimeException.class,
            () -> node.cri().runtime().runPodSandbox(RunPodSandboxRequest.getDefaultInstance()));

    assertWords(refusal.getMessage(), "INVALID_ARGUMENT", "metadata");
    assertEquals("", node.crictl().out("pods", "-q"));
  }

  @Test
  void runp_ofAnUnknownRuntimeHandlerLeavesNothing() {
    String words =
        node.crictl()
            .runtimeRefusal("runp", "--runtime", "no-such-handler", files.pod("pod").toString());

    assertWords(words, "no-such-handler");
    assertEquals("", node.crictl().out("pods", "-q"));
    assertEquals(0, Leftovers.of(node.directory()).count("interfaces"));
  }

  /** Creates a container, which must fail, and returns the words. */
  private String create(String pod, String name, Map<String, Object> more, String... command) {
    return node.crictl()
        .runtimeRefusal(
            "create",
            "--no-pull",
            pod,
            files.container(name, more, command).toString(),
            files.pod("pod").toString());
  }

  private static int cgroups() {
    return Leftovers.of(node.directory()).count("cgroups");
  }

  private static void assertWords(String message, String... words) {
    for (String word : words) {
      assertTrue(
          message.toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT)),
          () -> "'" + word + "' is not in: " + message);
    }
  }
}
