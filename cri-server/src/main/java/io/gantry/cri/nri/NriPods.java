package io.gantry.cri.nri;

import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodHooks;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.PodRequest;
import io.gantry.proto.nri.UpdatePodSandboxRequest;
import java.io.IOException;
import java.util.List;

/** Asks plugins about pods. Free of cost while there are none. */
final class NriPods implements PodHooks {
  private final Plugins plugins;

  NriPods(Plugins plugins) {
    this.plugins = plugins;
  }

  @Override
  public Making run(Pod pod) throws IOException, InterruptedException {
    List<Plugin> asked = plugins.begin(pod);
    boolean passed = false;
    try {
      if (!asked.isEmpty()) {
        Plugins.ask(asked, Event.RUN_POD_SANDBOX, PodModel.request(pod));
      }
      passed = true;
    } finally {
      if (!passed) {
        end(pod, false);
      }
    }
    return made -> end(pod, made);
  }

  private void end(Pod pod, boolean made) throws InterruptedException {
    plugins.end(pod.id());
    if (!made) {
      stop(pod);
      removed(pod);
    }
  }

  @Override
  public void stop(Pod pod) throws InterruptedException {
    tell(Event.STOP_POD_SANDBOX, pod);
  }

  @Override
  public void removed(Pod pod) throws InterruptedException {
    tell(Event.REMOVE_POD_SANDBOX, pod);
  }

  @Override
  public void update(Pod pod, LinuxContainerResources overhead, LinuxContainerResources resources)
      throws IOException, InterruptedException {
    if (plugins.want(Event.UPDATE_POD_SANDBOX)) {
      Plugins.ask(
          plugins.all(),
          Event.UPDATE_POD_SANDBOX,
          UpdatePodSandboxRequest.newBuilder()
              .setPod(PodModel.of(pod))
              .setOverheadLinuxResources(PodModel.limits(overhead))
              .setLinuxResources(PodModel.limits(resources))
              .build());
    }
  }

  @Override
  public void updated(Pod pod) throws InterruptedException {
    tell(Event.POST_UPDATE_POD_SANDBOX, pod);
  }

  private void tell(Event event, Pod pod) throws InterruptedException {
    if (plugins.want(event)) {
      PodRequest request = PodModel.request(pod);
      plugins.tell(event, request);
    }
  }
}
