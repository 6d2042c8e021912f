package io.gantry.image.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.image.reference.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

  private static Platform platform(String text) {
    String[] parts = text.split("/");
    return new Platform(parts[0], parts[1], parts.length > 2 ? parts[2] : "");
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/arm64 linux/amd64, 1",
    "linux/amd64, linux/amd64/v3 linux/amd64/v1, 1",
    "linux/amd64, linux/386 linux/amd64, 1",
    "linux/amd64, linux/arm64 linux/386, 1",
    "linux/amd64, windows/amd64 linux/arm64, -1",
    "linux/amd64, linux/amd64 linux/amd64, 0",
    "linux/arm64/v8, linux/arm/v7 linux/arm64, 1",
    "linux/arm/v7, linux/arm/v5 linux/arm/v6, 1",
    "linux/arm/v6, linux/arm/v7 linux/arm/v5, 1",
    "linux/amd64, unknown/unknown linux/amd64, 1",
    "linux/amd64, none linux/amd64, 1",
    "linux/amd64, linux/arm64 none, 1",
  })
  void choose_takesTheBestThatRuns(String host, String offered, int expected) {
    List<Descriptor> entries = new ArrayList<>();
    for (String entry : offered.split(" ")) {
      Optional<Platform> platform =
          entry.equals("none") ? Optional.empty() : Optional.of(platform(entry));
      entries.add(
          new Descriptor("m", Digest.sha256(new byte[] {(byte) entries.size()}), 1, platform));
    }
    Optional<Descriptor> chosen = platform(host).choose(entries);
    assertEquals(expected, chosen.map(entries::indexOf).orElse(-1));
  }
}
