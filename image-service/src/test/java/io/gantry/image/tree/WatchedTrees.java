package io.gantry.image.tree;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** Layers that tell when a file is made. */
public final class WatchedTrees implements LayerTrees {

  private final LayerTrees trees;
  private final Map<String, CountDownLatch> latches = new ConcurrentHashMap<>();

  public WatchedTrees(LayerTrees trees) {
    this.trees = trees;
  }

  /** Counts down when a file of that path is made in any layer. */
  public CountDownLatch whenMade(String path) {
    return latches.computeIfAbsent(path, any -> new CountDownLatch(1));
  }

  @Override
  public LayerTree open(Path directory) throws IOException {
    LayerTree tree = trees.open(directory);
    return (LayerTree)
        Proxy.newProxyInstance(
            LayerTree.class.getClassLoader(),
            new Class<?>[] {LayerTree.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("makeFile")) {
                whenMade((String) arguments[0]).countDown();
              }
              try {
                return method.invoke(tree, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Override
  public void delete(Path directory) throws IOException {
    trees.delete(directory);
  }

  @Override
  public DiskUsage usage(Path directory) throws IOException {
    return trees.usage(directory);
  }
}
