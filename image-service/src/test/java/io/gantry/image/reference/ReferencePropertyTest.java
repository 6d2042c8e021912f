package io.gantry.image.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ReferencePropertyTest {

  private static final String HEX = "0123456789abcdef".repeat(4);

  @Property
  void parse_readsBackWhatItWrites(@ForAll("references") String text) throws Exception {
    Reference reference = Reference.parse(text);
    assertEquals(reference, Reference.parse(reference.toString()));
    assertEquals(reference.toString(), Reference.parse(reference.toString()).toString());
  }

  @Property
  void parse_neverFailsOtherThanByRefusing(@ForAll("nearlyReferences") String text) {
    try {
      Reference reference = Reference.parse(text);
      assertEquals(reference, Reference.parse(reference.toString()));
    } catch (InvalidReferenceException refused) {
      assertTrue(refused.getMessage().startsWith("invalid image reference \""));
    }
  }

  @Provide
  Arbitrary<String> references() {
    Arbitrary<String> host =
        Arbitraries.of(
            "",
            "localhost/",
            "localhost:5000/",
            "a.example/",
            "[::1]:5000/",
            "10.0.0.1:80/",
            "docker.io/");
    Arbitrary<String> part =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(12);
    Arbitrary<String> path =
        part.list().ofMinSize(1).ofMaxSize(4).map(parts -> String.join("/", parts));
    Arbitrary<String> tag = Arbitraries.of("", ":latest", ":1.2-rc_3", ":_");
    Arbitrary<String> digest = Arbitraries.of("", "@sha256:" + HEX, "@sha512:" + HEX + HEX);
    return Combinators.combine(host, path, tag, digest).as((h, p, t, d) -> h + p + t + d);
  }

  @Provide
  Arbitrary<String> nearlyReferences() {
    return Arbitraries.strings().withChars("aZ09.:/@_-[]é\n" + "sha256").ofMaxLength(80);
  }
}
