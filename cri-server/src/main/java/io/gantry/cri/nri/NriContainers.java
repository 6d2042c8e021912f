package io.gantry.cri.nri;

import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.ContainerHooks;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.limits.Limits;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.nri.ContainerRequest;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.PodSandbox;
import io.gantry.proto.nri.UpdateContainerRequest;
import io.gantry.proto.nri.UpdateResponse;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks plugins about containers. Free of cost while there are none. */
final class NriContainers implements ContainerHooks {
  private static final Logger log = LoggerFactory.getLogger(NriContainers.class);

  private final Plugins plugins;
  private final Pods pods;
  private final Bundles bundles;
  private final Wishes wishes;
  private final DeviceGiver devices;

  NriContainers(Plugins plugins, Pods pods, Bundles bundles, Wishes wishes, DeviceGiver devices) {
    this.plugins = plugins;
    this.pods = pods;
    this.bundles = bundles;
    this.wishes = wishes;
    this.devices = devices;
  }

  @Override
  public Creation create(Pod pod, ContainerRecord container, OciSpec spec)
      throws IOException, InterruptedException {
    List<Plugin> asked = plugins.begin(container, spec);
    OciSpec adjusted = spec;
    boolean passed = false;
    try {
      if (!asked.isEmpty()) {
        ContainerCreation creation = new ContainerCreation(pod, container, spec, devices);
        creation.ask(asked);
        wishes.carryOut(creation.others());
        adjusted = creation.spec();
      }
      passed = true;
    } finally {
      if (!passed) {
        failed(container);
      }
    }
    return new Adjusted(container, spec, adjusted);
  }

  /** A container that has passed all plugins. */
  private final class Adjusted implements Creation {
    private final ContainerRecord container;
    private final OciSpec asked;
    private final OciSpec adjusted;

    Adjusted(ContainerRecord container, OciSpec asked, OciSpec adjusted) {
      this.container = container;
      this.asked = asked;
      this.adjusted = adjusted;
    }

    @Override
    public OciSpec spec() {
      return adjusted;
    }

    @Override
    public LinuxContainerResources resources() {
      return adjusted == asked
          ? container.resources()
          : Limits.merge(container.resources(), Resources.told(adjusted.linux().resources()));
    }

    @Override
    public void created(ContainerRecord made) throws InterruptedException {
      plugins.end(made.id());
      tell(Event.POST_CREATE_CONTAINER, made);
    }

    @Override
    public void failed() throws InterruptedException {
      NriContainers.this.failed(container);
    }
  }

  private void failed(ContainerRecord container) throws InterruptedException {
    plugins.end(container.id());
    stopped(container);
    removed(container);
  }

  @Override
  public void start(ContainerRecord container) throws IOException, InterruptedException {
    if (plugins.want(Event.START_CONTAINER)) {
      Plugins.ask(plugins.all(), Event.START_CONTAINER, request(container));
    }
  }

  @Override
  public void started(ContainerRecord container) throws InterruptedException {
    tell(Event.POST_START_CONTAINER, container);
  }

  @Override
  public Change update(ContainerRecord container, Change asked)
      throws IOException, InterruptedException {
    if (!plugins.want(Event.UPDATE_CONTAINER)) {
      return asked;
    }
    ContainerRequest about = request(container);
    OtherContainers others = new OtherContainers(new Claims());
    Change change = asked;
    for (Plugin plugin : plugins.all()) {
      UpdateContainerRequest request =
          UpdateContainerRequest.newBuilder()
              .setPod(about.getPod())
              .setContainer(about.getContainer())
              .setLinuxResources(Resources.toNri(change.limits()))
              .build();
      Optional<UpdateResponse> answer =
          plugin.ask(Event.UPDATE_CONTAINER, request, UpdateResponse.parser());
      if (answer.isPresent()) {
        others.add(answer.get().getUpdateList(), plugin.name());
        others.evict(answer.get().getEvictList());
        Optional<LinuxResources> own = others.take(container.id());
        if (own.isPresent()) {
          change = with(change, own.get(), plugin.name());
        }
      }
    }
    // Later: the container is held, and so may be the others, by someone who waits for this one.
    wishes.carryOutLater(others);
    return change;
  }

  private static Change with(Change change, LinuxResources more, PluginName plugin)
      throws IOException {
    return new Change(
        Limits.merge(change.told(), Resources.change(more, plugin).told()),
        Resources.apply(change.limits(), more, plugin));
  }

  @Override
  public void updated(ContainerRecord container) throws InterruptedException {
    tell(Event.POST_UPDATE_CONTAINER, container);
  }

  @Override
  public void stopped(ContainerRecord container) {
    if (!plugins.want(Event.STOP_CONTAINER)) {
      return;
    }
    ContainerRequest request = request(container);
    OtherContainers others = new OtherContainers(new Claims());
    for (Plugin plugin : plugins.all()) {
      try {
        Optional<UpdateResponse> answer =
            plugin.ask(Event.STOP_CONTAINER, request, UpdateResponse.parser());
        if (answer.isPresent()) {
          others.add(answer.get().getUpdateList(), plugin.name());
        }
      } catch (IOException e) {
        log.atWarn()
            .addKeyValue("container", container.id())
            .addKeyValue("error", e.getMessage())
            .log("an NRI plugin did not take a container's end");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // The end is recorded; nothing here may undo that.
        return;
      }
    }
    wishes.carryOutLater(others);
  }

  @Override
  public void removed(ContainerRecord container) throws InterruptedException {
    tell(Event.REMOVE_CONTAINER, container);
  }

  private void tell(Event event, ContainerRecord container) throws InterruptedException {
    if (plugins.want(event)) {
      plugins.tell(event, request(container));
    }
  }

  private ContainerRequest request(ContainerRecord container) {
    return ContainerRequest.newBuilder()
        .setPod(
            pods.find(container.podId())
                .map(PodModel::of)
                .orElseGet(() -> PodSandbox.newBuilder().setId(container.podId()).build()))
        .setContainer(ContainerModel.of(container, spec(bundles, container.id())))
        .build();
  }

  /** Without its files a container is still told of, with less to be seen. */
  static Optional<OciSpec> spec(Bundles bundles, String container) {
    try {
      return bundles.spec(container);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("container", container)
          .addKeyValue("error", e.getMessage())
          .log("specification not read for NRI plugins");
      return Optional.empty();
    }
  }
}
