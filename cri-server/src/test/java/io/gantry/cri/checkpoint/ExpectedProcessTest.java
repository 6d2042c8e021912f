package io.gantry.cri.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.Mount;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What may change of a container that is restored, and what may not. */
class ExpectedProcessTest {
  private static final ContainerConfig SAVED =
      ContainerConfig.newBuilder()
          .addCommand("sh")
          .addArgs("-c")
          .setWorkingDir("/srv")
          .addEnvs(variable("A", "1"))
          .addEnvs(variable("B", "2"))
          .addMounts(Mount.newBuilder().setContainerPath("/data").setHostPath("/a"))
          .setLinux(security(7))
          .putLabels("pod", "old")
          .setLogPath("old.log")
          .build();

  private static KeyValue variable(String name, String value) {
    return KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value)).build();
  }

  private static LinuxContainerConfig security(int drop) {
    return LinuxContainerConfig.newBuilder()
        .setSecurityContext(LinuxContainerSecurityContext.newBuilder().addSupplementalGroups(drop))
        .build();
  }

  private static Optional<String> difference(Consumer<ContainerConfig.Builder> change) {
    ContainerConfig.Builder asked = SAVED.toBuilder();
    change.accept(asked);
    return ExpectedProcess.difference(SAVED, asked.build());
  }

  @Test
  void processItself_mustBeWhatItWas() {
    assertEquals(Optional.of("command"), difference(config -> config.addCommand("x")));
    assertEquals(Optional.of("args"), difference(config -> config.clearArgs()));
    assertEquals(Optional.of("working_dir"), difference(config -> config.setWorkingDir("/")));
    assertEquals(Optional.of("envs"), difference(config -> config.addEnvs(variable("A", "3"))));
    assertEquals(Optional.of("stdin"), difference(config -> config.setStdin(true)));
    assertEquals(Optional.of("tty"), difference(config -> config.setTty(true)));
    assertEquals(
        Optional.of("linux.security_context"), difference(config -> config.setLinux(security(8))));
    assertEquals(
        Optional.of("mounts"),
        difference(config -> config.addMounts(Mount.newBuilder().setContainerPath("/more"))));
  }

  @Test
  void surroundings_mayChange() {
    assertEquals(Optional.empty(), difference(config -> {}));
    assertEquals(
        Optional.empty(),
        difference(
            config ->
                config
                    .clearEnvs()
                    .addEnvs(variable("B", "2"))
                    .addEnvs(variable("A", "1"))
                    .setMounts(0, Mount.newBuilder().setContainerPath("/data").setHostPath("/b"))
                    .setLinux(
                        config.getLinux().toBuilder()
                            .setResources(LinuxContainerResources.newBuilder().setCpuShares(5)))
                    .putLabels("pod", "new")
                    .setLogPath("new.log")));
  }
}
