package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.cri.grpc.CriException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {

  /**
   * The table of the Kubernetes documentation, "Define a Command and Arguments for a Container".
   */
  @ParameterizedTest
  @CsvSource({
    // command, args, image entrypoint, image command, expected
    "'','',     'ep a','cmd b','ep a cmd b'",
    "'','',     'ep','',       'ep'",
    "'','',     '','cmd b',    'cmd b'",
    "'c','',    'ep','cmd',    'c'",
    "'','x y',  'ep','cmd',    'ep x y'",
    "'c d','x', 'ep','cmd',    'c d x'",
    "'','x',    '','cmd',      'x'",
    "'c','',    '','',         'c'",
  })
  void of_joinsRequestAndImage(
      String command, String args, String entrypoint, String imageCommand, String expected) {
    assertEquals(
        words(expected),
        CommandLine.of(words(command), words(args), words(entrypoint), words(imageCommand)));
  }

  @Test
  void of_refusesWhenNothingNamesAProgram() {
    CriException refused =
        assertThrows(
            CriException.class, () -> CommandLine.of(List.of(), List.of(), List.of(), List.of()));
    assertEquals(
        "no command specified: neither the request nor the image names a program to run",
        refused.getMessage());
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.strip().split(" "));
  }
}
