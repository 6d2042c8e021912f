package io.gantry.cri.nri;

import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts plugins with a connection already made. Java cannot hand a descriptor to a program that it
 * starts, but a launch plan can: the child connects before it becomes the program.
 */
public final class LinuxPluginLauncher implements PluginLauncher {
  private static final Logger log = LoggerFactory.getLogger(LinuxPluginLauncher.class);

  private static final int SIGKILL = 9;

  private final Linux linux;
  private final Launcher launcher;
  private final Path directory;

  /**
   * @param directory for a socket that exists while a plugin is started; nobody else's to write
   */
  public LinuxPluginLauncher(Linux linux, Launcher launcher, Path directory) {
    this.linux = linux;
    this.launcher = launcher;
    this.directory = directory;
  }

  @Override
  public Launched launch(Path program, Map<String, String> environment) throws IOException {
    Path path = directory.resolve("nri-" + program.getFileName().toString().hashCode() + ".sock");
    Files.deleteIfExists(path);
    SocketChannel connection = null;
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      var process =
          launcher.launch(plan(program, environment, path, nothing), CloneOptions.plain());
      Running running = new Running(process.pidfd());
      running.reap(program);
      // The child has connected, or the launch would have failed.
      connection = listener.accept();
      running.connection = connection;
      return running;
    } catch (IOException e) {
      throw new IOException("launch NRI plugin " + program + ": " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(path);
    }
  }

  private static LaunchPlan plan(
      Path program, Map<String, String> environment, Path socket, Fd nothing) {
    List<String> variables = new ArrayList<>();
    environment.forEach((key, value) -> variables.add(key + "=" + value));
    LaunchPlanBuilder plan = LaunchPlan.builder();
    plan.newSession()
        .standardStreams(nothing.number(), nothing.number(), nothing.number())
        .closeDescriptorsFrom(DESCRIPTOR)
        .connect(socket.toString(), DESCRIPTOR)
        .closeDescriptorsFrom(DESCRIPTOR + 1);
    return plan.execute(program.toString(), List.of(program.toString()), variables, List.of());
  }

  /** A plugin's process. */
  private final class Running implements Launched {
    private final Fd pidfd;
    private volatile SocketChannel connection;
    private boolean ended; // guarded by this

    Running(Fd pidfd) {
      this.pidfd = pidfd;
    }

    private void reap(Path program) {
      Thread reaper = new Thread(() -> await(program), "nri-plugin-" + program.getFileName());
      reaper.setDaemon(true);
      reaper.start();
    }

    private void await(Path program) {
      try {
        var status = linux.processes().await(pidfd);
        log.atInfo()
            .addKeyValue("plugin", program)
            .addKeyValue("status", status)
            .log("NRI plugin ended");
      } catch (LinuxException e) {
        log.atWarn()
            .addKeyValue("plugin", program)
            .addKeyValue("error", e.getMessage())
            .log("NRI plugin not reaped");
      }
      synchronized (this) {
        ended = true;
        pidfd.close();
      }
    }

    @Override
    public ByteChannel connection() {
      return connection;
    }

    @Override
    public synchronized void kill() {
      if (ended) {
        return;
      }
      try {
        linux.processes().signal(pidfd, SIGKILL);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ESRCH) {
          log.atWarn().addKeyValue("error", e.getMessage()).log("NRI plugin not killed");
        }
      }
    }
  }
}
