package io.gantry.cri.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.operation.Operation;
import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.RuntimeCondition;
import io.gantry.proto.cri.v1.RuntimeFeatures;
import io.gantry.proto.cri.v1.RuntimeHandler;
import io.gantry.proto.cri.v1.RuntimeHandlerFeatures;
import io.gantry.proto.cri.v1.RuntimeStatus;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.proto.cri.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Says whether pods can be run, and what gantry can do here. */
public final class StatusHandler implements Handler<StatusRequest, StatusResponse> {
  private final Supplier<Config> config;
  private final Networks networks;
  private final KernelFeatures kernel;
  private final UpdateRuntimeConfigHandler podCidr;
  private final Operations operations;

  public StatusHandler(
      Supplier<Config> config,
      Networks networks,
      KernelFeatures kernel,
      UpdateRuntimeConfigHandler podCidr,
      Operations operations) {
    this.config = config;
    this.networks = networks;
    this.kernel = kernel;
    this.podCidr = podCidr;
    this.operations = operations;
  }

  @Override
  public StatusResponse handle(StatusRequest request) throws InterruptedException {
    Optional<String> networkProblem = networks.problem();
    var status = RuntimeStatus.newBuilder();
    // The daemon serves only after everything it needs was opened.
    status.addConditions(RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true));
    var network = RuntimeCondition.newBuilder().setType("NetworkReady");
    network.setStatus(networkProblem.isEmpty());
    networkProblem.ifPresent(
        problem -> network.setReason("NetworkPluginNotReady").setMessage(problem));
    status.addConditions(network);

    var response = StatusResponse.newBuilder().setStatus(status);
    for (String name : handlers()) {
      response.addRuntimeHandlers(
          RuntimeHandler.newBuilder()
              .setName(name)
              .setFeatures(
                  RuntimeHandlerFeatures.newBuilder()
                      .setRecursiveReadOnlyMounts(kernel.recursiveReadOnly())
                      .setUserNamespaces(kernel.userNamespaceProblem().isEmpty())));
    }
    response.setFeatures(
        RuntimeFeatures.newBuilder()
            .setSupplementalGroupsPolicy(true)
            .setMountOptions(true)
            .setUserNamespacesHostNetwork(kernel.userNamespaceProblem().isEmpty()));
    if (request.getVerbose()) {
      response.putInfo("config", config().toString());
      response.putInfo("operations", operations().toString());
      response.putInfo("kernel", kernel.toJson().toString());
      networks.configuration().ifPresent(found -> response.putInfo("cniconfig", found));
      response.putInfo(
          "lastCNILoadStatus",
          JsonNodeFactory.instance.textNode(networkProblem.orElse("OK")).toString());
    }
    return response.build();
  }

  /** "" is the default one, which has a name as well. */
  private List<String> handlers() {
    List<String> names = new ArrayList<>();
    names.add("");
    names.addAll(config.get().runtimes().byName().keySet());
    return names;
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
    json.put("cgroupDriver", now.cgroup().driver().toString());
    json.put("cgroupDefaultParent", now.cgroup().defaultParent());
    json.put("shimPoolSize", now.shim().poolSize());
    json.put("logLevel", now.log().level().toString());
    podCidr.podCidr().ifPresent(cidr -> json.put("podCidr", cidr));
    return json;
  }
}
