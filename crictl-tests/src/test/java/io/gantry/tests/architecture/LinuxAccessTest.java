package io.gantry.tests.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.List;

/** Linux is touched in one package: nothing else calls native code or opens the kernel's files. */
@AnalyzeClasses(packages = "io.gantry", importOptions = DoNotIncludeTests.class)
class LinuxAccessTest {
  private static final String LINUX = "io.gantry.runtime.linux..";

  private static final List<Class<?>> FILE_ACCESS =
      List.of(
          Files.class,
          File.class,
          FileChannel.class,
          FileInputStream.class,
          FileOutputStream.class,
          FileReader.class,
          FileWriter.class,
          RandomAccessFile.class);

  @ArchTest
  static final ArchRule nativeCode_isCalledInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(LINUX)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.kenai.jffi..", "jnr..", "com.sun.jna..", "java.lang.foreign..", "sun.misc..");

  @ArchTest
  static final ArchRule nativeMethods_areDeclaredNowhere =
      noMethods().should().haveModifier(JavaModifier.NATIVE);

  @ArchTest
  static final ArchRule nativeLibraries_areLoadedInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(LINUX)
          .should()
          .callMethod(System.class, "load", String.class)
          .orShould()
          .callMethod(System.class, "loadLibrary", String.class);

  /**
   * Paths such as a container's /proc may be named anywhere; the rule is about classes that open
   * files, too.
   */
  @ArchTest
  static final ArchRule kernelFiles_areOpenedInOnePackage =
      classes()
          .that(not(resideInAPackage(LINUX)))
          .and(not(resideInAPackage("io.gantry.proto..")))
          .should(nameNoKernelFileAndOpenFiles());

  private static ArchCondition<JavaClass> nameNoKernelFileAndOpenFiles() {
    return new ArchCondition<>("not open files below /proc or /sys") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean opensFiles =
            type.getDirectDependenciesFromSelf().stream()
                .anyMatch(
                    each -> FILE_ACCESS.stream().anyMatch(each.getTargetClass()::isEquivalentTo));
        if (!opensFiles) {
          return;
        }
        StringConstants.of(type).stream()
            .filter(LinuxAccessTest::isKernelFile)
            .forEach(
                path ->
                    events.add(
                        SimpleConditionEvent.violated(
                            type, type.getName() + " names " + path + " and opens files")));
      }
    };
  }

  private static boolean isKernelFile(String constant) {
    return constant.equals("/proc")
        || constant.equals("/sys")
        || constant.startsWith("/proc/")
        || constant.startsWith("/sys/");
  }
}
