package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Machine;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.ContainerStats;
import io.gantry.proto.cri.v1.LinuxPodSandboxStats;
import io.gantry.proto.cri.v1.NetworkInterfaceUsage;
import io.gantry.proto.cri.v1.PodSandboxStatsRequest;
import io.gantry.proto.v1.ProcessRow;
import io.gantry.proto.v1.ProcessesRequest;
import io.gantry.proto.v1.ProcessesResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** What runs in containers, and what it uses: top and stats. */
final class UsageEndpoints {
  private static final long SECOND = 1000;

  private final Runtime runtime;
  private final ContainerRecords records;
  private final Clock clock;

  UsageEndpoints(Runtime runtime, ContainerRecords records, Clock clock) {
    this.runtime = runtime;
    this.records = records;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/containers/{id}/top", this::top),
        Route.get("/containers/{id}/stats", this::stats));
  }

  private void top(Exchange exchange) throws Exception {
    DockerContainer container = records.get(exchange.request().parameter("id"));
    if (!container.status().isRunning()) {
      throw EngineException.conflict("container " + container.id() + " is not running");
    }
    ProcessesResponse processes =
        runtime
            .containers()
            .processes(
                ProcessesRequest.newBuilder()
                    .setContainerId(container.runtimeId())
                    .setPsArguments(exchange.request().query().text("ps_args"))
                    .build());
    ObjectNode answer = Json.object();
    answer.set("Titles", Json.texts(processes.getTitlesList()));
    ArrayNode rows = answer.putArray("Processes");
    for (ProcessRow row : processes.getRowsList()) {
      rows.add(Json.texts(row.getCellsList()));
    }
    exchange.answer(200, answer);
  }

  private void stats(Exchange exchange) throws Exception {
    DockerContainer container = records.get(exchange.request().parameter("id"));
    Query query = exchange.request().query();
    boolean stream = query.flag("stream", true);
    Thread here = Thread.currentThread();
    exchange.onGone(here::interrupt);
    ObjectNode before = sample(container);
    if (!stream) {
      if (!query.flag("one-shot")) {
        Thread.sleep(SECOND);
        exchange.answer(200, paired(before, sample(container)));
      } else {
        exchange.answer(200, before);
      }
      return;
    }
    try (OutputStream out = exchange.stream(200, "application/json")) {
      send(out, before);
      while (records.find(container.id()).isPresent()) {
        Thread.sleep(SECOND);
        ObjectNode now = sample(container);
        send(out, paired(before, now));
        before = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The client is gone.
    }
  }

  private static void send(OutputStream out, ObjectNode sample) throws IOException {
    out.write((Json.text(sample) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode paired(ObjectNode before, ObjectNode now) {
    now.set("preread", before.get("read"));
    now.set("precpu_stats", before.get("cpu_stats"));
    return now;
  }

  private ObjectNode sample(DockerContainer container) {
    ObjectNode view = Json.object();
    view.put("read", clock.instant().toString()).put("preread", "0001-01-01T00:00:00Z");
    view.put("id", container.id()).put("name", "/" + container.name()).put("os_type", "linux");
    LinuxPodSandboxStats pod = ask(container);
    ContainerStats own =
        pod.getContainersList().stream()
            .filter(each -> each.getAttributes().getId().equals(container.runtimeId()))
            .findFirst()
            .orElse(ContainerStats.getDefaultInstance());
    ObjectNode pids = view.putObject("pids_stats");
    if (pod.getProcess().hasProcessCount()) {
      pids.put("current", pod.getProcess().getProcessCount().getValue());
    }
    view.put("num_procs", 0);
    view.set("cpu_stats", cpu(own));
    view.set("precpu_stats", cpu(ContainerStats.getDefaultInstance()));
    view.set("memory_stats", memory(own, container));
    ObjectNode blocks = view.putObject("blkio_stats");
    blocks.putNull("io_service_bytes_recursive");
    blocks.putNull("io_serviced_recursive");
    view.putObject("storage_stats");
    networks(view, pod);
    return view;
  }

  private LinuxPodSandboxStats ask(DockerContainer container) {
    if (!container.status().isRunning()) {
      return LinuxPodSandboxStats.getDefaultInstance();
    }
    try {
      return runtime
          .pods()
          .podSandboxStats(
              PodSandboxStatsRequest.newBuilder().setPodSandboxId(container.podId()).build())
          .getStats()
          .getLinux();
    } catch (StatusRuntimeException e) {
      return LinuxPodSandboxStats.getDefaultInstance(); // It has ended meanwhile.
    }
  }

  private ObjectNode cpu(ContainerStats stats) {
    ObjectNode cpu = Json.object();
    cpu.putObject("cpu_usage")
        .put("total_usage", stats.getCpu().getUsageCoreNanoSeconds().getValue())
        .put("usage_in_kernelmode", 0)
        .put("usage_in_usermode", 0);
    int processors = java.lang.Runtime.getRuntime().availableProcessors();
    Instant now = clock.instant();
    if (stats.hasCpu()) {
      // All processors' time since some fixed point: what clients need is how much it grows.
      long nanos = now.getEpochSecond() * 1_000_000_000 + now.getNano();
      cpu.put("system_cpu_usage", nanos * processors).put("online_cpus", processors);
    }
    cpu.putObject("throttling_data")
        .put("periods", 0)
        .put("throttled_periods", 0)
        .put("throttled_time", 0);
    return cpu;
  }

  private static ObjectNode memory(ContainerStats stats, DockerContainer container) {
    ObjectNode memory = Json.object();
    if (!stats.hasMemory()) {
      return memory;
    }
    long usage = stats.getMemory().getUsageBytes().getValue();
    long working = stats.getMemory().getWorkingSetBytes().getValue();
    memory.put("usage", usage);
    // Clients take this off to have what is really needed.
    memory
        .putObject("stats")
        .put("inactive_file", Math.max(0, usage - working))
        .put("total_inactive_file", Math.max(0, usage - working));
    long limit = container.hostConfig().path("Memory").asLong();
    return memory.put("limit", limit > 0 ? limit : Machine.memoryBytes());
  }

  private static void networks(ObjectNode view, LinuxPodSandboxStats pod) {
    ObjectNode networks = Json.object();
    add(networks, pod.getNetwork().getDefaultInterface());
    pod.getNetwork().getInterfacesList().forEach(each -> add(networks, each));
    if (!networks.isEmpty()) {
      view.set("networks", networks);
    }
  }

  private static void add(ObjectNode networks, NetworkInterfaceUsage usage) {
    if (usage.getName().isEmpty() || usage.getName().equals("lo")) {
      return;
    }
    networks
        .putObject(usage.getName())
        .put("rx_bytes", usage.getRxBytes().getValue())
        .put("rx_packets", 0)
        .put("rx_errors", usage.getRxErrors().getValue())
        .put("rx_dropped", 0)
        .put("tx_bytes", usage.getTxBytes().getValue())
        .put("tx_packets", 0)
        .put("tx_errors", usage.getTxErrors().getValue())
        .put("tx_dropped", 0);
  }
}
