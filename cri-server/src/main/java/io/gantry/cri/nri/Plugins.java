package io.gantry.cri.nri;

import com.google.protobuf.MessageLite;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.pod.Pod;
import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.Empty;
import io.gantry.proto.nri.Event;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins that are connected, in the order in which they are asked; and what is being made at
 * the moment. The two belong together: a plugin that joins is told of all there is, and must
 * neither miss what was asked of the others before it came and is not shown yet, nor wait for it.
 * Thread-safe.
 */
final class Plugins {
  private static final Logger log = LoggerFactory.getLogger(Plugins.class);

  private final Object lock = new Object();
  private volatile List<Plugin> connected = List.of(); // written with the lock held
  private final Map<String, Pod> pods = new LinkedHashMap<>(); // guarded by lock
  private final Map<String, Draft> containers = new LinkedHashMap<>(); // guarded by lock

  /** A container that is being made. */
  private record Draft(ContainerRecord record, OciSpec spec) {
    Container toMessage() {
      return ContainerModel.of(record, Optional.of(spec));
    }
  }

  /** What is there for all to see. */
  record Shown(List<Pod> pods, List<ContainerRecord> containers) {}

  /**
   * Everything a plugin that joins is to be told of.
   *
   * @param making containers that nobody sees yet
   */
  record Known(List<Pod> pods, List<ContainerRecord> containers, List<Container> making) {}

  boolean isEmpty() {
    return connected.isEmpty();
  }

  List<Plugin> all() {
    return connected;
  }

  /** Whether any plugin wants to hear of it. */
  boolean want(Event event) {
    for (Plugin plugin : connected) {
      if (plugin.has(event)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Begins to make a pod.
   *
   * @return whom to ask; those who come later are told of the pod as they join
   */
  List<Plugin> begin(Pod pod) {
    synchronized (lock) {
      pods.put(pod.id(), pod);
      return connected;
    }
  }

  /** As {@link #begin(Pod)}. */
  List<Plugin> begin(ContainerRecord container, OciSpec spec) {
    synchronized (lock) {
      containers.put(container.id(), new Draft(container, spec));
      return connected;
    }
  }

  /** A pod or container is shown by now, or has come to nothing. */
  void end(String id) {
    synchronized (lock) {
      pods.remove(id);
      containers.remove(id);
    }
  }

  /**
   * Takes a plugin in. From now on it is asked about everything new.
   *
   * @param shown looks up what is shown; must not block
   * @return what it is to be told of
   */
  Known join(Plugin plugin, Supplier<Shown> shown) {
    List<Pod> knownPods;
    List<ContainerRecord> knownContainers;
    List<Draft> making;
    synchronized (lock) {
      List<Plugin> more = new ArrayList<>(connected);
      more.add(plugin);
      more.sort(Comparator.comparing(Plugin::name));
      connected = List.copyOf(more);
      Shown now = shown.get();
      Map<String, Pod> byId = new LinkedHashMap<>(pods);
      now.pods().forEach(pod -> byId.put(pod.id(), pod));
      knownPods = List.copyOf(byId.values());
      knownContainers = now.containers();
      Map<String, Draft> unseen = new LinkedHashMap<>(containers);
      knownContainers.forEach(container -> unseen.remove(container.id()));
      making = List.copyOf(unseen.values());
    }
    plugin.closed().thenRun(() -> leave(plugin));
    return new Known(knownPods, knownContainers, making.stream().map(Draft::toMessage).toList());
  }

  private void leave(Plugin plugin) {
    synchronized (lock) {
      List<Plugin> fewer = new ArrayList<>(connected);
      fewer.remove(plugin);
      connected = List.copyOf(fewer);
    }
    log.atInfo().addKeyValue("plugin", plugin.name()).log("NRI plugin has gone");
  }

  /**
   * Asks these plugins one after another.
   *
   * @throws IOException naming the first that refuses; the others are not asked then
   */
  static void ask(List<Plugin> plugins, Event event, MessageLite request)
      throws IOException, InterruptedException {
    for (Plugin plugin : plugins) {
      plugin.ask(event, request, Empty.parser());
    }
  }

  /** Tells all plugins what cannot be refused. */
  void tell(Event event, MessageLite request) throws InterruptedException {
    for (Plugin plugin : connected) {
      try {
        plugin.ask(event, request, Empty.parser());
      } catch (IOException e) {
        log.atWarn()
            .addKeyValue("plugin", plugin.name())
            .addKeyValue("error", e.getMessage())
            .log("an NRI plugin did not take what it was told");
      }
    }
  }
}
