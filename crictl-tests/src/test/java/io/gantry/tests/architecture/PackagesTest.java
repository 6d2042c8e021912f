package io.gantry.tests.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A package is a room with one purpose, and its package-info.java says which. */
class PackagesTest {
  private static final List<String> MODULES =
      List.of("image-service", "runtime-shim", "cri-server", "docker-frontend", "crictl-tests");

  @Test
  void packages_sayWhatLivesInThem() throws IOException {
    TreeSet<String> silent = new TreeSet<>();
    for (String module : MODULES) {
      for (String tree : List.of("src/main/java", "src/test/java")) {
        silent.addAll(packagesWithoutDescription(repository().resolve(module).resolve(tree)));
      }
    }

    assertEquals(new TreeSet<>(), silent, "packages without package-info.java");
  }

  /** Packages of tests beside the code are described by the code's own file. */
  private static List<String> packagesWithoutDescription(Path tree) throws IOException {
    if (!Files.isDirectory(tree)) {
      return List.of();
    }
    Path mainTree = tree.getParent().resolveSibling("main").resolve("java");
    try (Stream<Path> files = Files.walk(tree)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(file -> tree.relativize(file.getParent()))
          .distinct()
          .filter(each -> !describes(tree.resolve(each)) && !describes(mainTree.resolve(each)))
          .map(each -> each.toString().replace('/', '.'))
          .toList();
    }
  }

  private static boolean describes(Path directory) {
    return Files.exists(directory.resolve("package-info.java"));
  }

  private static Path repository() {
    return Path.of("").toAbsolutePath().getParent(); // tests run in their module's directory
  }
}
