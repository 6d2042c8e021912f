package io.gantry.cri.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/** One line per event: time, level, words, then key=value pairs, an error's stack last. */
final class LineEncoder extends EncoderBase<ILoggingEvent> {
  private static final int ERROR_PRIORITY = 3;
  private static final int WARNING_PRIORITY = 4;
  private static final int INFO_PRIORITY = 6;
  private static final int DEBUG_PRIORITY = 7;

  private final boolean forJournal;

  /**
   * Made anew for each process.
   *
   * @param forJournal begins lines with their priority as sd-daemon(3) has it, by which journalctl
   *     filters and colours, in place of the time, which the journal has by itself
   */
  LineEncoder(boolean forJournal) {
    this.forJournal = forJournal;
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    var line = new StringBuilder(160);
    if (forJournal) {
      line.append('<').append(priority(event.getLevel())).append('>');
    } else {
      line.append(Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.MILLIS));
      line.append(' ');
    }
    line.append("level=").append(event.getLevel().toString().toLowerCase(Locale.ROOT));
    pair(line, "msg", event.getFormattedMessage());
    event.getMDCPropertyMap().forEach((key, value) -> pair(line, key, value));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        pair(line, pair.key, String.valueOf(pair.value));
      }
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      pair(line, "stack", ThrowableProxyUtil.asString(thrown));
    }
    return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static int priority(Level level) {
    if (level.isGreaterOrEqual(Level.ERROR)) {
      return ERROR_PRIORITY;
    }
    if (level.isGreaterOrEqual(Level.WARN)) {
      return WARNING_PRIORITY;
    }
    return level.isGreaterOrEqual(Level.INFO) ? INFO_PRIORITY : DEBUG_PRIORITY;
  }

  private static void pair(StringBuilder line, String key, String value) {
    line.append(' ').append(key).append('=');
    if (isPlain(value)) {
      line.append(value);
      return;
    }
    line.append('"');
    value.codePoints().forEach(point -> escape(line, point));
    line.append('"');
  }

  private static boolean isPlain(String value) {
    return !value.isEmpty()
        && value
            .chars()
            .allMatch(
                c -> c > ' ' && c != '"' && c != '=' && c != '\\' && !Character.isISOControl(c));
  }

  /**
   * Text of strangers (image names, plugin output) must neither break the line nor steer a
   * terminal.
   */
  private static void escape(StringBuilder line, int point) {
    switch (point) {
      case '\n' -> line.append("\\n");
      case '\t' -> line.append("\\t");
      case '"' -> line.append("\\\"");
      case '\\' -> line.append("\\\\");
      default -> {
        if (Character.isISOControl(point)) {
          line.append("\\u%04x".formatted(point));
        } else {
          line.appendCodePoint(point);
        }
      }
    }
  }
}
