package io.gantry.runtime.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Architecture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrampolineTest {
  private static String fileName(Architecture architecture) {
    return "trampoline-" + (architecture == Architecture.X86_64 ? "x86_64" : "aarch64");
  }

  /**
   * The checked-in listing is what a person reviews: address, bytes, instruction per line, as
   * objdump wrote it.
   */
  @ParameterizedTest
  @EnumSource
  void code_isWhatTheListingDisassembles(Architecture architecture) throws Exception {
    StringBuilder bytes = new StringBuilder();
    for (String line : listing(architecture)) {
      String[] columns = line.split("\t");
      if (columns.length >= 2 && columns[0].strip().endsWith(":")) {
        bytes.append(
            architecture == Architecture.X86_64
                ? columns[1].replace(" ", "")
                : reversed(columns[1].strip()));
      }
    }
    assertEquals(bytes.toString(), HexFormat.of().formatHex(Trampoline.code(architecture)));
  }

  private static List<String> listing(Architecture architecture) throws Exception {
    try (var in = TrampolineTest.class.getResourceAsStream(fileName(architecture) + ".lst")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  /** objdump shows an aarch64 instruction as a number; in memory its lowest byte comes first. */
  private static String reversed(String word) {
    return word.substring(6, 8)
        + word.substring(4, 6)
        + word.substring(2, 4)
        + word.substring(0, 2);
  }

  @ParameterizedTest
  @EnumSource
  void code_isWhatTheSourceAssemblesTo(Architecture architecture, @TempDir Path directory)
      throws Exception {
    String prefix = architecture == Architecture.X86_64 ? "x86_64" : "aarch64";
    Path assembler = Path.of("/usr/bin/" + prefix + "-linux-gnu-as");
    Path copier = Path.of("/usr/bin/" + prefix + "-linux-gnu-objcopy");
    assumeTrue(
        Files.isExecutable(assembler) && Files.isExecutable(copier), "no binutils for " + prefix);
    Path source = Path.of("src/main/asm", fileName(architecture) + ".s");
    Path object = directory.resolve("code.o");
    Path binary = directory.resolve("code.bin");
    run(assembler.toString(), "-o", object.toString(), source.toString());
    run(copier.toString(), "-O", "binary", "-j", ".text", object.toString(), binary.toString());
    assertEquals(
        HexFormat.of().formatHex(Files.readAllBytes(binary)),
        HexFormat.of().formatHex(Trampoline.code(architecture)));
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
