package io.gantry.image.push;

import io.gantry.image.manifest.Descriptor;
import java.util.Optional;

/** Told how a push stands. Called from several threads; must not block. */
public interface PushListener {

  /** How one blob stands. */
  enum Phase {
    WAITING,
    ALREADY_THERE,
    MOUNTED,
    UPLOADING,
    UPLOADED
  }

  /**
   * @param currentBytes how much of it is there
   * @param from the repository that it was mounted from
   */
  void blob(Descriptor blob, Phase phase, long currentBytes, Optional<String> from);

  /** Something that a person may want to know. */
  void words(String words);
}
