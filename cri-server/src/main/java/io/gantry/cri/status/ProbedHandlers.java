package io.gantry.cri.status;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.config.Config;
import io.gantry.cri.shims.Handlers;
import io.gantry.proto.cri.v1.RuntimeHandler;
import io.gantry.proto.cri.v1.RuntimeHandlerFeatures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runtime handlers, each as it was found when gantryd started: Status may not touch a
 * filesystem, which can hang. Immutable.
 */
public final class ProbedHandlers {
  private static final Logger log = LoggerFactory.getLogger(ProbedHandlers.class);

  private final String defaultName;
  private final List<HandlerReport> reports;

  private ProbedHandlers(String defaultName, List<HandlerReport> reports) {
    this.defaultName = defaultName;
    this.reports = List.copyOf(reports);
  }

  /** Looks for each handler's programs, and asks them. */
  public static ProbedHandlers probe(
      Config.Runtimes runtimes, Handlers handlers, KernelFeatures kernel) throws IOException {
    List<HandlerReport> reports = new ArrayList<>();
    for (Config.Runtime runtime : runtimes.byName().values()) {
      reports.add(runtime.isOwn() ? own(runtime, kernel) : foreign(runtime, handlers, kernel));
    }
    return new ProbedHandlers(runtimes.defaultName(), reports);
  }

  private static HandlerReport own(Config.Runtime runtime, KernelFeatures kernel) {
    return new HandlerReport(
        runtime.name(),
        runtime.shim(),
        Optional.empty(),
        "what this kernel has",
        kernel.recursiveReadOnly(),
        kernel.userNamespaceProblem().isEmpty());
  }

  private static HandlerReport foreign(
      Config.Runtime runtime, Handlers handlers, KernelFeatures kernel) throws IOException {
    try {
      handlers.binary(runtime);
    } catch (IOException missing) {
      return unusable(runtime, missing.getMessage());
    }
    Optional<String> program = handlers.ociRuntime(runtime);
    if (program.isEmpty()) {
      return known(runtime, "none known: this shim tells none", false);
    }
    try {
      Optional<RuntimeFeatures> told = RuntimeFeatures.ask(program.get(), RuntimeFeatures.PATIENCE);
      return told.isPresent()
          ? known(
              runtime,
              "what " + program.get() + " tells",
              told.get().recursiveReadOnly() && kernel.recursiveReadOnly())
          : known(
              runtime,
              "none known: `" + program.get() + " features` gives no answer in JSON",
              false);
    } catch (IOException e) {
      return unusable(
          runtime,
          "runtime handler %s: the OCI runtime %s cannot be run: %s: install it, or name another as binary_name in [runtimes.%s]"
              .formatted(runtime.name(), program.get(), e.getMessage(), runtime.name()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("ask for the features of runtime handler " + runtime.name(), e);
    }
  }

  private static HandlerReport unusable(Config.Runtime runtime, String problem) {
    return new HandlerReport(
        runtime.name(), runtime.shim(), Optional.of(problem), "none", false, false);
  }

  /** Ids are mapped by gantry's own shim only: it has the layers to map. */
  private static HandlerReport known(
      Config.Runtime runtime, String features, boolean recursiveReadOnly) {
    return new HandlerReport(
        runtime.name(), runtime.shim(), Optional.empty(), features, recursiveReadOnly, false);
  }

  /** Says which handlers cannot be used, a line for each. */
  public void log() {
    for (HandlerReport report : reports) {
      report
          .problem()
          .ifPresent(
              problem ->
                  log.atWarn()
                      .addKeyValue("handler", report.name())
                      .addKeyValue("error", problem)
                      .log("runtime handler cannot be used"));
    }
  }

  /** Why a pod that names no handler cannot run; empty if it can. */
  Optional<String> problemOfDefault() {
    return reports.stream()
        .filter(report -> report.name().equals(defaultName))
        .findFirst()
        .flatMap(HandlerReport::problem);
  }

  /** For the CRI. The default one comes first, by its empty name, and again by its own. */
  List<RuntimeHandler> messages() {
    List<RuntimeHandler> messages = new ArrayList<>();
    for (HandlerReport report : reports) {
      if (report.name().equals(defaultName)) {
        messages.add(0, message("", report));
      }
      messages.add(message(report.name(), report));
    }
    return messages;
  }

  private static RuntimeHandler message(String name, HandlerReport report) {
    return RuntimeHandler.newBuilder()
        .setName(name)
        .setFeatures(
            RuntimeHandlerFeatures.newBuilder()
                .setRecursiveReadOnlyMounts(report.recursiveReadOnly())
                .setUserNamespaces(report.userNamespaces()))
        .build();
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (HandlerReport report : reports) {
      ObjectNode one = json.putObject(report.name());
      one.put("shim", report.shim());
      one.put("usable", report.problem().isEmpty());
      report.problem().ifPresent(problem -> one.put("problem", problem));
      one.put("features", report.features());
    }
    return json;
  }
}
