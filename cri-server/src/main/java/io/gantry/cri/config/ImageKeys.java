package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RELOAD;
import static io.gantry.cri.config.Key.Change.RESTART;

import io.gantry.image.PinnedNames;
import java.nio.file.Path;
import java.util.Optional;

/** Keys about what lies on disk: images that are here already, and what containers write. */
final class ImageKeys {
  static final Key<PinnedNames> PINNED =
      key(
          "pinned",
          Kinds.pinnedNames(),
          PinnedNames.NONE,
          RELOAD,
          "Images that a kubelet must not remove to make room: whole names, \"beginning*\" or"
              + " \"*part*\". RemoveImage removes them all the same.");
  static final Key<Optional<Path>> SIGNATURE_POLICY =
      key(
          "signature_policy",
          Kinds.optionalPath(),
          Optional.empty(),
          RELOAD,
          "Which images may be pulled, by registry and by who has signed them: a file of the form"
              + " of containers' policy.json, read anew for each pull. \"\" lets any in.");
  static final Key<Boolean> CHECK_AFTER_CRASH =
      key(
          "check_after_crash",
          Kinds.flag(),
          true,
          RESTART,
          "Whether images are checked, and damaged layers fetched again, in the background of the"
              + " first start after the machine went down without stopping the daemon.");

  static final Key<Long> WRITABLE_LAYER_BYTES =
      new Key<>(
          "containers",
          "writable_layer_bytes",
          Kinds.number(0, Long.MAX_VALUE),
          values -> 0L,
          RELOAD,
          "The most that a container may write into its own layer; 0 for any amount. Needs a file"
              + " system with quotas for projects; the annotation"
              + " gantry.io/writable-layer-max-bytes sets it for one container. Layers that outlive"
              + " containers (gantry.io/writable-layer) have no limit.");

  private ImageKeys() {}

  private static <T> Key<T> key(
      String name, Key.Kind<T> kind, T value, Key.Change change, String words) {
    return new Key<>("images", name, kind, values -> value, change, words);
  }
}
