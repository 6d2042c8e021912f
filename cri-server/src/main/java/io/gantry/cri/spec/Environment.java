package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.KeyValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The variables a container's program starts with. */
final class Environment {
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Map<String, String> variables = new LinkedHashMap<>();

  private Environment() {}

  /**
   * Defaults, then the image's variables, then the request's; a later value replaces an earlier one
   * in its place. A byte of the request that is no UTF-8 becomes U+FFFD, as with containerd: the
   * CRI carries bytes here, but the OCI specification that tells a runtime of them is JSON.
   *
   * @throws CriException if a variable of the request has an empty name, or a name with '=' in it
   */
  static List<String> of(
      boolean terminal, String hostname, List<String> image, List<KeyValue> requested) {
    Environment environment = new Environment();
    environment.variables.put("PATH", DEFAULT_PATH);
    if (terminal) {
      environment.variables.put("TERM", "xterm");
    }
    environment.variables.put("HOSTNAME", hostname);
    image.forEach(environment::addImageEntry);
    requested.forEach(environment::addRequested);
    return environment.lines();
  }

  /**
   * The OCI image specification asks for NAME=VALUE; an entry without '=' sets nothing, so it takes
   * a default away.
   */
  private void addImageEntry(String entry) {
    int equals = entry.indexOf('=');
    if (equals < 0) {
      variables.remove(entry);
    } else if (equals > 0) {
      variables.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
  }

  private void addRequested(KeyValue variable) {
    String name = variable.getKey();
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw CriException.invalid("environment variable \"" + name + "\": not a valid name");
    }
    variables.put(name, variable.getValue().toStringUtf8());
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    variables.forEach((name, value) -> lines.add(name + "=" + value));
    return List.copyOf(lines);
  }
}
