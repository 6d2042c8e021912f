package io.gantry.cri.cdi;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a device does to a container: {@code containerEdits} of the CDI specification.
 *
 * @param source the file and the device they are from, for messages
 * @param env entries NAME=VALUE
 * @param refused names of edits that gantry cannot make; a device with any cannot be used
 */
public record Edits(
    String source,
    List<String> env,
    List<Node> nodes,
    List<Bind> mounts,
    List<Hook> hooks,
    List<Long> additionalGids,
    List<String> refused) {

  public Edits {
    env = List.copyOf(env);
    nodes = List.copyOf(nodes);
    mounts = List.copyOf(mounts);
    hooks = List.copyOf(hooks);
    additionalGids = List.copyOf(additionalGids);
    refused = List.copyOf(refused);
  }

  /**
   * A device node.
   *
   * @param path in the container
   * @param hostPath where its type and numbers are looked up, unless given
   * @param type b, c, u or p
   * @param permissions a selection of r, w and m
   */
  public record Node(
      String path,
      String hostPath,
      Optional<Character> type,
      OptionalLong major,
      OptionalLong minor,
      OptionalInt fileMode,
      String permissions,
      long uid,
      long gid) {}

  /** A mount; a bind unless it has another type. */
  public record Bind(String hostPath, String containerPath, String type, List<String> options) {
    public Bind {
      options = List.copyOf(options);
    }
  }

  /**
   * A hook of the OCI runtime specification.
   *
   * @param name such as createRuntime
   */
  public record Hook(
      String name, String path, List<String> args, List<String> env, OptionalInt timeoutSeconds) {
    public Hook {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }
  }
}
