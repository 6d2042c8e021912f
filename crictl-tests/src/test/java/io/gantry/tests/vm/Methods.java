package io.gantry.tests.vm;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;

/** Finding a test method by its name alone, as people write it. */
final class Methods {

  private Methods() {}

  static DiscoverySelector named(String className, String methodName) {
    try {
      Class<?> tests = Class.forName(className);
      Method method =
          Arrays.stream(tests.getDeclaredMethods())
              .filter(candidate -> candidate.getName().equals(methodName))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(className + " has no " + methodName));
      return DiscoverySelectors.selectMethod(tests, method);
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException("no class " + className, e);
    }
  }
}
