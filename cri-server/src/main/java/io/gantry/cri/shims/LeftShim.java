package io.gantry.cri.shims;

import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A shim that an earlier daemon left behind, and what is to become of it. */
final class LeftShim {
  private static final Logger LOG = LoggerFactory.getLogger(LeftShim.class);
  private static final int SIGKILL = 9;
  private static final int EXIT_SECONDS = 10;

  private final ShimConnection connection;
  private final Set<String> known;

  LeftShim(ShimConnection connection, Set<String> known) {
    this.connection = connection;
    this.known = known;
  }

  /** Ends every container nobody knows of; the ids of those that are known. */
  List<String> settle() throws TtrpcException {
    InfoResponse info = connection.info();
    List<String> wanted = new ArrayList<>();
    for (String id : info.getContainerIdsList()) {
      if (known.contains(id)) {
        wanted.add(id);
      } else {
        endContainer(id);
      }
    }
    return wanted;
  }

  private void endContainer(String id) throws TtrpcException {
    LOG.atWarn()
        .addKeyValue("container", id)
        .addKeyValue("shim", connection.shimPid())
        .log("unknown container ended");
    try {
      connection.kill(id, SIGKILL, true);
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.NOT_FOUND) {
        throw e;
      }
    }
    try {
      connection.kill(id, SIGKILL, false);
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.NOT_FOUND) {
        throw e;
      }
    }
    try {
      connection.waitExit(id).get(EXIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new TtrpcException(TtrpcCode.INTERNAL, "end container " + id + ": it does not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TtrpcException(TtrpcCode.CANCELLED, "end container " + id + ": interrupted", e);
    }
    connection.delete(id);
  }
}
