package io.gantry.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Habits that all modules have in common. */
@AnalyzeClasses(packages = "io.gantry", importOptions = DoNotIncludeTests.class)
class HouseStyleTest {
  @ArchTest
  static final ArchRule classes_areNamedAfterWhatTheyAre =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.gantry.proto..")
          .should()
          .haveNameMatching(".*(Util|Utils|Helper|Helpers|Common|Impl)")
          .because("a piece of help lives with the type that it serves");

  @ArchTest
  static final ArchRule nothing_writesToStandardErrorByAccident =
      noClasses().should().callMethod(Throwable.class, "printStackTrace");
}
