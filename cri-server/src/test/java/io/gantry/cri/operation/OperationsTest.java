package io.gantry.cri.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.proto.cri.v1.AuthConfig;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.cri.v1.VersionRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private final Operations operations = new Operations();

  @Test
  void inFlight_holdsWhatHasNotEndedOldestFirst() {
    Operation first = operations.begin("a", VersionRequest.getDefaultInstance());
    Operation second = operations.begin("b", VersionRequest.getDefaultInstance());
    assertEquals(List.of(first, second), operations.inFlight());
    first.close();
    assertEquals(List.of(second), operations.inFlight());
  }

  @Test
  void phase_isThatOfTheContextsOperation() throws Exception {
    Operation one = operations.begin("a", VersionRequest.getDefaultInstance());
    Operation other = operations.begin("a", VersionRequest.getDefaultInstance());
    one.context().run(() -> Phase.begins("network"));
    Phase.begins("nobody's");
    assertEquals("network", one.phase());
    assertEquals("", other.phase());
  }

  @Test
  void subject_isTheIdThatTheRequestNames() {
    assertEquals(
        "c1",
        operations
            .begin("a", StopContainerRequest.newBuilder().setContainerId("c1").build())
            .subject());
  }

  @Test
  void subject_isTheNameOfWhatIsToBeMade() {
    PodSandboxMetadata web =
        PodSandboxMetadata.newBuilder().setNamespace("default").setName("web").build();
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(PodSandboxConfig.newBuilder().setMetadata(web))
            .build();
    assertEquals("default web", operations.begin("a", request).subject());
  }

  @Test
  void subject_tellsNoSecrets() {
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage("busybox"))
            .setAuth(AuthConfig.newBuilder().setUsername("u").setPassword("p"))
            .build();
    assertEquals("busybox", operations.begin("a", request).subject());
  }
}
