package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FurtherProcessTest {
  private static final RootFiles FILES =
      path ->
          switch (path) {
            case "/etc/passwd" ->
                Optional.of("root:x:0:0::/root:/bin/sh\nweb:x:33:34::/w:/bin/sh\n");
            case "/etc/group" -> Optional.of("web:x:34:\nlogs:x:35:web\n");
            default -> Optional.empty();
          };

  @Test
  void like_isTheFirstProcessWithAnotherCommand() throws IOException {
    OciProcess process = of(FurtherProcess.like(List.of("ls"), false));
    assertEquals(List.of("ls"), process.args());
    assertEquals(first().env(), process.env());
    assertEquals(first().user(), process.user());
    assertEquals("/work", process.cwd());
    assertEquals(first().capabilities(), process.capabilities());
    assertTrue(process.noNewPrivileges());
  }

  @Test
  void environment_comesOnTopOfTheContainers() throws IOException {
    OciProcess process =
        of(new FurtherProcess(List.of("env"), List.of("B=3", "C=x=y"), "", "", false, true));
    assertEquals(List.of("A=1", "B=3", "TERM=xterm", "C=x=y"), process.env());
  }

  @Test
  void user_isFoundInTheAccountFiles() throws IOException {
    OciProcess process =
        of(new FurtherProcess(List.of("id"), List.of(), "web", "/tmp", false, false));
    assertEquals(33, process.user().uid());
    assertEquals(34, process.user().gid());
    assertTrue(process.user().additionalGids().contains(35L), () -> "" + process.user());
    assertEquals("/tmp", process.cwd());
  }

  @Test
  void user_thatIsNotThere_isRefused() {
    CriException refused =
        assertThrows(
            CriException.class,
            () -> of(new FurtherProcess(List.of("id"), List.of(), "nobody", "", false, false)));
    assertTrue(refused.getMessage().contains("nobody"), refused::getMessage);
  }

  @Test
  void privileged_hasAllThatTheMachineCanGive() throws IOException {
    OciProcess process = of(new FurtherProcess(List.of("id"), List.of(), "", "", true, false));
    assertEquals(
        Set.of("CAP_KILL", "CAP_SYS_ADMIN"), Set.copyOf(process.capabilities().get().effective()));
    assertEquals(Optional.of("unconfined"), process.apparmorProfile());
  }

  @Test
  void badWishes_areRefused() {
    assertThrows(CriException.class, () -> FurtherProcess.like(List.of(), false));
    assertThrows(
        CriException.class,
        () -> new FurtherProcess(List.of("a"), List.of("=x"), "", "", false, false));
    assertThrows(
        CriException.class,
        () -> new FurtherProcess(List.of("a"), List.of(), "", "relative", false, false));
  }

  private static OciProcess of(FurtherProcess asked) throws IOException {
    return asked.of(
        first(),
        LinuxContainerSecurityContext.getDefaultInstance(),
        FILES,
        Set.of("CAP_KILL", "CAP_SYS_ADMIN"));
  }

  private static OciProcess first() {
    List<String> kill = List.of("CAP_KILL");
    return new OciProcess(
        false,
        Optional.empty(),
        new OciUser(7, 8, OptionalInt.empty(), List.of(8L)),
        List.of("sh"),
        List.of("A=1", "B=2"),
        "/work",
        Optional.of(new OciCapabilities(kill, kill, List.of(), kill, List.of())),
        List.of(),
        true,
        Optional.of("gantry-default"),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
