package io.gantry.runtime.oci;

import java.util.List;
import java.util.OptionalInt;

/**
 * One hook.
 *
 * @param path absolute path of the program on the host
 * @param args argument vector including argv[0]; empty means the path alone
 * @param timeoutSeconds at least 1; absent means no limit
 */
public record OciHook(
    String path, List<String> args, List<String> env, OptionalInt timeoutSeconds) {
  public OciHook {
    args = List.copyOf(args);
    env = List.copyOf(env);
  }
}
