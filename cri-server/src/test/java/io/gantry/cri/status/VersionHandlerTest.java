package io.gantry.cri.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.cri.v1.VersionResponse;
import org.junit.jupiter.api.Test;

class VersionHandlerTest {
  @Test
  void version_isWhatKubeletsCompare() {
    assertEquals(
        VersionResponse.newBuilder()
            .setVersion("0.1.0")
            .setRuntimeName("gantry")
            .setRuntimeVersion("1.2.3")
            .setRuntimeApiVersion("v1")
            .build(),
        new VersionHandler("1.2.3").handle(VersionRequest.getDefaultInstance()));
  }
}
