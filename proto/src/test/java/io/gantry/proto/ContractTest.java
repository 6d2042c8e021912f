package io.gantry.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the compiled contracts against tables of the originals: a field that is missing,
 * mis-numbered or of another type would only show as data that silently gets lost between us and a
 * kubelet or containerd.
 */
class ContractTest {

  /**
   * Cells of each kind of row in cri-v1.tsv that count; the last one tells since when, which a
   * descriptor does not.
   */
  private static final Map<String, Integer> CRI_CELLS =
      Map.of("service", 7, "field", 7, "empty", 2, "enum", 4);

  @Test
  void cri_hasEveryServiceMethodMessageFieldAndEnumOfTheTableAndNothingElse() throws IOException {
    List<String> table = new ArrayList<>();
    for (String line : lines("cri-v1.tsv")) {
      String[] cells = line.split("\t", -1);
      int count = Math.min(CRI_CELLS.get(cells[0]), cells.length);
      table.add(String.join("\t", Arrays.copyOf(cells, count)).stripTrailing());
    }

    assertSameRows(table, Contract.rowsOf("runtime.v1"));
  }

  @Test
  void cri_hasAllItsRpcs() throws IOException {
    long methods =
        Contract.rowsOf("runtime.v1").stream().filter(row -> row.startsWith("service\t")).count();

    assertEquals(43, methods);
  }

  static Stream<Map.Entry<String, List<String>>> shimPackages() throws IOException {
    return shimTable().entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("shimPackages")
  void shimPackage_isWhatTheTableSays(Map.Entry<String, List<String>> shimPackage)
      throws IOException {
    assertSameRows(shimPackage.getValue(), Contract.rowsOf(shimPackage.getKey()));
  }

  @Test
  void shimTable_coversTheTaskServiceInBothVersions() throws IOException {
    assertTrue(
        shimTable().keySet().containsAll(List.of("containerd.task.v2", "containerd.task.v3")));
  }

  /** The rows of shim-task.tsv by package, without the package's cell. */
  private static Map<String, List<String>> shimTable() throws IOException {
    Map<String, List<String>> packages = new LinkedHashMap<>();
    for (String line : lines("shim-task.tsv")) {
      List<String> cells = new ArrayList<>(Arrays.asList(line.split("\t")));
      String packageName = cells.remove(1);
      switch (cells.get(0)) {
        case "file" -> packages.putIfAbsent(packageName, new ArrayList<>());
        case "same" -> packages.put(packageName, packages.get(cells.get(1)));
        default -> packages.get(packageName).add(String.join("\t", cells).stripTrailing());
      }
    }
    return packages;
  }

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = ContractTest.class.getResourceAsStream("/" + resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }

  private static void assertSameRows(List<String> table, List<String> compiled) {
    TreeSet<String> missing = new TreeSet<>(table);
    compiled.forEach(missing::remove);
    TreeSet<String> extra = new TreeSet<>(compiled);
    table.forEach(extra::remove);

    assertTrue(
        missing.isEmpty() && extra.isEmpty(),
        () ->
            "only in the table:\n  %s\nonly in the compiled contract:\n  %s"
                .formatted(String.join("\n  ", missing), String.join("\n  ", extra)));
    assertEquals(table.size(), compiled.size(), "rows, some of them twice");
  }
}
