package io.gantry.cri.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultFileTest {
  @TempDir private Path directory;

  private Path orders() {
    return directory.resolve("orders");
  }

  private FaultPoints points() {
    return FaultPoints.obeying(Optional.of(orders()));
  }

  @Test
  void withoutAFile_thereAreNone() {
    assertSame(FaultPoints.NONE, FaultPoints.obeying(Optional.empty()));
  }

  @Test
  void withoutOrders_nothingHappens() throws IOException {
    points().reach("x");
    Files.writeString(orders(), "\n");
    points().reach("x");
    assertEquals(List.of("orders"), names());
  }

  @Test
  void list_namesWhatIsPassedAndHowOften() throws IOException {
    Files.writeString(orders(), "list\n");
    FaultPoints points = points();
    points.reach("a b");
    points.reach("c");
    points.reach("a b");
    assertEquals(
        List.of("a b 1", "c 1", "a b 2"), Files.readAllLines(directory.resolve("orders.seen")));
  }

  @Test
  void fail_failsTheOneTime_countedSinceTheOrder() throws IOException {
    FaultPoints points = points();
    Files.writeString(orders(), "list");
    points.reach("a");
    Files.writeString(orders(), "fail a 2");
    points.reach("a");
    points.reach("b");
    IOException e = assertThrows(IOException.class, () -> points.reach("a"));
    assertEquals("told to fail at \"a 2\"", e.getMessage());
    points.reach("a");
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
