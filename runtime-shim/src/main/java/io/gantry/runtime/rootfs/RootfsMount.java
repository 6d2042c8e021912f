package io.gantry.runtime.rootfs;

import java.util.List;

/**
 * One mount that makes up a container's root filesystem, as a snapshot describes it.
 *
 * @param type such as overlay or bind
 * @param source what mount(2) takes
 * @param options flags and the filesystem's own options, such as lowerdir=…
 */
public record RootfsMount(String type, String source, List<String> options) {
  public RootfsMount {
    options = List.copyOf(options);
  }
}
