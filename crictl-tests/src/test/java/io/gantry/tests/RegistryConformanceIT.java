package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.GantryRegistry;
import io.gantry.tests.tools.DistributionConformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The OCI distribution specification's own suite against the registry: each case is a test here.
 */
@Tag("root")
class RegistryConformanceIT {

  @TempDir static Path directory;

  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    assumeTrue(TestNode.isGantry(), "containerd is no registry");
    List<DistributionConformance.Case> cases;
    try (GantryRegistry registry = new GantryRegistry(directory.resolve("registry")).start()) {
      cases =
          DistributionConformance.run(
              registry.host(), Files.createDirectory(directory.resolve("results")));
    }
    DynamicTest whole =
        DynamicTest.dynamicTest(
            "the suite ran to its end",
            () -> assertTrue(cases.size() > 700, "only " + cases.size() + " cases"));
    return Stream.concat(
        Stream.of(whole),
        cases.stream()
            .map(
                each ->
                    DynamicTest.dynamicTest(
                        each.name(), () -> assertEquals("passed", each.status(), each.words()))));
  }
}
