package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.cri.container.ContainerRecord.ImageInUse;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerUser;
import io.gantry.proto.cri.v1.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerRecordsTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00.123456789Z");

  static Stream<State> states() {
    return Stream.of(
        new State.Making(),
        new State.Created(),
        new State.Running(7, AT),
        new State.Exited(Optional.of(AT), AT, 3, ExitReason.ERROR, "m"),
        new State.Exited(Optional.empty(), AT, 128, ExitReason.START_ERROR, ""),
        new State.Unknown("why"));
  }

  @ParameterizedTest
  @MethodSource("states")
  void read_givesBackWhatWasWritten(State state) throws IOException {
    ContainerRecord record =
        new ContainerRecord(
            "c",
            "p",
            "kata",
            Rig.config("web").setTty(true).putLabels("a", "b").build(),
            new ImageInUse("sha256:1", "busybox:latest", "busybox@sha256:1"),
            LinuxContainerUser.newBuilder().setUid(1).addSupplementalGroups(2).build(),
            Signal.SIGNAL_SIGINT,
            Optional.of(Path.of("/var/log/x.log")),
            LinuxContainerResources.newBuilder().setCpuShares(2).build(),
            AT,
            Optional.of("unix:///s"),
            state);
    ContainerRecords format = new ContainerRecords();
    assertEquals(record, format.read(format.write(record), 1));
    ContainerRecord bare =
        new ContainerRecord(
            "c",
            "p",
            "kata",
            record.config(),
            record.image(),
            record.user(),
            record.stopSignal(),
            Optional.empty(),
            record.resources(),
            AT,
            Optional.empty(),
            state);
    assertEquals(bare, format.read(format.write(bare), 1));
  }
}
