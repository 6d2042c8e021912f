package io.gantry.image.snapshot;

import java.util.List;
import java.util.Objects;

/**
 * One mount that brings a snapshot into sight, in the words of mount(8): {@code overlay} with
 * {@code lowerdir=}, {@code upperdir=} and {@code workdir=} options, or {@code bind} where there is
 * nothing to stack.
 *
 * <p>The options of an overlay with many layers may be longer than the page that mount(2) takes;
 * fsconfig(2) with one {@code lowerdir+} per directory (kernel 6.5) or a change of directory to the
 * layers' common parent gets around it.
 */
public record SnapshotMount(String type, String source, List<String> options) {

  public SnapshotMount {
    Objects.requireNonNull(type);
    Objects.requireNonNull(source);
    options = List.copyOf(options);
  }
}
