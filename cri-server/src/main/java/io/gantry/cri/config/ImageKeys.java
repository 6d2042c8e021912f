package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RELOAD;
import static io.gantry.cri.config.Key.Change.RESTART;

import io.gantry.image.PinnedNames;
import java.util.List;

/** The keys of the table {@code [images]} that are about what is here already. */
final class ImageKeys {
  static final Key<PinnedNames> PINNED =
      key(
          "pinned",
          Kinds.pinnedNames(),
          PinnedNames.NONE,
          RELOAD,
          "Images that a kubelet must not remove to make room: whole names, \"beginning*\" or"
              + " \"*part*\". RemoveImage removes them all the same.");
  static final Key<Boolean> CHECK_AFTER_CRASH =
      key(
          "check_after_crash",
          Kinds.flag(),
          true,
          RESTART,
          "Whether images are checked, and damaged layers fetched again, in the background of the"
              + " first start after the machine went down without stopping the daemon.");

  static final List<Key<?>> ALL = List.of(PINNED, CHECK_AFTER_CRASH);

  private ImageKeys() {}

  private static <T> Key<T> key(
      String name, Key.Kind<T> kind, T value, Key.Change change, String words) {
    return new Key<>("images", name, kind, values -> value, change, words);
  }
}
