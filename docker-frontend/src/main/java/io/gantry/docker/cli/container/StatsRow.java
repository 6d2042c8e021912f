package io.gantry.docker.cli.container;

import io.gantry.docker.cli.command.Ids;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.template.Fields;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a container uses.
 *
 * @param asked the name or ID that it was asked for by
 * @param stats null if nothing is known yet
 */
record StatsRow(String asked, Json stats, boolean whole) implements Fields {
  private static final String UNKNOWN = "--";

  @Override
  public List<String> names() {
    return List.of(
        "BlockIO", "CPUPerc", "Container", "ID", "MemPerc", "MemUsage", "Name", "NetIO", "PIDs");
  }

  @Override
  public Optional<Json> field(String name) {
    String text =
        switch (name) {
          case "Container" -> asked;
          case "ID" -> {
            String id = stats.get("id").text();
            yield whole ? id : Ids.shortened(id.isEmpty() ? asked : id);
          }
          case "Name" -> known(stats.get("name").text().replaceFirst("^/", ""));
          case "CPUPerc" -> stats.isNull() ? UNKNOWN : percent(cpu());
          case "MemUsage" ->
              stats.isNull()
                  ? UNKNOWN + " / " + UNKNOWN
                  : Human.binarySize(memory()) + " / " + Human.binarySize(limit());
          case "MemPerc" ->
              stats.isNull() ? UNKNOWN : percent(limit() == 0 ? 0 : memory() / limit() * 100);
          case "NetIO" ->
              stats.isNull()
                  ? UNKNOWN
                  : Human.size(network("rx_bytes")) + " / " + Human.size(network("tx_bytes"));
          case "BlockIO" ->
              stats.isNull()
                  ? UNKNOWN
                  : Human.size(blocks("read")) + " / " + Human.size(blocks("write"));
          case "PIDs" ->
              stats.isNull() ? UNKNOWN : Long.toString(stats.at("pids_stats", "current").number());
          default -> null;
        };
    return Optional.ofNullable(text).map(Json::of);
  }

  private static String known(String text) {
    return text.isEmpty() ? UNKNOWN : text;
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f%%", value);
  }

  /** Of one processor: the container's share of the machine's time, times their number. */
  private double cpu() {
    double used =
        stats.at("cpu_stats", "cpu_usage", "total_usage").decimal()
            - stats.at("precpu_stats", "cpu_usage", "total_usage").decimal();
    double all =
        stats.at("cpu_stats", "system_cpu_usage").decimal()
            - stats.at("precpu_stats", "system_cpu_usage").decimal();
    double processors = stats.at("cpu_stats", "online_cpus").decimal();
    if (processors == 0) {
      processors = stats.at("cpu_stats", "cpu_usage", "percpu_usage").items().size();
    }
    return used > 0 && all > 0 ? used / all * processors * 100 : 0;
  }

  /** Without the page cache, which would be given back. */
  private double memory() {
    Json memory = stats.get("memory_stats");
    double usage = memory.get("usage").decimal();
    Json details = memory.get("stats");
    for (String cache : List.of("total_inactive_file", "inactive_file")) {
      double bytes = details.get(cache).decimal();
      if (details.has(cache) && bytes < usage) {
        return usage - bytes;
      }
    }
    return usage;
  }

  private double limit() {
    return stats.at("memory_stats", "limit").decimal();
  }

  private double network(String direction) {
    double sum = 0;
    for (Json each : stats.get("networks").fields().values()) {
      sum += each.get(direction).decimal();
    }
    return sum;
  }

  private double blocks(String operation) {
    double sum = 0;
    for (Json each : stats.at("blkio_stats", "io_service_bytes_recursive").items()) {
      if (each.get("op").text().equalsIgnoreCase(operation)) {
        sum += each.get("value").decimal();
      }
    }
    return sum;
  }
}
