package io.gantry.cri.config;

import java.util.List;

/** A configuration that cannot be used. The message holds every problem found, one per line. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  ConfigException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
