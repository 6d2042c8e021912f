package io.gantry.cri.shims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import io.gantry.cri.config.Config;
import io.gantry.cri.config.Sharing;
import io.gantry.proto.runc.v1.Options;
import io.gantry.proto.shim.v1.ForeignShim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandlersTest {
  @TempDir Path directory;

  private Config.Runtime runtime(String shim, String binaryName, String configPath) {
    return new Config.Runtime(
        "other",
        shim,
        Sharing.POD,
        Optional.of(binaryName).filter(text -> !text.isEmpty()),
        Optional.of(configPath).filter(text -> !text.isEmpty()).map(Path::of),
        false);
  }

  private Handlers handlers(Config.Runtime runtime) {
    return new Handlers(
        new Config.Runtimes("other", Map.of("other", runtime)),
        Path.of("/run/gantry/runtimes"),
        "relative:/nowhere:" + directory,
        Optional.empty());
  }

  private ForeignShim told(Config.Runtime runtime) throws Exception {
    Any options = handlers(runtime).options("").orElseThrow();
    assertEquals("gantry.shim.v1.ForeignShim", options.getTypeUrl());
    return ForeignShim.parseFrom(options.getValue());
  }

  private Path install(String name) throws IOException {
    Path file = Files.createFile(directory.resolve(name));
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  @Test
  void gantrysOwnShim_isToldNothing() throws Exception {
    assertEquals(Optional.empty(), handlers(runtime("gantry", "", "")).options("other"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"containerd-shim-runc-v2", "io.containerd.runc.v2"})
  void runcsShim_isFoundInPath_andToldItsRuntimeAndRoot(String name) throws Exception {
    Path shim = install("containerd-shim-runc-v2");

    ForeignShim told = told(runtime(name, "crun", ""));

    assertEquals(shim.toString(), told.getBinary());
    assertEquals("containerd.runc.v1.Options", told.getOptions().getTypeUrl());
    Options options = Options.parseFrom(told.getOptions().getValue());
    assertEquals("crun", options.getBinaryName());
    assertEquals("/run/gantry/runtimes/other", options.getRoot());
  }

  @Test
  void shimWithAConfigurationFile_isToldItsPath() throws Exception {
    Path shim = install("containerd-shim-runsc-v1");

    ForeignShim told = told(runtime(shim.toString(), "", "/etc/runsc.toml"));

    assertEquals("runtimeoptions.v1.Options", told.getOptions().getTypeUrl());
    assertEquals(
        "/etc/runsc.toml",
        io.gantry.proto.runtimeoptions.v1.Options.parseFrom(told.getOptions().getValue())
            .getConfigPath());
  }

  @Test
  void otherShims_areToldNoOptions() throws Exception {
    install("kata");
    assertTrue(!told(runtime("kata", "", "")).hasOptions());
  }

  @Test
  void shimThatIsNotInstalled_isNamedWithWhatToDo() {
    IOException missing =
        assertThrows(
            IOException.class,
            () -> handlers(runtime("io.containerd.kata.v2", "", "")).options(""));
    assertEquals(
        "runtime handler other: shim containerd-shim-kata-v2 is not in PATH: install it, or give its"
            + " absolute path as shim in [runtimes.other]",
        missing.getMessage());
  }
}
