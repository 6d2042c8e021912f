package io.gantry.runtime.ttrpc;

import java.util.Map;

/**
 * A named set of methods.
 *
 * @param name full name, for example {@code containerd.task.v3.Task}
 * @param methods handlers by short name
 */
public record TtrpcService(String name, Map<String, Method> methods) {
  public TtrpcService {
    methods = Map.copyOf(methods);
  }

  /**
   * Serves one method. It runs on one of the server's threads and either answers before it returns
   * or keeps the call and answers later from any thread; what it throws becomes the answer. A call
   * that waits for something must keep the call, not the thread.
   */
  @FunctionalInterface
  public interface Method {
    void serve(ServerCall call) throws Exception;
  }
}
