package io.gantry.docker.cli.terminal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Signals to this process. The JDK has them in sun.misc.Signal alone (module jdk.unsupported, there
 * to stay until there is another way), which the compiler warns of in a way that cannot be
 * silenced: so it is called by its name. A JDK without it leaves signals their usual effect.
 */
public final class Signals {
  /**
   * What the JVM lets a program have. SIGQUIT is its own (it prints the threads), as is SIGUSR2 on
   * Linux.
   */
  public static final List<String> PROXIED = List.of("HUP", "INT", "TERM", "USR1", "CONT");

  private Signals() {}

  /** Has a listener called in the place of a signal's usual effect. */
  public static void handle(String name, Runnable listener) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler calls =
          (proxy, method, words) ->
              switch (method.getName()) {
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == words[0];
                case "toString" -> "handler of SIG" + name;
                default -> {
                  listener.run();
                  yield null;
                }
              };
      Object proxy =
          Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, calls);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      if (e instanceof InvocationTargetException thrown
          && thrown.getCause() instanceof IllegalArgumentException) {
        return; // the JVM keeps it
      }
    }
  }
}
