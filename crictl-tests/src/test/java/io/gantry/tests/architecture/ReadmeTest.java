package io.gantry.tests.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README.md's table of RPCs says of each whether it is built, and says the truth. */
class ReadmeTest {
  private static final Pattern ROW = Pattern.compile("\\| ([A-Z]\\w+) \\| (yes|not yet) \\|.*");
  private static final Pattern REGISTRATION = Pattern.compile("get(\\w+)Method");
  private static final Set<String> SERVICES =
      Set.of(RuntimeServiceGrpc.class.getName(), ImageServiceGrpc.class.getName());

  @Test
  void table_saysOfEveryRpcWhetherTheDaemonHasAHandlerForIt() throws IOException {
    Set<String> handled = handled();
    Map<String, String> truth = new TreeMap<>();
    rpcs().forEach(rpc -> truth.put(rpc, handled.contains(rpc) ? "yes" : "not yet"));

    assertEquals(lines(truth), lines(table()), "README.md, \"What works and what does not yet\"");
  }

  private static String lines(Map<String, String> rows) {
    return rows.entrySet().stream()
        .map(row -> row.getKey() + ": " + row.getValue())
        .collect(Collectors.joining("\n"));
  }

  private static Stream<String> rpcs() {
    return Stream.of(
            RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .map(MethodDescriptor::getBareMethodName);
  }

  /**
   * Handlers are registered by the generated descriptors' getters, and nothing else asks for those.
   */
  private static Set<String> handled() {
    JavaClasses daemon =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.gantry.cri");
    Set<String> names = new TreeSet<>();
    daemon.stream()
        .flatMap(type -> type.getMethodCallsFromSelf().stream())
        .filter(call -> SERVICES.contains(call.getTargetOwner().getName()))
        .forEach(
            call -> {
              Matcher getter = REGISTRATION.matcher(call.getTarget().getName());
              if (getter.matches()) {
                names.add(getter.group(1));
              }
            });
    return names;
  }

  private static Map<String, String> table() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    Path readme = Path.of("").toAbsolutePath().resolveSibling("README.md");
    for (String line : Files.readAllLines(readme)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.put(row.group(1), row.group(2));
      }
    }
    return rows;
  }
}
