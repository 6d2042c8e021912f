package io.gantry.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.schema.FileSchema;
import io.gantry.proto.schema.MessageSchema;
import io.grpc.MethodDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@link FuzzIT} sends: every request of the CRI, and every kind of hostility. */
class FuzzCoverageTest {
  private static final HostileText TEXTS =
      new HostileText("p".repeat(64), "c".repeat(64), "image:1", "/inside", "/cgroup", "token");

  private static final Shapes shapes = Shapes.load();

  private static Set<String> sorted(Stream<String> names) {
    return names.collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyRequestMessageOfTheCri_isSent() {
    Set<String> requests =
        sorted(
            shapes.files().getFileList().stream()
                .filter(file -> file.getPackage().equals("runtime.v1"))
                .map(FileSchema::getMessageTypeList)
                .flatMap(Collection::stream)
                .map(MessageSchema::getName)
                .filter(name -> name.endsWith("Request"))
                .map(name -> "runtime.v1." + name));

    assertTrue(requests.contains("runtime.v1.RunPodSandboxRequest"), requests::toString);
    assertEquals(requests, sorted(Rpc.all(shapes.files()).stream().map(Rpc::requestType)));
  }

  @Test
  void everyRpcThatTheDaemonServes_isCalled() {
    assertEquals(
        sorted(
            Stream.of(
                    RuntimeServiceGrpc.getServiceDescriptor(),
                    ImageServiceGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .map(MethodDescriptor::getFullMethodName)),
        sorted(Rpc.all(shapes.files()).stream().map(Rpc::fullName)));
  }

  private static HostileMessages messages(Rpc rpc) {
    return new HostileMessages(shapes, TEXTS, new Random(rpc.name().hashCode()));
  }

  @Test
  void everyRpc_isSentNothing_andGroupsInGroups() {
    for (Rpc rpc : Rpc.all(shapes.files())) {
      HostileMessages messages = messages(rpc);
      List<byte[]> first =
          IntStream.range(0, HostileMessages.KINDS)
              .mapToObj(i -> messages.next(rpc.requestType(), new byte[] {10, 1, 'x'}))
              .toList();

      assertTrue(first.stream().anyMatch(message -> message.length == 0), rpc::toString);
      assertTrue(first.stream().anyMatch(message -> message.length == 20_000), rpc::toString);
    }
  }

  @Test
  void everyRequestWithTexts_isSentEachTextThatTriesToGetOut() {
    for (Rpc rpc : Rpc.all(shapes.files())) {
      if (hasTexts(rpc.requestType(), 0)) {
        HostileMessages messages = messages(rpc);
        String all =
            IntStream.range(0, FuzzIT.MESSAGES)
                .mapToObj(i -> messages.next(rpc.requestType(), new byte[0]))
                .map(message -> new String(message, StandardCharsets.ISO_8859_1))
                .collect(Collectors.joining());

        for (String trick : TEXTS.tricks()) {
          assertTrue(all.contains(trick), () -> rpc + " never has " + shortened(trick));
        }
      }
    }
  }

  private static String shortened(String text) {
    return text.substring(0, Math.min(text.length(), 40));
  }

  private static boolean hasTexts(String type, int depth) {
    MessageSchema shape = shapes.message(type);
    return shape != null
        && depth < 3
        && shape.getFieldList().stream()
            .anyMatch(
                field ->
                    switch (field.getType()) {
                      case TYPE_STRING -> true;
                      case TYPE_MESSAGE -> hasTexts(field.getTypeName().substring(1), depth + 1);
                      default -> false;
                    });
  }
}
