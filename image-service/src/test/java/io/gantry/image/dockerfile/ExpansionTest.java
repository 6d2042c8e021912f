package io.gantry.image.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpansionTest {

  private static final Map<String, String> VALUES =
      Map.of("a", "value", "empty", "", "file", "dir/name.tar.gz", "two", "x y", "star", "a*");

  private static Expansion expansion() {
    SourceFile file = new SourceFile("Dockerfile", List.of("line"));
    return new Expansion(
        new Instruction.Origin(file, '\\', new Place(1, 1), "line"),
        name -> Optional.ofNullable(VALUES.get(name)));
  }

  private static String expand(String raw) throws DockerfileException {
    return expansion().of(new Word(raw, new Place(1, 1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "$a                 | value",
        "${a}b              | valueb",
        "$unset.            | .",
        "\\$a               | $a",
        "'$a'               | $a",
        "\"$a b\"           | value b",
        "\"\\\"\"           | \"",
        "${unset:-other}    | other",
        "${empty:-other}    | other",
        "${empty-other}     | ``",
        "${a:-other}        | value",
        "${a:+there}        | there",
        "${empty:+there}    | ``",
        "${empty+there}     | there",
        "${unset+there}     | ``",
        "${a:?needed}       | value",
        "${unset:-${a}}     | value",
        "${file#*/}         | name.tar.gz",
        "${file#*.}         | tar.gz",
        "${file##*.}        | gz",
        "${file%.*}         | dir/name.tar",
        "${file%%.*}        | dir/name",
        "${file/tar/zip}    | dir/name.zip.gz",
        "${file//a/A}       | dir/nAme.tAr.gz",
        "${file/./}         | dir/nametar.gz",
        "$                  | $",
        "a$                 | a$",
      })
  void words_areReplacedAsShellsDo(String raw, String value) throws DockerfileException {
    assertEquals(value, expand(raw));
  }

  @Test
  void split_takesValuesApart() throws DockerfileException {
    assertEquals(
        List.of("x", "y", "z"),
        expansion()
            .split(List.of(new Word("$two", new Place(1, 1)), new Word("z", new Place(1, 5)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "${a            | '}' is missing",
        "${a:           | '}' is missing",
        "${unset:?no}   | unset: no",
        "${a:=b}        | is not known",
        "${a^}          | is not known",
        "${}            | name is missing",
        "'a             | does not end",
        "\"a            | does not end",
      })
  void malformedWords_areRefused(String raw, String words) {
    String message = assertThrows(DockerfileException.class, () -> expand(raw)).getMessage();

    assertTrue(message.contains(words), message);
  }

  @Test
  void documents_keepTheirQuotes() throws DockerfileException {
    Heredoc document = new Heredoc("EOF", "\"$a\" '$a' \\$a \\n\n", true, false, new Place(1, 1));

    assertEquals("\"value\" 'value' $a \\n\n", expansion().document(document));
  }
}
