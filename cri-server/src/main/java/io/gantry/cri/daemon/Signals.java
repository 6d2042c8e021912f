package io.gantry.cri.daemon;

import java.lang.reflect.Proxy;

/**
 * Reacts to signals. The only class the JDK has for this is sun.misc.Signal, in the supported
 * module jdk.unsupported; it is reached by reflection because javac's warning about it cannot be
 * silenced where warnings are errors.
 */
final class Signals {
  private Signals() {}

  /**
   * Runs {@code action} on a thread of its own each time the signal arrives, in place of the JVM's
   * own reaction.
   *
   * @param name without SIG: "TERM"
   */
  static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object reaction =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      action.run();
                      yield null;
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "reaction to SIG" + name;
                  });
      Object named = signal.getConstructor(String.class).newInstance(name);
      signal.getMethod("handle", signal, handler).invoke(null, named, reaction);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("react to SIG" + name + ": this JVM has no way to", e);
    }
  }
}
