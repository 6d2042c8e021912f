package io.gantry.cri.daemon;

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
    line.append(Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.MILLIS));
    pair(line, "level", event.getLevel().toString().toLowerCase(Locale.ROOT));
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
