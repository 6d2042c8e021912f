package io.gantry.cri.nri;

import io.gantry.proto.nri.ContainerEviction;
import io.gantry.proto.nri.ContainerUpdate;
import io.gantry.proto.nri.UpdateContainersRequest;
import io.gantry.proto.nri.UpdateContainersResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what plugins want changed of containers that are there. Thread-safe. */
final class Wishes {
  private static final Logger log = LoggerFactory.getLogger(Wishes.class);

  private final Executor executor;
  private volatile OtherContainers.Setting setting;
  private volatile Nri.Eviction eviction;

  Wishes(Executor executor) {
    this.executor = executor;
  }

  /** Before the first plugin connects. */
  void aimAt(OtherContainers.Setting limits, Nri.Eviction evicting) {
    setting = limits;
    eviction = evicting;
  }

  /**
   * @throws IOException naming the plugin and the container, if something fails that must not
   */
  void carryOut(OtherContainers others) throws IOException, InterruptedException {
    others.carryOut(setting, this::evictLater);
  }

  /** For a caller that holds a container, and must not wait for another. */
  void carryOutLater(OtherContainers others) {
    if (others.isEmpty()) {
      return;
    }
    later(() -> carryOut(others), "what an NRI plugin wants of other containers");
  }

  private void evictLater(ContainerEviction evicted) {
    log.atInfo()
        .addKeyValue("container", evicted.getContainerId())
        .addKeyValue("why", evicted.getReason())
        .log("an NRI plugin evicts a container");
    later(
        () -> eviction.evict(evicted.getContainerId()),
        "evict container " + evicted.getContainerId());
  }

  /** Work for later. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void later(Work work, String words) {
    try {
      executor.execute(
          () -> {
            try {
              work.run();
            } catch (IOException | RuntimeException e) {
              log.atWarn().addKeyValue("error", e.getMessage()).log(words + " failed");
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    } catch (RejectedExecutionException stopping) {
      log.atDebug().log("the daemon stops: " + words + " is left");
    }
  }

  /** What a plugin asks for by itself; the answer names those that were not changed. */
  UpdateContainersResponse update(UpdateContainersRequest request, PluginName plugin)
      throws InterruptedException {
    UpdateContainersResponse.Builder failed = UpdateContainersResponse.newBuilder();
    for (ContainerUpdate update : request.getUpdateList()) {
      OtherContainers one = new OtherContainers(new Claims());
      try {
        one.add(List.of(update.toBuilder().setIgnoreFailure(false).build()), plugin);
        carryOut(one);
      } catch (IOException e) {
        failed.addFailed(update);
        log.atInfo().addKeyValue("error", e.getMessage()).log("NRI plugin's update failed");
      }
    }
    request.getEvictList().forEach(this::evictLater);
    return failed.build();
  }
}
