package io.gantry.image.manifest;

import io.gantry.image.reference.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * An operating system and a processor, in Go's words as images use them: {@code linux}, {@code
 * amd64}, {@code v8}.
 *
 * @param variant the processor's version, empty for the architecture's usual one
 */
public record Platform(String os, String architecture, String variant) {

  public Platform {
    Objects.requireNonNull(os);
    Objects.requireNonNull(architecture);
    Objects.requireNonNull(variant);
  }

  /** The platform of this machine, from the name that the JVM gives its processor. */
  public static Platform host() {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (arch) {
      case "amd64", "x86_64" -> new Platform("linux", "amd64", "");
      case "aarch64", "arm64" -> new Platform("linux", "arm64", "v8");
      case "arm" -> new Platform("linux", "arm", "v7");
      case "x86", "i386", "i686" -> new Platform("linux", "386", "");
      default -> new Platform("linux", arch, "");
    };
  }

  /**
   * Reads {@code os/architecture[/variant]}.
   *
   * @throws IllegalArgumentException if it is nothing of the kind
   */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    for (String part : parts) {
      if (parts.length < 2 || parts.length > 3 || !part.matches("[A-Za-z0-9_.-]{1,32}")) {
        throw new IllegalArgumentException(
            "platform \""
                + text
                + "\" is not of the form os/architecture or os/architecture/variant");
      }
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "").normalized();
  }

  /**
   * The words that mean the same written in one way: {@code x86_64} is {@code amd64}, and v8 is
   * what arm64 means anyway.
   */
  private Platform normalized() {
    return switch (architecture) {
      case "x86_64", "x86-64" -> new Platform(os, "amd64", variant).normalized();
      case "aarch64" -> new Platform(os, "arm64", variant).normalized();
      case "amd64" -> new Platform(os, architecture, variant.equals("v1") ? "" : variant);
      case "arm64" ->
          new Platform(os, architecture, variant.isEmpty() || variant.equals("8") ? "v8" : variant);
      case "arm" -> new Platform(os, architecture, variant.isEmpty() ? "v7" : variant);
      default -> this;
    };
  }

  /**
   * What runs on this platform, best first: itself, then what its processor is downward compatible
   * with.
   */
  private List<Platform> runnable() {
    Platform self = normalized();
    List<Platform> all = new ArrayList<>(List.of(self));
    switch (self.architecture) {
      case "arm" -> {
        for (String older : List.of("v7", "v6", "v5")) {
          if (older.compareTo(self.variant) < 0) {
            all.add(new Platform(os, "arm", older));
          }
        }
      }
      case "arm64" -> all.add(new Platform(os, "arm64", "v8"));
      case "amd64" -> {
        all.add(new Platform(os, "amd64", ""));
        all.add(new Platform(os, "386", ""));
      }
      default -> {
        // Only itself.
      }
    }
    return all;
  }

  /** Whether it runs what is made for the other. */
  public boolean runs(Platform other) {
    return runnable().contains(other.normalized());
  }

  /**
   * The entry of an index that suits this platform best; the first of equals, as the specification
   * asks. An entry that names no platform is taken only if no other suits.
   */
  public Optional<Descriptor> choose(List<Descriptor> entries) {
    for (Platform wanted : runnable()) {
      for (Descriptor entry : entries) {
        if (entry.platform().map(p -> p.normalized().equals(wanted)).orElse(false)) {
          return Optional.of(entry);
        }
      }
    }
    return entries.stream().filter(entry -> entry.platform().isEmpty()).findFirst();
  }

  /** For messages: {@code linux/arm/v7}. */
  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }

  /** For messages: what an index offers. */
  public static String describe(List<Descriptor> entries) {
    List<String> words = new ArrayList<>();
    for (Descriptor entry : entries) {
      words.add(
          entry.platform().map(Platform::toString).orElseGet(() -> shortened(entry.digest())));
    }
    return words.size() > 20 ? words.subList(0, 20) + " and more" : words.toString();
  }

  private static String shortened(Digest digest) {
    return digest.hex().substring(0, 12);
  }
}
