package io.gantry.cri.apparmor;

import java.io.IOException;

/** The AppArmor profiles that the kernel knows. Thread-safe. */
public interface AppArmorProfiles {

  /** Whether processes can be put under this profile. */
  boolean isLoaded(String name) throws IOException;

  /** Whether there is the default profile, or the means to load it. */
  boolean hasDefault() throws IOException;

  /**
   * The default profile's name; loads it if it is not loaded, as after somebody has reloaded all of
   * the distribution's.
   *
   * @throws IOException if it cannot be loaded, saying what is missing
   */
  String loadedDefault() throws IOException, InterruptedException;
}
