package io.gantry.docker.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnoreFileTest {
  @ParameterizedTest
  @CsvSource({
    "*.md, README.md, false",
    "*.md, docs/README.md, true",
    "**/*.md, docs/a/README.md, false",
    "docs, docs/a/b, false",
    "/docs/, docs, false",
    "docs/**, docs/a/b, false",
    "a?c, abc, false",
    "a?c, a/c, true",
    "[a-c].txt, b.txt, false",
    "[a-c].txt, d.txt, true",
    "*.md|!README.md, README.md, true",
    "!README.md|*.md, README.md, false",
    "# comment, # comment, true",
    "**, Dockerfile, true",
    "**, other, false",
    "target|!target/app.jar, target/app.jar, true"
  })
  void theLastPatternThatMatches_decides(String rules, String path, boolean sent) {
    IgnoreFile file = IgnoreFile.parse(rules.replace('|', '\n'), Set.of("Dockerfile"));

    assertEquals(sent, file.entry(path));
  }
}
