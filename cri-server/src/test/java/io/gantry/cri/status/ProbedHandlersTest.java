package io.gantry.cri.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.config.Config;
import io.gantry.cri.config.Sharing;
import io.gantry.cri.shims.Handlers;
import io.gantry.proto.cri.v1.RuntimeHandler;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbedHandlersTest {
  private static final String SHIM = "containerd-shim-runc-v2";

  @TempDir Path directory;

  private static Config.Runtime runtime(String name, String shim, String binaryName) {
    return new Config.Runtime(
        name,
        shim,
        Sharing.CONTAINER,
        Optional.of(binaryName).filter(text -> !text.isEmpty()),
        Optional.empty(),
        false);
  }

  private static KernelFeatures kernel(Syscall... missing) throws IOException {
    return KernelFeatures.probe(
        new OldKernel().without(missing).linux(), Cgroups.Version.V1, Optional.empty());
  }

  private ProbedHandlers probe(Config.Runtime runtime, KernelFeatures kernel) throws IOException {
    Config.Runtimes runtimes = new Config.Runtimes(runtime.name(), Map.of(runtime.name(), runtime));
    return ProbedHandlers.probe(
        runtimes,
        new Handlers(runtimes, directory, directory.toString(), Optional.empty()),
        kernel);
  }

  private String program(String name, String script) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
    assertTrue(file.toFile().setExecutable(true));
    return file.toString();
  }

  private static RuntimeHandler only(ProbedHandlers handlers) {
    List<RuntimeHandler> messages = handlers.messages();
    assertEquals(2, messages.size());
    assertEquals("", messages.get(0).getName(), "the default one by its empty name");
    assertEquals(messages.get(1).getFeatures(), messages.get(0).getFeatures());
    return messages.get(1);
  }

  @Test
  void gantrysOwnShim_hasWhatTheKernelHas() throws Exception {
    Config.Runtime own = runtime("gantry", Config.Runtime.OWN_SHIM, "");

    RuntimeHandler all = only(probe(own, kernel()));
    RuntimeHandler old = only(probe(own, kernel(Syscall.MOUNT_SETATTR)));

    assertTrue(all.getFeatures().getRecursiveReadOnlyMounts());
    assertTrue(all.getFeatures().getUserNamespaces());
    assertFalse(old.getFeatures().getRecursiveReadOnlyMounts());
  }

  @Test
  void missingShim_isToldInWords() throws Exception {
    ProbedHandlers handlers = probe(runtime("kata", "io.containerd.kata.v2", ""), kernel());

    String words =
        "runtime handler kata: shim containerd-shim-kata-v2 is not in PATH: install it, or give its"
            + " absolute path as shim in [runtimes.kata]";
    assertEquals(Optional.of(words), handlers.problemOfDefault());
    assertEquals(words, handlers.toJson().get("kata").get("problem").asText());
    assertFalse(handlers.toJson().get("kata").get("usable").asBoolean());
    assertFalse(only(handlers).getFeatures().getRecursiveReadOnlyMounts());
  }

  @Test
  void missingOciRuntime_isToldInWords() throws Exception {
    program(SHIM, "exit 0");

    String words =
        probe(runtime("crun", SHIM, directory + "/crun"), kernel())
            .problemOfDefault()
            .orElseThrow();

    assertTrue(
        words.startsWith(
            "runtime handler crun: the OCI runtime " + directory + "/crun cannot be run: "),
        words);
    assertTrue(words.endsWith("name another as binary_name in [runtimes.crun]"), words);
  }

  @Test
  void runtimeThatTells_hasWhatItAndTheKernelHave() throws Exception {
    program(SHIM, "exit 0");
    String runc =
        program("runc", "[ $1 = features ] && echo '{\"mountOptions\": [\"ro\", \"rro\"]}'");
    String old = program("old-runc", "echo '{\"mountOptions\": [\"ro\"]}'");

    assertTrue(
        only(probe(runtime("runc", SHIM, runc), kernel()))
            .getFeatures()
            .getRecursiveReadOnlyMounts());
    assertFalse(
        only(probe(runtime("runc", SHIM, old), kernel()))
            .getFeatures()
            .getRecursiveReadOnlyMounts());
    assertFalse(
        only(probe(runtime("runc", SHIM, runc), kernel(Syscall.MOUNT_SETATTR)))
            .getFeatures()
            .getRecursiveReadOnlyMounts());
  }

  @Test
  void otherShims_areNotSaidToHaveUserNamespaces() throws Exception {
    program(SHIM, "exit 0");
    String runc =
        program(
            "runc", "echo '{\"linux\": {\"mountExtensions\": {\"idmap\": {\"enabled\": true}}}}'");

    assertFalse(
        only(probe(runtime("runc", SHIM, runc), kernel())).getFeatures().getUserNamespaces());
  }

  @Test
  void runtimeThatDoesNotTell_isUsableWithoutFeatures() throws Exception {
    program(SHIM, "exit 0");
    for (String script : List.of("echo unknown command >&2; exit 1", "echo no JSON", "echo 1")) {
      ProbedHandlers handlers = probe(runtime("crun", SHIM, program("crun", script)), kernel());
      Files.delete(directory.resolve("crun"));

      assertEquals(Optional.empty(), handlers.problemOfDefault(), script);
      assertFalse(only(handlers).getFeatures().getRecursiveReadOnlyMounts(), script);
      assertTrue(
          handlers.toJson().get("crun").get("features").asText().startsWith("none known: "),
          script);
    }
  }

  @Test
  void runtimeThatHangs_isNotWaitedFor() throws Exception {
    String hangs = program("hangs", "exec sleep 1000");

    assertEquals(Optional.empty(), RuntimeFeatures.ask(hangs, Duration.ofMillis(100)));
  }

  @Test
  void shimThatIsNotRuncs_tellsNoFeatures() throws Exception {
    program("containerd-shim-kata-v2", "exit 0");

    ProbedHandlers handlers = probe(runtime("kata", "io.containerd.kata.v2", ""), kernel());

    assertEquals(Optional.empty(), handlers.problemOfDefault());
    assertFalse(only(handlers).getFeatures().getRecursiveReadOnlyMounts());
  }
}
