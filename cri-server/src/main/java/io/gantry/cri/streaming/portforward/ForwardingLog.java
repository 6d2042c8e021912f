package io.gantry.cri.streaming.portforward;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log of one client's port forwarding. Confined to the event loop. */
final class ForwardingLog {
  private static final Logger log = LoggerFactory.getLogger(ForwardingLog.class);

  private final String podId;
  private final long beganNanos = System.nanoTime();
  private int connections;
  private boolean ended;

  ForwardingLog(String podId, String protocol) {
    this.podId = podId;
    log.atInfo()
        .addKeyValue("pod", podId)
        .addKeyValue("protocol", protocol)
        .log("port forward begins");
  }

  void connection(int port) {
    connections++;
    log.atDebug().addKeyValue("pod", podId).addKeyValue("port", port).log("port forward connects");
  }

  void failure(int port, String reason) {
    log.atInfo()
        .addKeyValue("pod", podId)
        .addKeyValue("port", port)
        .addKeyValue("error", reason)
        .log("port forward failed");
  }

  void ended() {
    if (!ended) {
      ended = true;
      log.atInfo()
          .addKeyValue("pod", podId)
          .addKeyValue("connections", connections)
          .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - beganNanos).toMillis())
          .log("port forward ends");
    }
  }
}
