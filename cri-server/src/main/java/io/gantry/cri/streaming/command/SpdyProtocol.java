package io.gantry.cri.streaming.command;

/** The versions that clients may choose over SPDY, as X-Stream-Protocol-Version names them. */
public enum SpdyProtocol {
  V4("v4.channel.k8s.io", true, CommandStatus.JSON),
  V3("v3.channel.k8s.io", true, CommandStatus.WORDS),
  V2("v2.channel.k8s.io", false, CommandStatus.WORDS),
  /** Without half close: the server ends its sides of stdin and error at once. */
  V1("channel.k8s.io", false, CommandStatus.WORDS);

  private final String wireName;
  private final boolean resizes;
  private final CommandStatus status;

  SpdyProtocol(String wireName, boolean resizes, CommandStatus status) {
    this.wireName = wireName;
    this.resizes = resizes;
    this.status = status;
  }

  public String wireName() {
    return wireName;
  }

  /** Whether there is a stream for the size of a terminal. */
  boolean resizes() {
    return resizes;
  }

  CommandStatus status() {
    return status;
  }
}
