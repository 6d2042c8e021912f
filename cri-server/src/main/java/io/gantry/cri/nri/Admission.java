package io.gantry.cri.nri;

import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.State;
import io.gantry.cri.nri.Plugins.Known;
import io.gantry.cri.nri.Plugins.Shown;
import io.gantry.proto.nri.ConfigureRequest;
import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.ContainerUpdate;
import io.gantry.proto.nri.PodSandbox;
import io.gantry.proto.nri.RegisterPluginRequest;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in plugins that connect: each registers, is configured, is told of all there is, and from
 * then on is asked about everything new. Thread-safe.
 */
final class Admission {
  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private static final String RUNTIME_NAME = "gantry";

  /** The version of the protocol's library that this was held against. */
  private static final String NRI_VERSION = "v0.12.5";

  private final NriSettings settings;
  private final Plugins plugins;
  private final Wishes wishes;
  private final PluginCalls.Threads threads;
  private final Bundles bundles;
  private final Supplier<Shown> shown;

  Admission(
      NriSettings settings,
      Plugins plugins,
      Wishes wishes,
      PluginCalls.Threads threads,
      Bundles bundles,
      Supplier<Shown> shown) {
    this.settings = settings;
    this.plugins = plugins;
    this.wishes = wishes;
    this.threads = threads;
    this.bundles = bundles;
    this.shown = shown;
  }

  /** Takes in a plugin that has connected by itself; it says what it is called. */
  Plugin admit(ByteChannel trunk) throws IOException, InterruptedException {
    return admit(
        trunk, request -> new PluginName(request.getPluginIdx(), request.getPluginName()), "");
  }

  /**
   * Takes in a plugin that was launched here.
   *
   * @param config given to it, "" for none
   */
  Plugin admit(ByteChannel trunk, PluginName name, String config)
      throws IOException, InterruptedException {
    return admit(trunk, request -> name, config);
  }

  /** Says what a plugin is called. */
  @FunctionalInterface
  private interface Naming {
    PluginName name(RegisterPluginRequest request);
  }

  private Plugin admit(ByteChannel trunk, Naming naming, String config)
      throws IOException, InterruptedException {
    AtomicReference<PluginName> named = new AtomicReference<>();
    PluginCalls calls =
        new PluginCalls(
            trunk,
            threads,
            request -> {
              named.set(naming.name(request));
              return named.get();
            },
            request -> wishes.update(request, named.get()));
    boolean admitted = false;
    try {
      PluginName name = calls.awaitRegistration(settings.registrationTimeout());
      Plugin plugin =
          Plugin.configure(name, calls, configuration(config), settings.requestTimeout(), turn());
      synchronize(plugin);
      admitted = true;
      return plugin;
    } finally {
      if (!admitted) {
        calls.close();
      }
    }
  }

  private ConfigureRequest configuration(String config) {
    return ConfigureRequest.newBuilder()
        .setConfig(config)
        .setRuntimeName(RUNTIME_NAME)
        .setRuntimeVersion(settings.runtimeVersion())
        .setRegistrationTimeout(settings.registrationTimeout().toMillis())
        .setRequestTimeout(settings.requestTimeout().toMillis())
        .setNRIVersion(NRI_VERSION)
        .build();
  }

  /** A lock that many hold at once keeps nobody waiting. */
  private Lock turn() {
    return settings.serial() ? new ReentrantLock(true) : new ReentrantReadWriteLock().readLock();
  }

  private void synchronize(Plugin plugin) throws IOException, InterruptedException {
    Known known = plugins.join(plugin, shown);
    List<PodSandbox> pods = known.pods().stream().map(PodModel::of).toList();
    List<Container> containers = new ArrayList<>(known.making());
    for (ContainerRecord container : known.containers()) {
      if (container.state() instanceof State.Created
          || container.state() instanceof State.Running) {
        containers.add(ContainerModel.of(container, NriContainers.spec(bundles, container.id())));
      }
    }
    List<ContainerUpdate> updates;
    try {
      updates =
          plugin.synchronize(
              Synchronization.parts(pods, containers), settings.synchronizationTimeout());
    } catch (IOException e) {
      throw new IOException("synchronize NRI plugin " + plugin.name() + ": " + e.getMessage(), e);
    }
    log.atInfo()
        .addKeyValue("plugin", plugin.name())
        .addKeyValue("pods", pods.size())
        .addKeyValue("containers", containers.size())
        .log("NRI plugin connected");
    OtherContainers others = new OtherContainers(new Claims());
    others.add(updates, plugin.name());
    wishes.carryOutLater(others);
  }
}
