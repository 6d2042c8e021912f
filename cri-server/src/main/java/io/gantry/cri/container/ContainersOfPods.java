package io.gantry.cri.container;

import io.gantry.cri.pod.PodContainers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** What the end of a pod means for its containers. Thread-safe. */
public final class ContainersOfPods implements PodContainers {
  private final Containers containers;
  private final Stopping stopping;
  private final Removal removal;
  private final Executor executor;

  ContainersOfPods(Containers containers, Stopping stopping, Removal removal, Executor executor) {
    this.containers = containers;
    this.stopping = stopping;
    this.removal = removal;
    this.executor = executor;
  }

  @Override
  public void stopAll(String podId) throws IOException, InterruptedException {
    each(podId, container -> stopping.stop(container, Duration.ZERO));
  }

  @Override
  public void removeAll(String podId) throws IOException, InterruptedException {
    each(podId, removal::remove);
  }

  /** Ends one container. */
  @FunctionalInterface
  private interface Work {
    void on(Container container) throws IOException, InterruptedException;
  }

  /** One does not wait for another, and all are tried before the first failure is told. */
  private void each(String podId, Work work) throws IOException, InterruptedException {
    List<Container> all = containers.inPod(podId);
    if (all.size() == 1) {
      work.on(all.get(0));
      return;
    }
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (Container container : all) {
      running.add(CompletableFuture.runAsync(() -> run(work, container), executor));
    }
    IOException failed = null;
    for (CompletableFuture<Void> one : running) {
      try {
        one.join();
      } catch (CompletionException e) {
        if (failed == null) {
          failed = new IOException("pod " + podId + ": " + e.getCause().getMessage(), e.getCause());
        } else {
          failed.addSuppressed(e.getCause());
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private static void run(Work work, Container container) {
    try {
      work.on(container);
    } catch (IOException e) {
      throw new CompletionException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
  }
}
