package io.gantry.cri.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.cri.cni.NetworkState;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.operation.Operation;
import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.RuntimeCondition;
import io.gantry.proto.cri.v1.RuntimeFeatures;
import io.gantry.proto.cri.v1.RuntimeStatus;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.proto.cri.v1.StatusResponse;
import java.util.Optional;
import java.util.function.Supplier;

/** Says whether pods can be run, and what gantry can do here. */
public final class StatusHandler implements Handler<StatusRequest, StatusResponse> {
  private final Supplier<Config> config;
  private final Networks networks;
  private final KernelFeatures kernel;
  private final ProbedHandlers handlers;
  private final UpdateRuntimeConfigHandler podCidr;
  private final Operations operations;
  private final CgroupDriver cgroups;

  public StatusHandler(
      Supplier<Config> config,
      Networks networks,
      KernelFeatures kernel,
      ProbedHandlers handlers,
      UpdateRuntimeConfigHandler podCidr,
      Operations operations,
      CgroupDriver cgroups) {
    this.config = config;
    this.networks = networks;
    this.kernel = kernel;
    this.handlers = handlers;
    this.podCidr = podCidr;
    this.operations = operations;
    this.cgroups = cgroups;
  }

  @Override
  public StatusResponse handle(StatusRequest request) throws InterruptedException {
    NetworkState networkState = networks.state();
    Optional<String> networkProblem = networkState.problem();
    var status = RuntimeStatus.newBuilder();
    status.addConditions(runtimeReady());
    var network = RuntimeCondition.newBuilder().setType("NetworkReady");
    network.setStatus(networkProblem.isEmpty());
    networkProblem.ifPresent(
        problem -> network.setReason("NetworkPluginNotReady").setMessage(problem));
    status.addConditions(network);

    var response = StatusResponse.newBuilder().setStatus(status);
    response.addAllRuntimeHandlers(handlers.messages());
    response.setFeatures(
        RuntimeFeatures.newBuilder()
            .setSupplementalGroupsPolicy(true)
            .setMountOptions(true)
            .setUserNamespacesHostNetwork(kernel.userNamespaceProblem().isEmpty()));
    if (request.getVerbose()) {
      response.putInfo("config", config().toString());
      response.putInfo("operations", operations().toString());
      response.putInfo("kernel", kernel.toJson().toString());
      response.putInfo("handlers", handlers.toJson().toString());
      networkState.configuration().ifPresent(found -> response.putInfo("cniconfig", found));
      response.putInfo(
          "lastCNILoadStatus",
          JsonNodeFactory.instance.textNode(networkProblem.orElse("OK")).toString());
    }
    return response.build();
  }

  /**
   * The daemon serves only after everything it needs was opened; what it lacks besides was found
   * out then as well.
   */
  private RuntimeCondition runtimeReady() {
    var ready = RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true);
    handlers
        .problemOfDefault()
        .ifPresent(
            problem ->
                ready.setStatus(false).setReason("RuntimeHandlerNotUsable").setMessage(problem));
    kernel
        .problem()
        .ifPresent(
            problem -> ready.setStatus(false).setReason("KernelLacksFeature").setMessage(problem));
    return ready.build();
  }

  /**
   * What is being done right now, for who wonders why something takes so long. An object, as crictl
   * shows anything else as one long string.
   */
  private ObjectNode operations() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode inFlight = json.putArray("inFlight");
    for (Operation operation : operations.inFlight()) {
      inFlight
          .addObject()
          .put("rpc", operation.method())
          .put("number", operation.number())
          .put("subject", operation.subject())
          .put("phase", operation.phase())
          .put("ageMillis", operation.age().toMillis());
    }
    return json;
  }

  /** By the names that tools read from other runtimes, critest among them, where there are such. */
  private ObjectNode config() {
    Config now = config.get();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("rootDir", now.paths().root().toString());
    json.put("stateDir", now.paths().state().toString());
    json.put("listen", now.server().listen().toString());
    json.put("registryConfigDir", now.images().certsDir().toString());
    ObjectNode cni = json.putObject("cni");
    cni.put("confDir", now.cni().confDir().toString());
    var binDirs = cni.putArray("binDirs");
    now.cni().binDirs().forEach(directory -> binDirs.add(directory.toString()));
    json.put("cgroupDriver", cgroups.isSystemd() ? "systemd" : "cgroupfs");
    json.put("cgroupDefaultParent", cgroups.defaultParent());
    json.put("shimPoolSize", now.shim().poolSize());
    json.put("logLevel", now.log().level().toString());
    podCidr.podCidr().ifPresent(cidr -> json.put("podCidr", cidr));
    return json;
  }
}
