package io.gantry.docker.engine.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.runtime.Machine;
import io.gantry.proto.v1.NodeGrpc;
import io.gantry.proto.v1.NodeInfo;
import io.gantry.proto.v1.NodeInfoRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** The machine as gantry.v1 knows it, in the words of the Engine API. */
public final class NodeFacts {
  private final NodeGrpc.NodeBlockingStub node;

  public NodeFacts(Channel channel) {
    node = NodeGrpc.newBlockingStub(channel);
  }

  /** Asks anew; what the runtime does not tell stays with what this process knows. */
  ObjectNode read() {
    NodeInfo info = ask();
    ObjectNode answer = Json.object();
    answer
        .put("ID", info.getId())
        .put("Name", info.getHostname())
        .put("KernelVersion", orElse(info.getKernelVersion(), System.getProperty("os.version")))
        .put("OperatingSystem", orElse(info.getOperatingSystem(), "Linux"))
        .put("OSVersion", "")
        .put("Architecture", machine(orElse(info.getArchitecture(), System.getProperty("os.arch"))))
        .put(
            "NCPU",
            info.getProcessors() > 0
                ? info.getProcessors()
                : Runtime.getRuntime().availableProcessors())
        .put("MemTotal", info.getMemoryBytes() > 0 ? info.getMemoryBytes() : Machine.memoryBytes())
        .put("CgroupVersion", info.getCgroupVersion())
        .put("CgroupDriver", info.getCgroupDriver())
        .put("DockerRootDir", info.getRoot())
        .put("Driver", orElse(info.getStorageDriver(), "overlay2"));
    answer
        .putArray("DriverStatus")
        .add(Json.array().add("Backing Filesystem").add(info.getBackingFilesystem()));
    answer.set("SecurityOptions", Json.texts(info.getSecurityOptionsList()));
    answer.set("Warnings", Json.texts(info.getWarningsList()));
    ObjectNode runtimes = answer.putObject("Runtimes");
    info.getHandlersList().forEach(name -> runtimes.putObject(name).put("path", name));
    if (info.getHandlersCount() > 0) {
      answer.put("DefaultRuntime", info.getHandlers(0));
    }
    return answer;
  }

  private NodeInfo ask() {
    try {
      return node.info(NodeInfoRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return NodeInfo.getDefaultInstance();
      }
      throw e;
    }
  }

  private static String orElse(String told, String otherwise) {
    return told.isEmpty() ? otherwise : told;
  }

  /** As uname(2) says it; Java has another word. */
  private static String machine(String name) {
    return switch (name) {
      case "amd64" -> "x86_64";
      case "arm64" -> "aarch64";
      default -> name;
    };
  }
}
