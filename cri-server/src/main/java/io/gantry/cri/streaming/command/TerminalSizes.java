package io.gantry.cri.streaming.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Optional;

/**
 * Reads terminal sizes, JSON objects back to back such as {@code {"Width":80,"Height":24}}, cut
 * anywhere. Confined to one thread.
 */
final class TerminalSizes {
  /** Far longer than any size; who sends more sends something else. */
  private static final int MAX_OBJECT_CHARS = 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final StringBuilder object = new StringBuilder();
  private boolean broken;

  /**
   * @param width in characters, 1-65535
   * @param height in characters, 1-65535
   */
  record Size(int width, int height) {}

  /**
   * Takes some bytes, without releasing them.
   *
   * @return the last whole size in them; sizes with a zero are left out, as terminals without a
   *     size send them
   */
  Optional<Size> read(ByteBuf bytes) {
    Optional<Size> last = Optional.empty();
    while (bytes.isReadable() && !broken) {
      char next = (char) (bytes.readByte() & 0xff);
      object.append(next);
      if (next == '}') {
        Optional<Size> size = parse(object.toString());
        object.setLength(0);
        last = size.isPresent() ? size : last;
      }
      broken |= object.length() > MAX_OBJECT_CHARS;
    }
    return last;
  }

  private Optional<Size> parse(String text) {
    int width = 0;
    int height = 0;
    try {
      for (Map.Entry<String, JsonNode> each : JSON.readTree(text).properties()) {
        // Clients in Go match names without regard to case, so others came to rely on it.
        if (each.getKey().equalsIgnoreCase("width")) {
          width = each.getValue().intValue();
        } else if (each.getKey().equalsIgnoreCase("height")) {
          height = each.getValue().intValue();
        }
      }
    } catch (JsonProcessingException e) {
      broken = true; // Nothing after this has a meaning; the session goes on without sizes.
    }
    return isSize(width) && isSize(height)
        ? Optional.of(new Size(width, height))
        : Optional.empty();
  }

  private static boolean isSize(int characters) {
    return characters > 0 && characters <= 0xffff;
  }
}
