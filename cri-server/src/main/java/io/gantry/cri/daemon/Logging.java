package io.gantry.cri.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.gantry.cri.config.LogLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Sets up logging to standard error. */
final class Logging {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

  /** Takes the process's logging over, at {@code level}. */
  Logging(LogLevel level) {
    context.reset();
    var encoder = new LineEncoder(isToTheJournal(System.getenv("JOURNAL_STREAM")));
    encoder.setContext(context);
    encoder.start();
    var stderr = new ConsoleAppender<ILoggingEvent>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    Logger all = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    // Libraries at debug would bury our own lines, and Netty would print what passes through it.
    all.setLevel(Level.WARN);
    all.addAppender(stderr);
    // grpc-netty asks for SO_KEEPALIVE on every connection; a unix socket has none, and Netty warns
    // of it each time.
    context.getLogger("io.netty.bootstrap.ServerBootstrap").setLevel(Level.ERROR);
    context.getLogger("io.netty.bootstrap.Bootstrap").setLevel(Level.ERROR);
    setLevel(level);
  }

  /** systemd.exec(5): whoever has inherited the variable may write elsewhere. */
  private static boolean isToTheJournal(String stream) {
    if (stream == null) {
      return false;
    }
    try {
      Map<String, Object> stderr = Files.readAttributes(Path.of("/dev/stderr"), "unix:dev,ino");
      return stream.equals(stderr.get("dev") + ":" + stderr.get("ino"));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Changes how much gantry's own code logs, at once. */
  void setLevel(LogLevel level) {
    context.getLogger("io.gantry").setLevel(Level.toLevel(level.toString()));
  }
}
