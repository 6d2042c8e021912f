package io.gantry.cri.spec;

import io.gantry.cri.apparmor.AppArmorProfiles;
import java.util.HashSet;
import java.util.Set;

/** A kernel in which the test says what is loaded. */
public final class FakeAppArmor implements AppArmorProfiles {
  final Set<String> loaded = new HashSet<>();
  boolean available = true;

  @Override
  public boolean isLoaded(String name) {
    return loaded.contains(name);
  }

  @Override
  public boolean hasDefault() {
    return available;
  }

  @Override
  public String loadedDefault() {
    loaded.add("default");
    return "default";
  }
}
