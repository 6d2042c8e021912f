package io.gantry.runtime.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.bootstrap.v1.BootstrapResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignAddressTest {

  private static ForeignAddress parse(String printed) throws IOException {
    return ForeignAddress.parse(printed.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void bareAddress_meansVersion2() throws IOException {
    ForeignAddress address = parse("unix:///run/containerd/s/0af3\n");
    assertEquals(new ForeignAddress(Path.of("/run/containerd/s/0af3"), 2), address);
    assertEquals("containerd.task.v2.Task", address.service());
  }

  @Test
  void json_saysItsVersion() throws IOException {
    ForeignAddress address =
        parse(
            "{\"version\":3,\"address\":\"unix:///s\",\"protocol\":\"ttrpc\",\"metadata\":{\"a\":1}}");
    assertEquals(new ForeignAddress(Path.of("/s"), 3), address);
    assertEquals("containerd.task.v3.Task", address.service());
  }

  @Test
  void bootstrapResult_isReadToo() throws IOException {
    byte[] printed =
        BootstrapResult.newBuilder()
            .setVersion(3)
            .setAddress("unix:///s")
            .setProtocol("ttrpc")
            .build()
            .toByteArray();
    assertEquals(new ForeignAddress(Path.of("/s"), 3), ForeignAddress.parse(printed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"version\":4,\"address\":\"unix:///s\"} | version 4 of the Task API is not known",
        "{\"version\":3,\"address\":\"unix:///s\",\"protocol\":\"grpc\"} | it speaks grpc",
        "@/containerd-shim/1 | its address is \"@/containerd-shim/1\"; only unix:///PATH",
        "vsock://3:1024 | only unix:///PATH is known",
      })
  void whatCannotBeReached_isNamed(String printed, String words) {
    IOException refused = assertThrows(IOException.class, () -> parse(printed));
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }
}
