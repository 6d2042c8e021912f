package io.gantry.cri.nri;

import java.util.regex.Pattern;

/**
 * What a plugin is called.
 *
 * @param index two digits; plugins are asked in the order of their indices
 * @param base letters, digits and {@code - _ . +}
 */
record PluginName(String index, String base) implements Comparable<PluginName> {
  private static final Pattern INDEX = Pattern.compile("[0-9]{2}");
  private static final Pattern BASE = Pattern.compile("[a-zA-Z0-9_.+-]+");

  /**
   * @throws IllegalArgumentException saying what is wrong
   */
  PluginName {
    if (!INDEX.matcher(index).matches()) {
      throw new IllegalArgumentException(
          "NRI plugin \"" + base + "\": index \"" + index + "\" is not two digits");
    }
    if (!BASE.matcher(base).matches()) {
      throw new IllegalArgumentException(
          "NRI plugin name \"" + base + "\" has other characters than letters, digits and - _ . +");
    }
  }

  /** The name of a plugin's file: its index, a hyphen, its base. */
  static PluginName ofFile(String file) {
    int hyphen = file.indexOf('-');
    if (hyphen < 0) {
      throw new IllegalArgumentException(
          "NRI plugin file \"" + file + "\" is not named INDEX-NAME");
    }
    return new PluginName(file.substring(0, hyphen), file.substring(hyphen + 1));
  }

  @Override
  public int compareTo(PluginName other) {
    int byIndex = index.compareTo(other.index);
    return byIndex != 0 ? byIndex : base.compareTo(other.base);
  }

  @Override
  public String toString() {
    return index + "-" + base;
  }
}
