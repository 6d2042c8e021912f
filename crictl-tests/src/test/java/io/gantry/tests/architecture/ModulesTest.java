package io.gantry.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Arrows between modules and between the packages of one module: they point downwards only. */
@AnalyzeClasses(packages = "io.gantry", importOptions = DoNotIncludeTests.class)
class ModulesTest {
  private static final String PROTO = "io.gantry.proto..";
  private static final String IMAGE = "io.gantry.image..";
  private static final String RUNTIME = "io.gantry.runtime..";
  private static final String CRI = "io.gantry.cri..";
  private static final String DOCKER = "io.gantry.docker..";

  @ArchTest
  static final ArchRule proto_knowsNoOtherModule = mayNotImport(PROTO, IMAGE, RUNTIME, CRI, DOCKER);

  @ArchTest
  static final ArchRule imageService_knowsOnlyProto = mayNotImport(IMAGE, RUNTIME, CRI, DOCKER);

  @ArchTest
  static final ArchRule runtimeShim_knowsOnlyProto = mayNotImport(RUNTIME, IMAGE, CRI, DOCKER);

  @ArchTest static final ArchRule criServer_knowsNoFrontend = mayNotImport(CRI, DOCKER);

  @ArchTest
  static final ArchRule dockerFrontend_knowsOnlyProto =
      mayNotImport(DOCKER, IMAGE, RUNTIME, CRI)
          .because("it is a client of the gRPC interfaces and could serve any CRI runtime");

  @ArchTest static final ArchRule imageService_hasNoCycles = noCycles("io.gantry.image.(**)");

  @ArchTest static final ArchRule runtimeShim_hasNoCycles = noCycles("io.gantry.runtime.(**)");

  @ArchTest static final ArchRule criServer_hasNoCycles = noCycles("io.gantry.cri.(**)");

  @ArchTest static final ArchRule dockerFrontend_hasNoCycles = noCycles("io.gantry.docker.(**)");

  @ArchTest
  static final ArchRule runtimeShim_staysSmall =
      noClasses()
          .that()
          .resideInAPackage(RUNTIME)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.fasterxml.jackson.databind..",
              "com.fasterxml.jackson.dataformat..",
              "com.google.common..",
              "io.grpc..",
              "io.netty..",
              "org.slf4j..",
              "picocli..",
              "java.net.http..",
              "java.util.logging..")
          .because("a shim is paid for once per container, in memory and in time to start")
          .allowEmptyShould(true);

  private static ArchRule mayNotImport(String module, String... others) {
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .allowEmptyShould(true);
  }

  private static ArchRule noCycles(String packages) {
    return slices().matching(packages).should().beFreeOfCycles().allowEmptyShould(true);
  }
}
