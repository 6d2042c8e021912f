package io.gantry.image;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.gantry.image.record.RecordDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images in the making. Each is noted on disk while it lasts, so that a crash in the middle
 * leaves nothing that nobody asks for again. Thread-safe.
 */
final class Assemblies {

  private static final Logger log = LoggerFactory.getLogger(Assemblies.class);

  /** Deletes what nobody needs. */
  interface Collector {
    void collect() throws IOException;

    /** Of these only: what failed pulls have left is worth something to the next ones. */
    void collectOf(Leases.Held left) throws IOException;
  }

  private final RecordDirectory intents;
  private final Leases leases;
  private final Assembly.Tools tools;
  private final Collector collector;
  private final AtomicLong next = new AtomicLong();

  Assemblies(RecordDirectory intents, Leases leases, Assembly.Tools tools, Collector collector) {
    this.intents = intents;
    this.leases = leases;
    this.tools = tools;
    this.collector = collector;
  }

  Assembly begin() {
    String name = "a" + next.getAndIncrement();
    try {
      intents.add(name, JsonNodeFactory.instance.objectNode().put("version", 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Assembly(tools, leases.open(), (used, held) -> end(name, used, held));
  }

  private void end(String name, boolean used, Leases.Held held) {
    try {
      if (!used) {
        collector.collectOf(held);
      }
      intents.delete(name);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("what an image in the making has left cannot be deleted; the next removal tries");
    }
  }

  void clearInterrupted() throws IOException {
    Set<String> left = intents.readAll().keySet();
    if (left.isEmpty()) {
      return;
    }
    collector.collect();
    for (String name : left) {
      intents.delete(name);
    }
  }
}
