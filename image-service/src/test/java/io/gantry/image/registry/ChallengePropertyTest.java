package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ChallengePropertyTest {

  @Property
  void parse_understandsOrLeavesOut(@ForAll("headers") String header) {
    for (Challenge challenge : Challenge.parse(List.of(header))) {
      assertEquals(challenge.scheme(), challenge.scheme().toLowerCase(java.util.Locale.ROOT));
      challenge.parameters().keySet().forEach(name -> assertTrue(!name.isEmpty()));
    }
  }

  @Provide
  Arbitrary<String> headers() {
    return Arbitraries.of(
            "Bearer",
            "Basic",
            " ",
            ",",
            "=",
            "\"",
            "\\",
            "realm",
            "service",
            "a",
            "é",
            "\t",
            "https://x/y?z",
            "realm=\"r\"",
            "\\\"")
        .list()
        .ofMaxSize(40)
        .map(parts -> String.join("", parts));
  }
}
