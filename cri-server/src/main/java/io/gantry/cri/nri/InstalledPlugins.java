package io.gantry.cri.nri;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the plugins that are installed on the node; one that does not start is logged. */
final class InstalledPlugins {
  private static final Logger log = LoggerFactory.getLogger(InstalledPlugins.class);

  private final NriSettings settings;
  private final PluginLauncher launcher;
  private final Admission admission;
  private final Executor executor;

  InstalledPlugins(
      NriSettings settings, PluginLauncher launcher, Admission admission, Executor executor) {
    this.settings = settings;
    this.launcher = launcher;
    this.admission = admission;
    this.executor = executor;
  }

  /**
   * Starts them all at once and waits until each has been taken in or has failed: the first pod is
   * theirs, too.
   */
  void start() {
    List<CompletableFuture<Void>> starting = new ArrayList<>();
    for (Path program : programs()) {
      starting.add(CompletableFuture.runAsync(() -> start(program), executor));
    }
    CompletableFuture.allOf(starting.toArray(CompletableFuture[]::new)).join();
  }

  private List<Path> programs() {
    List<Path> programs = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(settings.pluginDirectory())) {
      for (Path file : files) {
        if (Files.isRegularFile(file) && Files.isExecutable(file)) {
          programs.add(file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException none) {
      return List.of();
    } catch (IOException e) {
      log.atWarn().addKeyValue("error", e.getMessage()).log("installed NRI plugins not found out");
    }
    return programs;
  }

  private void start(Path program) {
    try {
      PluginName name = PluginName.ofFile(program.getFileName().toString());
      admit(program, name, configuration(name));
    } catch (IOException | IllegalArgumentException e) {
      log.atWarn()
          .addKeyValue("plugin", program)
          .addKeyValue("error", e.getMessage())
          .log("installed NRI plugin not started");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void admit(Path program, PluginName name, String config)
      throws IOException, InterruptedException {
    PluginLauncher.Launched launched =
        launcher.launch(
            program,
            Map.of(
                "NRI_PLUGIN_NAME",
                name.base(),
                "NRI_PLUGIN_IDX",
                name.index(),
                "NRI_PLUGIN_SOCKET",
                Integer.toString(PluginLauncher.DESCRIPTOR)));
    boolean admitted = false;
    try {
      Plugin plugin = admission.admit(launched.connection(), name, config);
      plugin.closed().thenRun(launched::kill);
      admitted = true;
    } finally {
      if (!admitted) {
        launched.kill();
      }
    }
  }

  /** Its own, else the one of all plugins of its name; "" if there is none. */
  private String configuration(PluginName name) throws IOException {
    for (String file : List.of(name + ".conf", name.base() + ".conf")) {
      try {
        return Files.readString(settings.configDirectory().resolve(file));
      } catch (NoSuchFileException none) {
        log.atDebug().addKeyValue("file", file).log("no such configuration");
      }
    }
    return "";
  }
}
