package io.gantry.image.dockerfile;

import io.gantry.image.dockerfile.Flags.Flag;
import io.gantry.image.dockerfile.Instruction.Origin;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what runs programs: RUN and HEALTHCHECK. */
final class RunInstructions {
  private static final Set<String> RUN_FLAGS = Set.of("mount", "network", "security");
  private static final Set<String> CHECK_FLAGS =
      Set.of("interval", "timeout", "start-period", "start-interval", "retries");
  private static final Map<RunMount.Type, Set<String>> MOUNT_OPTIONS =
      Map.of(
          RunMount.Type.CACHE,
          Set.of("id", "target", "readonly", "sharing", "from", "source", "mode", "uid", "gid"),
          RunMount.Type.BIND,
          Set.of("target", "source", "from", "readwrite", "readonly"),
          RunMount.Type.TMPFS,
          Set.of("target", "size"),
          RunMount.Type.SECRET,
          Set.of("id", "target", "required", "mode", "uid", "gid", "env"));
  private static final Map<String, String> OTHER_NAMES =
      Map.of(
          "dst", "target",
          "destination", "target",
          "src", "source",
          "ro", "readonly",
          "rw", "readwrite");
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]*\\.?[0-9]+)(ns|us|µs|ms|s|m|h)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);
  private static final long SHORTEST_NANOS = 1_000_000;

  private final SourceFile file;
  private final char escape;
  private final Arguments arguments;

  RunInstructions(SourceFile file, char escape, Arguments arguments) {
    this.file = file;
    this.escape = escape;
    this.arguments = arguments;
  }

  Instruction run(Origin origin, Flags flags, List<Heredoc> heredocs) throws DockerfileException {
    flags.check("RUN", RUN_FLAGS);
    for (Flag flag : flags.flags()) {
      if (flag.name().equals("security")
          && !flag.value().map(Word::raw).orElse("").equals("sandbox")) {
        throw file.error(
            flag.place(), "RUN --security other than sandbox is not given to builds here");
      }
    }
    Optional<Word> network = flags.one("network");
    if (network.isPresent() && !Set.of("default", "none", "host").contains(network.get().raw())) {
      throw file.error(network.get().place(), "--network is default, none or host");
    }
    List<RunMount> mounts = new ArrayList<>();
    for (Word mount : flags.all("mount")) {
      mounts.add(mount(mount));
    }
    Text text = flags.rest().trimmed();
    if (text.isEmpty()) {
      throw file.error(text.place(0), "RUN needs a command");
    }
    Command command =
        heredocs.isEmpty() ? arguments.command(text) : new Command.Shell(text.toString());
    return new Instruction.Run(origin, command, heredocs, mounts, network.map(Word::raw));
  }

  private RunMount mount(Word word) throws DockerfileException {
    Map<String, String> options = new LinkedHashMap<>();
    String type = "bind";
    for (String field : unquoted(word.raw()).split(",")) {
      int equals = field.indexOf('=');
      String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
      String value = equals < 0 ? "true" : field.substring(equals + 1);
      if (key.equals("type")) {
        type = value;
      } else if (options.putIfAbsent(OTHER_NAMES.getOrDefault(key, key), value) != null) {
        throw file.error(word.place(), "--mount says " + key + " twice");
      }
    }
    RunMount.Type known = type(type, word);
    for (String option : options.keySet()) {
      if (!MOUNT_OPTIONS.get(known).contains(option)) {
        throw file.error(
            word.place(), "--mount=type=" + type + " has no option \"" + option + "\"");
      }
    }
    boolean targetNeeded = known != RunMount.Type.SECRET;
    if (targetNeeded && options.getOrDefault("target", "").isEmpty()) {
      throw file.error(word.place(), "--mount=type=" + type + " needs a target");
    }
    return new RunMount(known, options, word.place());
  }

  private RunMount.Type type(String type, Word word) throws DockerfileException {
    return switch (type) {
      case "cache" -> RunMount.Type.CACHE;
      case "bind" -> RunMount.Type.BIND;
      case "tmpfs" -> RunMount.Type.TMPFS;
      case "secret" -> RunMount.Type.SECRET;
      case "ssh" ->
          throw file.error(
              word.place(), "--mount=type=ssh is not supported: no agent is forwarded to builds");
      default ->
          throw file.error(
              word.place(),
              "--mount has no type \"" + type + "\"; it has bind, cache, secret and tmpfs");
    };
  }

  /** Quotes may stand around the whole or a value; variables are for later. */
  private String unquoted(String raw) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == escape && i + 1 < raw.length() && raw.charAt(i + 1) == '"') {
        plain.append(raw.charAt(++i));
      } else if (c != '"' && c != '\'') {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  Instruction healthCheck(Origin origin, Flags flags, List<Heredoc> none)
      throws DockerfileException {
    flags.check("HEALTHCHECK", CHECK_FLAGS);
    Text text = flags.rest().trimmed();
    int end = 0;
    while (end < text.length() && !Text.isBlank(text.at(end))) {
      end++;
    }
    String kind = text.part(0, end).toString().toUpperCase(Locale.ROOT);
    Text rest = text.from(end).trimmed();
    if (kind.equals("NONE")) {
      if (!rest.isEmpty() || !flags.flags().isEmpty()) {
        throw file.error(text.place(0), "HEALTHCHECK NONE takes no arguments and no flags");
      }
      return new Instruction.HealthCheck(origin, Optional.empty(), 0, 0, 0, 0, 0);
    }
    if (!kind.equals("CMD")) {
      throw file.error(text.place(0), "HEALTHCHECK is followed by NONE or CMD");
    }
    if (rest.isEmpty()) {
      throw file.error(rest.place(0), "HEALTHCHECK CMD needs a command");
    }
    return new Instruction.HealthCheck(
        origin,
        Optional.of(arguments.command(rest)),
        duration(flags, "interval"),
        duration(flags, "timeout"),
        duration(flags, "start-period"),
        duration(flags, "start-interval"),
        retries(flags));
  }

  private int retries(Flags flags) throws DockerfileException {
    Optional<Word> word = flags.one("retries");
    if (word.isEmpty()) {
      return 0;
    }
    if (!word.get().raw().matches("[0-9]{1,9}") || Integer.parseInt(word.get().raw()) < 1) {
      throw file.error(word.get().place(), "--retries is a number, at least 1");
    }
    return Integer.parseInt(word.get().raw());
  }

  /** As Go writes durations: {@code 1m30s}. */
  private long duration(Flags flags, String name) throws DockerfileException {
    Optional<Word> word = flags.one(name);
    if (word.isEmpty()) {
      return 0;
    }
    String text = word.get().raw();
    Matcher part = DURATION_PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int at = 0;
    while (text.length() <= 40 && part.find(at) && part.start() == at) {
      nanos =
          nanos.add(
              new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))));
      at = part.end();
    }
    boolean zero = text.equals("0");
    boolean sound =
        at == text.length()
            && at > 0
            && nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 2)) < 0
            && (nanos.signum() == 0 || nanos.compareTo(BigDecimal.valueOf(SHORTEST_NANOS)) >= 0);
    if (!zero && !sound) {
      throw file.error(
          word.get().place(), "--" + name + " is a duration of at least 1ms, such as 30s or 1m30s");
    }
    return nanos.longValue();
  }
}
