package io.gantry.cri.systemd;

import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Network;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager how this daemon is (sd_notify(3)). Does nothing where nobody wants to
 * know; that a message does not arrive is logged and harms nothing. Thread-safe.
 */
public final class Notifier {
  private static final Logger log = LoggerFactory.getLogger(Notifier.class);
  private static final long MICROS_TO_NANOS = 1000;

  private final Network network;
  private final Optional<String> socket;
  private final Optional<Duration> watchdog;

  /**
   * @param environment of this process
   */
  public Notifier(Network network, Map<String, String> environment) {
    this.network = network;
    this.socket =
        Optional.ofNullable(environment.get("NOTIFY_SOCKET")).filter(name -> !name.isEmpty());
    this.watchdog = watchdog(environment);
  }

  /** sd_watchdog_enabled(3); WATCHDOG_PID names the process that the launcher's exec made us. */
  private static Optional<Duration> watchdog(Map<String, String> environment) {
    String text = environment.getOrDefault("WATCHDOG_USEC", "");
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    boolean others = !pid.isEmpty() && !pid.equals(Long.toString(ProcessHandle.current().pid()));
    if (text.isEmpty() || others) {
      return Optional.empty();
    }
    try {
      long micros = Long.parseLong(text);
      return micros > 0
          ? Optional.of(Duration.ofNanos(Math.multiplyExact(micros, MICROS_TO_NANOS)))
          : Optional.empty();
    } catch (NumberFormatException | ArithmeticException e) {
      log.atWarn().addKeyValue("WATCHDOG_USEC", text).log("watchdog's time is no number");
      return Optional.empty();
    }
  }

  /**
   * Within what time the service manager wants to hear {@link #alive} again; empty if it does not
   * care.
   */
  public Optional<Duration> watchdog() {
    return socket.isPresent() ? watchdog : Optional.empty();
  }

  /** What the daemon is at, for people: one line. */
  public void status(String words) {
    send("STATUS=" + words);
  }

  public void ready(String words) {
    send("READY=1\nSTATUS=" + words);
  }

  /** Ended by {@link #ready}. */
  public void reloading() {
    // The time is what Type=notify-reload compares with: CLOCK_MONOTONIC, System.nanoTime's clock.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / MICROS_TO_NANOS);
  }

  public void stopping() {
    send("STOPPING=1\nSTATUS=stopping; containers run on");
  }

  public void alive() {
    send("WATCHDOG=1");
  }

  private void send(String message) {
    if (socket.isEmpty()) {
      return;
    }
    try {
      network.send(socket.get(), message.getBytes(StandardCharsets.UTF_8));
    } catch (LinuxException | IllegalArgumentException e) {
      log.atWarn().addKeyValue("error", e.getMessage()).log("the service manager was not told");
    }
  }
}
