package io.gantry.cri.nri;

import io.gantry.cri.container.ContainerHooks;
import io.gantry.proto.nri.ContainerEviction;
import io.gantry.proto.nri.ContainerUpdate;
import io.gantry.proto.nri.LinuxResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What plugins want changed of containers, other than the one they were asked about, while they
 * were asked about it. Confined to one thread.
 */
final class OtherContainers {
  private static final Logger log = LoggerFactory.getLogger(OtherContainers.class);

  private final Claims claims;
  private final Map<String, Wanted> wanted = new LinkedHashMap<>();
  private final List<ContainerEviction> evictions = new ArrayList<>();

  /** The last plugin that asked for it, and all that was asked for. */
  private record Wanted(PluginName plugin, ContainerUpdate update) {}

  /** Sets a container's limits. */
  @FunctionalInterface
  interface Setting {
    void set(String container, ContainerHooks.Change change)
        throws IOException, InterruptedException;
  }

  OtherContainers(Claims claims) {
    this.claims = claims;
  }

  /**
   * Takes down what a plugin wants.
   *
   * @throws IOException naming both plugins, if two want to set the same limit
   */
  void add(List<ContainerUpdate> updates, PluginName plugin) throws IOException {
    for (ContainerUpdate update : updates) {
      try {
        claims.claim(update.getContainerId(), update.getLinux().getResources(), plugin);
      } catch (IOException conflict) {
        if (update.getIgnoreFailure()) {
          continue;
        }
        throw conflict;
      }
      wanted.merge(
          update.getContainerId(),
          new Wanted(plugin, update),
          (before, after) -> new Wanted(plugin, merge(before.update(), after.update())));
    }
  }

  void evict(List<ContainerEviction> containers) {
    evictions.addAll(containers);
  }

  private static ContainerUpdate merge(ContainerUpdate before, ContainerUpdate after) {
    LinuxResources limits =
        Resources.merge(before.getLinux().getResources(), after.getLinux().getResources());
    return before.toBuilder()
        .setLinux(before.getLinux().toBuilder().setResources(limits))
        .setIgnoreFailure(before.getIgnoreFailure() && after.getIgnoreFailure())
        .build();
  }

  /** What is wanted of one of them; it is not among the others then. */
  Optional<LinuxResources> take(String container) {
    return Optional.ofNullable(wanted.remove(container))
        .map(one -> one.update().getLinux().getResources());
  }

  List<ContainerUpdate> updates() {
    return wanted.values().stream().map(Wanted::update).toList();
  }

  boolean isEmpty() {
    return wanted.isEmpty() && evictions.isEmpty();
  }

  /**
   * Carries all of it out.
   *
   * @throws IOException naming the plugin and the container, if one fails that must not
   */
  void carryOut(Setting setting, Consumer<ContainerEviction> evicting)
      throws IOException, InterruptedException {
    for (Wanted one : wanted.values()) {
      ContainerUpdate update = one.update();
      try {
        LinuxResources limits = update.getLinux().getResources();
        setting.set(update.getContainerId(), Resources.change(limits, one.plugin()));
      } catch (IOException | RuntimeException e) {
        String words =
            "NRI plugin %s: update container %s: %s"
                .formatted(one.plugin(), update.getContainerId(), e.getMessage());
        if (!update.getIgnoreFailure()) {
          throw new IOException(words, e);
        }
        log.atInfo().addKeyValue("error", words).log("a failure that an NRI plugin ignores");
      }
    }
    evictions.forEach(evicting);
  }
}
