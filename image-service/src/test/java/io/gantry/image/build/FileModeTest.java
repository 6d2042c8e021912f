package io.gantry.image.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileModeTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "755         | 0644 | false | 755",
        "4755        | 0644 | false | 4755",
        "+x          | 0644 | false | 755",
        "u+x         | 0644 | false | 744",
        "go-r        | 0644 | false | 600",
        "u=rwX,go=rX | 0600 | false | 644",
        "u=rwX,go=rX | 0700 | true  | 755",
        "a=r         | 0777 | false | 444",
        "u+s,+t      | 0755 | false | 5755",
        "g=u         | 0755 | false | -",
      })
  void apply_changesPermissionsAsChmodDoes(
      String text, String before, boolean directory, String after) {
    if (after.equals("-")) {
      assertThrows(IllegalArgumentException.class, () -> FileMode.parse(text));
    } else {
      assertEquals(
          after,
          Integer.toOctalString(
              FileMode.parse(text).apply(Integer.parseInt(before, 8), directory)));
    }
  }

  @Test
  void parse_refusesWhatIsNoMode() {
    for (String text : new String[] {"", "9", "u", "77777", "x+y", "u+x,"}) {
      assertThrows(IllegalArgumentException.class, () -> FileMode.parse(text), text);
    }
  }
}
