package io.gantry.image.build;

import io.gantry.image.dockerfile.Dockerfile;
import io.gantry.image.dockerfile.DockerfileException;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Instruction.Arg;
import io.gantry.image.dockerfile.Instruction.Argument;
import io.gantry.image.dockerfile.Variables;
import io.gantry.image.manifest.Platform;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The arguments of a build: those that were given, those before the first stage, and those that
 * every build has. Thread-safe once made.
 */
final class BuildVariables implements Variables {
  /** Known to every step without being declared, and no part of any image. */
  static final Set<String> PROXIES =
      Set.of(
          "HTTP_PROXY",
          "http_proxy",
          "HTTPS_PROXY",
          "https_proxy",
          "FTP_PROXY",
          "ftp_proxy",
          "NO_PROXY",
          "no_proxy",
          "ALL_PROXY",
          "all_proxy");

  static final String EPOCH = "SOURCE_DATE_EPOCH";
  // Said to other builders, and without a meaning to this one.
  private static final String FOREIGN = "BUILDKIT_";

  private final Map<String, String> given;
  private final Map<String, String> platform = new LinkedHashMap<>();
  private final Map<String, String> globals = new LinkedHashMap<>();
  private final Set<String> consumed = ConcurrentHashMap.newKeySet();

  BuildVariables(Map<String, String> given, Dockerfile dockerfile, Platform here, String target)
      throws DockerfileException {
    this.given = given;
    for (String side : new String[] {"TARGET", "BUILD"}) {
      platform.put(side + "PLATFORM", here.toString());
      platform.put(side + "OS", here.os());
      platform.put(side + "ARCH", here.architecture());
      platform.put(side + "VARIANT", here.variant());
    }
    platform.put("TARGETSTAGE", target.isEmpty() ? "default" : target);
    for (Arg arg : dockerfile.globals()) {
      for (Argument argument : arg.arguments()) {
        Optional<String> value = given(argument.name());
        if (value.isEmpty() && argument.value().isPresent()) {
          value = Optional.of(new Expansion(arg.origin(), this).of(argument.value().get()));
        }
        value.ifPresent(known -> globals.put(argument.name(), known));
      }
    }
  }

  /** What was given for an argument that is declared, which it has been used for then. */
  Optional<String> given(String name) {
    if (given.containsKey(name)) {
      consumed.add(name);
    }
    return Optional.ofNullable(given.get(name));
  }

  /** As the instructions before the first stage, and FROM, see them. */
  @Override
  public Optional<String> get(String name) {
    return Optional.ofNullable(globals.get(name)).or(() -> Optional.ofNullable(platform.get(name)));
  }

  /** What steps get without declaring it. */
  Map<String, String> proxies() {
    Map<String, String> proxies = new LinkedHashMap<>();
    for (String name : new TreeSet<>(PROXIES)) {
      given(name).ifPresent(value -> proxies.put(name, value));
    }
    return proxies;
  }

  /** Arguments that were given and that nothing has asked for. */
  Set<String> unused() {
    Set<String> unused = new TreeSet<>(given.keySet());
    unused.removeAll(consumed);
    unused.removeAll(PROXIES);
    unused.remove(EPOCH);
    unused.removeIf(name -> name.startsWith(FOREIGN));
    return unused;
  }
}
