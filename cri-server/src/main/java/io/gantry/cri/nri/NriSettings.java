package io.gantry.cri.nri;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How plugins are treated.
 *
 * @param socket where plugins connect; absent if none may
 * @param pluginDirectory plugins that are launched here, files named INDEX-NAME
 * @param configDirectory their configurations, files named INDEX-NAME.conf or NAME.conf
 * @param registrationTimeout how long a plugin may take to register
 * @param requestTimeout how long a plugin may take for an answer
 * @param serial whether a plugin is asked one thing at a time
 * @param runtimeVersion gantry's version, told to plugins
 */
public record NriSettings(
    Optional<Path> socket,
    Path pluginDirectory,
    Path configDirectory,
    Duration registrationTimeout,
    Duration requestTimeout,
    boolean serial,
    String runtimeVersion) {

  /**
   * A plugin may have much to do with what there is already; nobody but those who make something
   * new waits for it.
   */
  Duration synchronizationTimeout() {
    return registrationTimeout.compareTo(requestTimeout) > 0 ? registrationTimeout : requestTimeout;
  }
}
