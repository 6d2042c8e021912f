package io.gantry.tests.node;

import io.gantry.tests.cri.CriClient;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * gantryd as systemd runs it by the unit of the distribution, which is installed where that expects
 * it. There is one per machine, so this is for a machine of the tests' own.
 */
public final class Service implements RuntimeUnderTest {

  public static final String UNIT = "gantry.service";

  private static final Path HOME = Path.of("/opt/gantry");
  private static final Path MORE = Path.of("/etc/systemd/system/gantry.service.d/test.conf");
  private static final Duration READY = Duration.ofSeconds(60);
  private static final Duration SYSTEMCTL = Duration.ofSeconds(180);

  private final NodeDirectory directory;

  private Service(NodeDirectory directory) {
    this.directory = directory;
  }

  /** The one that an earlier boot has installed, enabled and started. */
  static Service installed(NodeDirectory directory) {
    return new Service(directory);
  }

  /**
   * Installs it; it is not started yet.
   *
   * @param arguments of gantryd
   */
  static Service install(NodeDirectory directory, List<String> arguments) {
    try {
      if (!Files.exists(HOME)) {
        Command.of("cp", "-r", Checkout.distribution().toString(), HOME.toString()).run().orFail();
      }
      Files.createDirectories(MORE.getParent());
      Files.writeString(
          MORE,
          """
          [Service]
          Environment="GANTRYD_JAVA_OPTS=%s"
          ExecStart=
          ExecStart=%s %s
          """
              .formatted(
                  // An archive of classes is good for the jars of one place only.
                  System.getenv()
                      .getOrDefault("GANTRYD_JAVA_OPTS", "")
                      .replaceAll("-XX:SharedArchiveFile=\\S*", "")
                      .strip(),
                  HOME.resolve("bin/gantryd"),
                  String.join(" ", arguments)));
    } catch (IOException e) {
      throw new UncheckedIOException("write " + MORE, e);
    }
    systemctl("daemon-reload");
    systemctl("enable", HOME.resolve("lib/systemd/" + UNIT).toString());
    return new Service(directory);
  }

  /** Takes it off the machine. */
  static void uninstall() {
    systemctl("stop", UNIT);
    // It forgets a unit that is only linked, which then could not be stopped any more.
    systemctl("disable", UNIT);
    try {
      Files.deleteIfExists(MORE);
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + MORE, e);
    }
    systemctl("daemon-reload");
  }

  public static String systemctl(String... words) {
    List<String> command = new java.util.ArrayList<>(List.of("systemctl"));
    command.addAll(List.of(words));
    return Command.of(command).within(SYSTEMCTL).run().orFail().stdout();
  }

  /** A property of the unit, as systemctl show has it. */
  public static String property(String name) {
    return systemctl("show", "--property", name, "--value", UNIT).strip();
  }

  @Override
  public Path socket() {
    return directory.socket();
  }

  @Override
  public ProcessHandle process() {
    return ProcessHandle.of(Long.parseLong(property("MainPID")))
        .orElseThrow(() -> new AssertionError(UNIT + " has no process"));
  }

  /**
   * systemctl returns when the daemon has said that it is ready, so its first answer is at once.
   */
  @Override
  public void start() {
    systemctl("start", UNIT);
    awaitAnswer();
  }

  public void awaitAnswer() {
    try (CriClient client = CriClient.connect(directory.socket())) {
      Eventually.holds(
          UNIT + " serves the CRI",
          READY,
          () -> {
            client.reconnect();
            client
                .runtime()
                .withDeadlineAfter(Patience.seconds(1), TimeUnit.SECONDS)
                .version(CriClient.VERSION_REQUEST);
          });
    }
  }

  @Override
  public void stop() {
    systemctl("stop", UNIT);
  }

  /** systemd starts another one. */
  @Override
  public void kill() {
    systemctl("kill", "--kill-who=main", "--signal=KILL", UNIT);
  }
}
