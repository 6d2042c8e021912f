package io.gantry.cri.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.runtime.linux.ResourceLimit;
import io.gantry.runtime.linux.Resources;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciRlimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a container's annotations ask for that the CRI has no fields for (see containers.proto of
 * gantry.v1).
 *
 * @param tmpfs mounts of file systems in memory
 * @param limits of each of its processes
 */
record ExtraWishes(List<OciMount> tmpfs, List<OciRlimit> limits) {
  static final String TMPFS = "gantry.io/tmpfs";
  static final String ULIMITS = "gantry.io/ulimits";
  static final String STDIN_ATTACHED = "gantry.io/stdin-attached";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  /** What nobody wants of a directory for scratch, unless it says so. */
  private static final List<String> CAUTION = List.of("nosuid", "nodev", "noexec");

  private static final Set<String> FLAGS =
      Set.of(
          "rw",
          "ro",
          "exec",
          "noexec",
          "suid",
          "nosuid",
          "dev",
          "nodev",
          "sync",
          "async",
          "atime",
          "noatime",
          "diratime",
          "nodiratime",
          "relatime",
          "norelatime",
          "strictatime",
          "nostrictatime");

  /** Of tmpfs(5). */
  private static final Map<String, Pattern> VALUES =
      Map.of(
          "size", Pattern.compile("[0-9]{1,18}[kKmMgG%]?"),
          "nr_inodes", Pattern.compile("[0-9]{1,18}[kKmMgG]?"),
          "nr_blocks", Pattern.compile("[0-9]{1,18}[kKmMgG]?"),
          "mode", Pattern.compile("[0-7]{1,4}"),
          "uid", Pattern.compile("[0-9]{1,10}"),
          "gid", Pattern.compile("[0-9]{1,10}"),
          "huge", Pattern.compile("never|always|within_size|advise"));

  ExtraWishes {
    tmpfs = List.copyOf(tmpfs);
    limits = List.copyOf(limits);
  }

  /**
   * @throws CriException INVALID_REQUEST, naming the annotation and what is wrong with it
   */
  static ExtraWishes of(ContainerConfig config) {
    checkStdin(config);
    return new ExtraWishes(tmpfs(config), limits(config));
  }

  /**
   * Input is kept from the start for who attaches first, as the CRI has it; so there is nothing to
   * be done but to see that there is input at all.
   */
  private static void checkStdin(ContainerConfig config) {
    String value = config.getAnnotationsMap().get(STDIN_ATTACHED);
    if (value == null || value.equals("false")) {
      return;
    }
    if (!value.equals("true")) {
      throw invalid(config, STDIN_ATTACHED, "\"" + value + "\" is neither true nor false");
    }
    if (!config.getStdin()) {
      throw invalid(config, STDIN_ATTACHED, "the container has no stdin");
    }
  }

  private static List<OciMount> tmpfs(ContainerConfig config) {
    String text = config.getAnnotationsMap().get(TMPFS);
    if (text == null) {
      return List.of();
    }
    JsonNode object = parse(config, TMPFS, text);
    if (!object.isObject()) {
      throw invalid(config, TMPFS, "it is no JSON object of mount points and options");
    }
    Set<String> taken = new HashSet<>();
    config.getMountsList().forEach(mount -> taken.add(normal(mount.getContainerPath())));
    List<OciMount> mounts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String destination = normal(entry.getKey());
      if (!entry.getKey().startsWith("/") || destination.equals("/")) {
        throw invalid(
            config, TMPFS, "mount point \"" + entry.getKey() + "\" is no absolute path below /");
      }
      if (!taken.add(destination)) {
        throw invalid(config, TMPFS, "something else is mounted at " + destination);
      }
      if (!entry.getValue().isTextual()) {
        throw invalid(config, TMPFS, "the options of " + destination + " are no text");
      }
      mounts.add(
          OciMount.of(
              destination,
              "tmpfs",
              "tmpfs",
              options(config, destination, entry.getValue().textValue())));
    }
    return mounts;
  }

  private static String normal(String path) {
    return Path.of(path).normalize().toString();
  }

  private static List<String> options(ContainerConfig config, String destination, String text) {
    List<String> options = new ArrayList<>(CAUTION);
    for (String option : text.split(",")) {
      if (option.isBlank()) {
        continue;
      }
      int equals = option.indexOf('=');
      boolean known =
          equals < 0
              ? FLAGS.contains(option)
              : VALUES.containsKey(option.substring(0, equals))
                  && VALUES
                      .get(option.substring(0, equals))
                      .matcher(option.substring(equals + 1))
                      .matches();
      if (!known) {
        throw invalid(
            config, TMPFS, "tmpfs at " + destination + " takes no option \"" + option + "\"");
      }
      options.add(option);
    }
    return options;
  }

  private static List<OciRlimit> limits(ContainerConfig config) {
    String text = config.getAnnotationsMap().get(ULIMITS);
    if (text == null) {
      return List.of();
    }
    JsonNode array = parse(config, ULIMITS, text);
    if (!array.isArray()) {
      throw invalid(config, ULIMITS, "it is no JSON array of {\"name\", \"soft\", \"hard\"}");
    }
    Set<String> taken = new HashSet<>();
    List<OciRlimit> limits = new ArrayList<>();
    for (JsonNode one : array) {
      String name = one.path("name").asText("");
      String type = "RLIMIT_" + name.toUpperCase(Locale.ROOT);
      if (Resources.number(type).isEmpty()) {
        throw invalid(config, ULIMITS, "\"" + name + "\" is no resource of getrlimit(2)");
      }
      if (!taken.add(type)) {
        throw invalid(config, ULIMITS, name + " is limited twice");
      }
      long soft = limit(config, name, one.path("soft"));
      long hard = limit(config, name, one.path("hard"));
      if (Long.compareUnsigned(soft, hard) > 0) {
        throw invalid(config, ULIMITS, name + ": the soft limit is above the hard one");
      }
      limits.add(new OciRlimit(type, soft, hard));
    }
    return limits;
  }

  private static long limit(ContainerConfig config, String name, JsonNode value) {
    // Docker and ulimit(1) say -1 for no limit.
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < ResourceLimit.INFINITY) {
      throw invalid(
          config, ULIMITS, name + ": soft and hard are whole numbers, or -1 for no limit");
    }
    return value.longValue();
  }

  private static JsonNode parse(ContainerConfig config, String annotation, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw invalid(config, annotation, "it is no JSON: " + e.getOriginalMessage());
    }
  }

  private static CriException invalid(ContainerConfig config, String annotation, String why) {
    return CriException.invalid(
        "annotation %s of container %s: %s"
            .formatted(annotation, config.getMetadata().getName(), why));
  }
}
