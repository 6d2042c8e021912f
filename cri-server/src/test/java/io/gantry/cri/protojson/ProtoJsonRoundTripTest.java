package io.gantry.cri.protojson;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message of module proto, filled at random, comes back the same. */
class ProtoJsonRoundTripTest {
  private static final Schema SCHEMA = Schema.load();
  private static final int MESSAGES_PER_TYPE = 25;

  static Stream<String> messageClasses() {
    return SCHEMA.javaClasses().entrySet().stream()
        .filter(each -> !each.getValue().isMapEntry())
        .map(Map.Entry::getKey)
        .sorted();
  }

  @Test
  void messageClasses_coverTheWholeCri() {
    List<String> cri =
        messageClasses().filter(each -> each.startsWith("io.gantry.proto.cri.v1.")).toList();
    assertTrue(cri.size() > 150, "only " + cri.size() + " messages of the CRI");
  }

  @ParameterizedTest
  @MethodSource("messageClasses")
  void parse_ofPrint_isTheSameMessage(String className) throws Exception {
    MessageLite empty =
        (MessageLite) Class.forName(className).getMethod("getDefaultInstance").invoke(null);
    MessageType type = SCHEMA.typeOf(empty);
    for (int seed = 0; seed < MESSAGES_PER_TYPE; seed++) {
      byte[] wire = new RandomWire(SCHEMA, seed).message(type);
      MessageLite message = empty.getParserForType().parseFrom(wire);

      assertEquals(message, ProtoJson.parse(ProtoJson.toText(message), empty), "seed " + seed);
      assertEquals(message, ProtoJson.parseStrict(ProtoJson.print(message), empty));
    }
  }
}
