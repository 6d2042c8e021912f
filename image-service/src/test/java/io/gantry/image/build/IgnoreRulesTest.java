package io.gantry.image.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnoreRulesTest {

  private static IgnoreRules rules(String text) throws BuildException {
    return IgnoreRules.parse(".dockerignore", text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a          | a        | true",
        "/a         | a        | true",
        "a/         | a/b      | true",
        "a          | b/a      | false",
        "*/a        | b/a      | true",
        "*/a        | b/c/a    | false",
        "**/a       | b/c/a    | true",
        "**/a       | a        | true",
        "**         | b/c      | true",
        "a/**       | a/b/c    | true",
        "a/**/c     | a/c      | true",
        "a/**/c     | a/b/b/c  | true",
        "*.md       | x.md     | true",
        "*.md       | a/x.md   | false",
        "a?         | ab       | true",
        "a?         | a/       | false",
        "[a-c]x     | bx       | true",
        "[^a-c]x    | bx       | false",
        "a\\*       | a*       | true",
        "a\\*       | ab       | false",
        "*~!a       | a        | false",
        "*~!a~a     | a        | true",
        "a~!a/b     | a/b      | false",
        "a~!a/b     | a/c      | true",
        "# comment  | # comment| false",
        "./a/../b   | b        | true",
      })
  void leavesOut_byTheLastRuleThatMatches(String rules, String path, boolean out)
      throws BuildException {
    assertEquals(out, rules(rules.replace('~', '\n')).leavesOut(path));
  }

  @Test
  void parse_saysWhichLineIsMalformed() {
    assertTrue(
        assertThrows(BuildException.class, () -> rules("a\n[b"))
            .getMessage()
            .startsWith(".dockerignore:2: "));
    assertThrows(BuildException.class, () -> rules("!"));
  }
}
