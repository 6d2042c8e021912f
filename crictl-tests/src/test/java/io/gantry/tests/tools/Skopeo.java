package io.gantry.tests.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Debian's skopeo, which copies images between registries and directories. */
public final class Skopeo {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Skopeo() {}

  /**
   * Copies images as they are, byte by byte, whole indexes included.
   *
   * @param more options
   */
  public static Command.Outcome copy(String from, String to, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--preserve-digests"));
    if (from.startsWith("docker://")) {
      words.add("--src-tls-verify=false");
    }
    if (to.startsWith("docker://") && List.of(more).stream().noneMatch(Skopeo::isAboutTls)) {
      words.add("--dest-tls-verify=false");
    }
    words.addAll(List.of(more));
    words.addAll(List.of(from, to));
    return Command.of(words).run();
  }

  private static boolean isAboutTls(String option) {
    return option.startsWith("--dest-cert-dir");
  }

  /** The digest of what a registry has under a name. */
  public static String digest(String reference) {
    return Command.of(
            "skopeo",
            "inspect",
            "--no-tags",
            "--tls-verify=false",
            "--format",
            "{{.Digest}}",
            reference)
        .run()
        .orFail()
        .stdout()
        .strip();
  }

  /** The tags that a registry lists. */
  public static List<String> tags(String repository) {
    String out =
        Command.of("skopeo", "list-tags", "--tls-verify=false", repository).run().orFail().stdout();
    try {
      List<String> tags = new ArrayList<>();
      for (JsonNode tag : JSON.readTree(out).get("Tags")) {
        tags.add(tag.asText());
      }
      return tags;
    } catch (IOException e) {
      throw new UncheckedIOException(out, e);
    }
  }
}
