package io.gantry.runtime.oci;

import java.util.Optional;

/**
 * A namespace the container has apart from the runtime's own.
 *
 * @param path of an existing namespace to join; absent means: a new one
 */
public record OciNamespace(Type type, Optional<String> path) {

  /** Kinds of namespaces with the names config-linux.md gives them. */
  public enum Type {
    CGROUP("cgroup"),
    IPC("ipc"),
    MOUNT("mount"),
    NETWORK("network"),
    PID("pid"),
    TIME("time"),
    USER("user"),
    UTS("uts");

    private final String specName;

    Type(String specName) {
      this.specName = specName;
    }

    public String specName() {
      return specName;
    }
  }

  /** A new namespace of this type. */
  public static OciNamespace fresh(Type type) {
    return new OciNamespace(type, Optional.empty());
  }

  /** The existing namespace at this path. */
  public static OciNamespace at(Type type, String path) {
    return new OciNamespace(type, Optional.of(path));
  }
}
