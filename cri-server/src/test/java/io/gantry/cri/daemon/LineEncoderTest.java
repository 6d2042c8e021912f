package io.gantry.cri.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LineEncoderTest {

  private static String line(String message, KeyValuePair... pairs) {
    return line(new LineEncoder(false), message, pairs);
  }

  private static String line(LineEncoder encoder, String message, KeyValuePair... pairs) {
    var event = new LoggingEvent();
    event.setLoggerContext(new LoggerContext());
    event.setLevel(Level.INFO);
    event.setMessage(message);
    event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
    event.setMDCPropertyMap(Map.of());
    event.setKeyValuePairs(List.of(pairs));
    return new String(encoder.encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void event_isOneLineOfPairs() {
    assertEquals(
        "2026-01-02T03:04:05.678Z level=info msg=\"pod runs\" pod=ab12 count=3\n",
        line("pod runs", new KeyValuePair("pod", "ab12"), new KeyValuePair("count", 3)));
  }

  @Test
  void lineForTheJournal_hasItsPriorityInPlaceOfTheTime() {
    assertEquals("<6>level=info msg=\"pod runs\"\n", line(new LineEncoder(true), "pod runs"));
  }

  @Test
  void strangersText_cannotForgeLinesOrSteerTheTerminal() {
    assertEquals(
        "2026-01-02T03:04:05.678Z level=info msg=x name=\"a\\nb\\\"c\\u001b[2J\"\n",
        line("x", new KeyValuePair("name", "a\nb\"c\u001b[2J")));
  }

  @Test
  void controlCharactersAbove127_areEscapedToo() {
    assertEquals(
        "2026-01-02T03:04:05.678Z level=info msg=x name=\"\\u009b2J\"\n",
        line("x", new KeyValuePair("name", "\u009b2J")));
  }

  @Test
  void emptyValue_isVisible() {
    assertEquals(
        "2026-01-02T03:04:05.678Z level=info msg=x name=\"\"\n",
        line("x", new KeyValuePair("name", "")));
  }
}
