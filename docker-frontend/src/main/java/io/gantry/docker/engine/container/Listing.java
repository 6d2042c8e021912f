package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Filters;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Times;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.ImageFacts;
import io.gantry.docker.engine.runtime.Runtime;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** Lists containers, as narrowed by filters. */
final class Listing {
  private static final Set<String> FILTERS =
      Set.of(
          "ancestor",
          "before",
          "expose",
          "exited",
          "health",
          "id",
          "is-task",
          "isolation",
          "label",
          "name",
          "network",
          "publish",
          "since",
          "status",
          "volume");
  private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!", "until");
  private static final String KUBERNETES = "io.kubernetes.";

  private final Runtime runtime;
  private final ContainerRecords records;
  private final Views views;
  private final Sizes sizes;
  private final Strangers strangers;
  private final boolean showStrangers;
  private final Clock clock;

  Listing(
      Runtime runtime,
      ContainerRecords records,
      Views views,
      Sizes sizes,
      Strangers strangers,
      boolean showStrangers,
      Clock clock) {
    this.runtime = runtime;
    this.records = records;
    this.views = views;
    this.sizes = sizes;
    this.strangers = strangers;
    this.showStrangers = showStrangers;
    this.clock = clock;
  }

  ArrayNode list(Query query) throws EngineException {
    Filters filters = Filters.of(query, FILTERS);
    check(filters);
    long limit = query.number("limit").orElse(0);
    boolean all = query.flag("all") || limit > 0 || filters.has("status") || filters.has("exited");
    Optional<Instant> before = created(filters, "before");
    Optional<Instant> since = created(filters, "since");
    ArrayNode answer = Json.array();
    Map<String, Long> layers = query.flag("size") ? sizes.ofLayers() : Map.of();
    for (DockerContainer container : records.all()) {
      boolean wanted =
          (all || container.status().isRunning() || container.status() == Status.RESTARTING)
              && before.map(container.created()::isBefore).orElse(true)
              && since.map(container.created()::isAfter).orElse(true)
              && fits(filters, container);
      if (wanted) {
        ObjectNode view = views.summary(container);
        if (query.flag("size")) {
          sizes.addTo(view, container, layers);
        }
        answer.add(view);
      }
      if (limit > 0 && answer.size() >= limit) {
        return answer;
      }
    }
    boolean asked =
        showStrangers
            || filters.get("label").stream().anyMatch(label -> label.startsWith(KUBERNETES));
    if (asked) {
      strangers.all().stream()
          .filter(stranger -> filters.fitsLabels("label", stranger.getLabelsMap()))
          .map(strangers::summary)
          .filter(view -> all || view.path("State").asText().equals("running"))
          .filter(view -> filters.fits("status", view.path("State").asText()::equals))
          .forEach(answer::add);
    }
    return answer;
  }

  private static void check(Filters filters) throws EngineException {
    for (String status : filters.get("status")) {
      if (Arrays.stream(Status.values()).noneMatch(known -> known.toString().equals(status))) {
        throw EngineException.badRequest("invalid filter 'status=" + status + "'");
      }
    }
    for (String health : filters.get("health")) {
      if (!Set.of("none", "starting", "healthy", "unhealthy").contains(health)) {
        throw EngineException.badRequest("invalid filter 'health=" + health + "'");
      }
    }
    for (String code : filters.get("exited")) {
      if (!code.matches("-?\\d{1,9}")) {
        throw EngineException.badRequest("invalid filter 'exited=" + code + "'");
      }
    }
    filters.flag("is-task", false);
  }

  private Optional<Instant> created(Filters filters, String name) throws EngineException {
    return filters.has(name)
        ? Optional.of(records.get(filters.get(name).get(0)).created())
        : Optional.empty();
  }

  private boolean fits(Filters filters, DockerContainer container) {
    return filters.fits("status", container.status().toString()::equals)
        && filters.fits("health", container.health().status()::equals)
        && filters.fits("id", wanted -> container.id().startsWith(wanted))
        && filters.fits("name", wanted -> nameFits(wanted, container))
        && filters.fitsLabels("label", container.labels())
        && filters.fits(
            "exited",
            code ->
                container.status() == Status.EXITED
                    && Integer.parseInt(code) == container.exitCode())
        && filters.fits("ancestor", image -> isOf(image, container))
        && filters.fits("network", network -> inNetwork(network, container))
        && filters.fits("volume", volume -> hasVolume(volume, container))
        && filters.fits("expose", port -> hasPort(port, container.config().path("ExposedPorts")))
        && filters.fits(
            "publish", port -> hasPort(port, container.hostConfig().path("PortBindings")))
        && filters.fits("is-task", value -> Set.of("false", "0").contains(value))
        && filters.fits("isolation", value -> value.isEmpty() || value.equals("default"));
  }

  private static boolean nameFits(String wanted, DockerContainer container) {
    try {
      Pattern pattern = Pattern.compile(wanted);
      return pattern.matcher(container.name()).find()
          || pattern.matcher("/" + container.name()).find();
    } catch (PatternSyntaxException e) {
      return container.name().contains(wanted);
    }
  }

  private boolean isOf(String image, DockerContainer container) {
    if (container.image().equals(image) || container.imageId().equals(image)) {
      return true;
    }
    try {
      return ImageFacts.read(runtime, image).id().equals(container.imageId());
    } catch (EngineException e) {
      return false; // No such image, no such container.
    }
  }

  private static boolean inNetwork(String network, DockerContainer container) {
    return container.networks().properties().stream()
        .anyMatch(
            each ->
                each.getKey().equals(network)
                    || each.getValue().path("NetworkID").asText("").startsWith(network)
                        && !network.isEmpty());
  }

  private static boolean hasVolume(String volume, DockerContainer container) {
    for (var mount : container.mounts()) {
      boolean is =
          Stream.of("Name", "Source", "Destination")
              .anyMatch(field -> mount.path(field).asText("").equals(volume));
      if (is) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasPort(String wanted, com.fasterxml.jackson.databind.JsonNode ports) {
    String full = wanted.contains("/") ? wanted : wanted + "/tcp";
    return ports.has(full);
  }

  /** Those that do not run and fit. */
  List<DockerContainer> toPrune(Query query) throws EngineException {
    Filters filters = Filters.of(query, PRUNE_FILTERS);
    Optional<Instant> until = Optional.empty();
    if (filters.has("until")) {
      until = Times.parse("until", filters.get("until").get(0), clock.instant());
    }
    Optional<Instant> latest = until;
    return records.all().stream()
        .filter(
            container ->
                container.status() == Status.EXITED
                    || container.status() == Status.CREATED
                    || container.status() == Status.DEAD)
        .filter(container -> latest.map(container.created()::isBefore).orElse(true))
        .filter(container -> filters.fitsLabels("label", container.labels()))
        .filter(
            container ->
                filters.get("label!").stream()
                    .noneMatch(label -> Filters.hasLabel(container.labels(), label)))
        .toList();
  }
}
