package io.gantry.cri.config;

import java.util.ArrayList;
import java.util.List;

/** A configuration as it was read, able to tell what another reading of it changed. Immutable. */
public final class Settings {
  private final Values values;
  private final Config config;

  Settings(Values values) {
    this.values = values;
    this.config = values.config();
  }

  /** The settings of a machine without a gantry.toml. */
  public static Settings defaults() {
    return new Settings(Values.defaults());
  }

  public Config config() {
    return config;
  }

  /**
   * What a re-read means for a running daemon.
   *
   * @param settings what is in force from now on: changed keys that need a restart keep their old
   *     value
   * @param taken keys that took effect
   * @param needRestart keys that differ in the file but wait for a restart
   */
  public record Reload(Settings settings, List<String> taken, List<String> needRestart) {}

  /** Takes over from {@code next} what can change while running. */
  public Reload reload(Settings next) {
    var merged = new Values();
    List<String> taken = new ArrayList<>();
    List<String> needRestart = new ArrayList<>();
    for (Key<?> key : Keys.ALL) {
      boolean differs = !values.get(key).equals(next.values.get(key));
      boolean reloads = key.whenChanged() == Key.Change.RELOAD;
      if (differs) {
        (reloads ? taken : needRestart).add(key.path());
      }
      copy(key, reloads ? next.values : values, merged);
    }
    if (!values.runtimes().equals(next.values.runtimes())) {
      needRestart.add(RuntimeKeys.TABLE);
    }
    merged.setRuntimes(values);
    return new Reload(new Settings(merged), List.copyOf(taken), List.copyOf(needRestart));
  }

  private static <T> void copy(Key<T> key, Values from, Values to) {
    to.set(key, from.get(key));
  }
}
