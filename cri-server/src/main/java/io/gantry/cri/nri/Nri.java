package io.gantry.cri.nri;

import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerHooks;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.LimitChanges;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodHooks;
import io.gantry.cri.pod.Pods;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about plugins, put together. */
public final class Nri implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Nri.class);

  private final NriSettings settings;
  private final Pods pods;
  private final Bundles bundles;
  private final Plugins plugins = new Plugins();
  private final ExecutorService executor =
      Executors.newCachedThreadPool(work -> daemon(work, "nri-work"));
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "nri-timer"));
  private final Wishes wishes = new Wishes(executor);
  private final PluginLauncher launcher;
  private final DeviceGiver devices;
  private Optional<PluginSocket> socket = Optional.empty();

  /**
   * @param launcher starts the plugins that are installed on the node
   */
  public Nri(
      NriSettings settings,
      Pods pods,
      Bundles bundles,
      PluginLauncher launcher,
      DeviceGiver devices) {
    this.settings = settings;
    this.pods = pods;
    this.bundles = bundles;
    this.launcher = launcher;
    this.devices = devices;
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** What pods are to call. */
  public PodHooks ofPods() {
    return new NriPods(plugins);
  }

  /** What containers are to call. */
  public ContainerHooks ofContainers() {
    return new NriContainers(plugins, pods, bundles, wishes, devices);
  }

  /** Ends a container that a plugin evicts; does nothing if it does not run. */
  @FunctionalInterface
  public interface Eviction {
    void evict(String container) throws IOException, InterruptedException;
  }

  /**
   * Launches the plugins that are installed, waits for them, and lets others connect; once all that
   * an earlier daemon left is known. What cannot be had is logged: pods run without plugins, too.
   */
  public void start(Containers containers, LimitChanges limits, Eviction eviction) {
    wishes.aimAt(limits::set, eviction);
    Admission admission =
        new Admission(
            settings,
            plugins,
            wishes,
            new PluginCalls.Threads(executor, timers),
            bundles,
            () -> shown(containers));
    new InstalledPlugins(settings, launcher, admission, executor).start();
    if (settings.socket().isPresent()) {
      try {
        socket =
            Optional.of(
                PluginSocket.listen(
                    settings.socket().get(), trunk -> admitLater(admission, trunk)));
        log.atInfo().addKeyValue("socket", settings.socket().get()).log("NRI plugins may connect");
      } catch (IOException e) {
        log.atWarn().addKeyValue("error", e.getMessage()).log("NRI plugins cannot connect");
      }
    }
  }

  private Plugins.Shown shown(Containers containers) {
    return new Plugins.Shown(
        pods.list().stream().filter(Pod::isReady).toList(),
        containers.list().stream().map(Container::record).toList());
  }

  /** One that connects and says nothing must not keep others waiting. */
  private void admitLater(Admission admission, SocketChannel trunk) {
    try {
      executor.execute(
          () -> {
            try {
              admission.admit(trunk);
            } catch (IOException e) {
              log.atWarn().addKeyValue("error", e.getMessage()).log("NRI plugin refused");
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    } catch (RejectedExecutionException stopping) {
      log.atDebug().log("the daemon stops: an NRI plugin came too late");
    }
  }

  /** Disconnects all plugins. */
  @Override
  public void close() {
    try {
      if (socket.isPresent()) {
        socket.get().close();
      }
    } catch (IOException e) {
      log.atWarn().addKeyValue("error", e.getMessage()).log("NRI socket not removed");
    }
    plugins.all().forEach(Plugin::close);
    executor.shutdown();
    timers.shutdownNow();
  }
}
