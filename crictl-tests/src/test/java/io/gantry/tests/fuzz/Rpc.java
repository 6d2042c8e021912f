package io.gantry.tests.fuzz;

import io.gantry.proto.schema.FileSchema;
import io.gantry.proto.schema.FileSet;
import io.gantry.proto.schema.MethodSchema;
import io.gantry.proto.schema.ServiceSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * An RPC as the descriptor names it.
 *
 * @param fullName such as {@code runtime.v1.RuntimeService/Version}
 * @param requestType full name of its request message
 */
record Rpc(String fullName, String requestType, boolean serverStreaming) {

  private static final String CRI = "runtime.v1";

  /** Every RPC of the CRI. */
  static List<Rpc> all(FileSet files) {
    List<Rpc> all = new ArrayList<>();
    for (FileSchema file : files.getFileList()) {
      if (file.getPackage().equals(CRI)) {
        for (ServiceSchema service : file.getServiceList()) {
          for (MethodSchema method : service.getMethodList()) {
            all.add(
                new Rpc(
                    CRI + "." + service.getName() + "/" + method.getName(),
                    method.getInputType().substring(1),
                    method.getServerStreaming()));
          }
        }
      }
    }
    return all;
  }

  /** The last part of the name. */
  String name() {
    return fullName.substring(fullName.indexOf('/') + 1);
  }
}
