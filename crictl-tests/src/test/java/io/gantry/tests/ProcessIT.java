package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Words, environment and directory of a container's process: the image's and the pod's, joined. */
@Tag("root")
@ParameterizedClass(name = "handler \"{0}\"")
@MethodSource("io.gantry.tests.node.RuntimeHandlers#all")
class ProcessIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Parameter String handler;

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
  void environment_ofTheConfigurationComesAfterTheImages() {
    String image =
        pushed("env", node.registry().images().marked("env").environment("A=image", "B=image"));

    assertEquals(
        "image configured hello world\n",
        run(
            image,
            config ->
                config
                    .addEnvs(variable("B", "configured"))
                    .addEnvs(variable("C", "hello world"))
                    .addAllCommand(List.of("sh", "-c", "echo $A $B $C"))));
  }

  @Test
  void workingDirectory_isMadeIfMissing() {
    assertEquals(
        "/made/for/me\n",
        run(node.busybox(), config -> config.setWorkingDir("/made/for/me").addCommand("pwd")));
  }

  @Test
  void workingDirectory_isTheImagesIfNoneIsGiven() {
    String image =
        pushed("dir", node.registry().images().marked("dir").workingDirectory("/from/image"));

    assertEquals("/from/image\n", run(image, config -> config.addCommand("pwd")));
  }

  @Test
  void nothingConfigured_runsEntrypointAndCommandOfTheImage() {
    assertEquals("entry command\n", run(echoImage(), config -> {}));
  }

  @Test
  void onlyArguments_replaceTheImagesCommand() {
    assertEquals("entry mine\n", run(echoImage(), config -> config.addArgs("mine")));
  }

  @Test
  void command_replacesEntrypointAndCommandOfTheImage() {
    assertEquals(
        "only this\n", run(echoImage(), config -> config.addCommand("echo").addArgs("only this")));
  }

  @Test
  void user_isTheImagesIfNoneIsGiven() {
    String image = pushed("user", node.registry().images().marked("user").user("www-data"));

    assertEquals("33\n", run(image, config -> config.addAllCommand(List.of("id", "-u"))));
  }

  @Test
  void processOne_hasNoDescriptorsButItsStreams() throws IOException {
    String container = pod.run("app", "sleep", "1000");

    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pod.pid(container) + "/fd"))) {
      assertEquals(
          List.of("0", "1", "2"),
          descriptors.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void processOne_hasDefaultSignalDispositionsAndNothingBlocked() {
    String status =
        run(
            node.busybox(),
            config -> config.addAllCommand(List.of("grep", "^Sig", "/proc/self/status")));

    assertEquals(0, signals(status, "SigBlk"), status);
    assertEquals(0, signals(status, "SigIgn"), status);
  }

  /** Signals 1 to 31 of a mask; those above are the C library's business. */
  private static long signals(String status, String mask) {
    String line = status.lines().filter(text -> text.startsWith(mask)).findFirst().orElseThrow();
    return Long.parseUnsignedLong(line.split("\\s+")[1], 16) & 0x7fffffffL;
  }

  private String echoImage() {
    return pushed(
        "echo",
        node.registry().images().marked("echo").entrypoint("echo", "entry").command("command"));
  }

  private String pushed(String name, TestImage image) {
    String reference = node.registry().open().reference("process/" + name + ":1");
    node.registry().open().push("process/" + name, "1", image);
    node.crictl().out("pull", reference);
    return reference;
  }

  private String run(String image, Consumer<ContainerConfig.Builder> finish) {
    String container =
        pod.run(
            "app",
            config -> {
              config.setImage(ImageSpec.newBuilder().setImage(image));
              finish.accept(config);
            });
    pod.awaitExit(container);
    return pod.log("app").stdout();
  }

  private static KeyValue variable(String name, String value) {
    return KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value)).build();
  }
}
