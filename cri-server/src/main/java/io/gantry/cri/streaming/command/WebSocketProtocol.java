package io.gantry.cri.streaming.command;

import static io.gantry.cri.streaming.websocket.ChannelForm.BASE64;
import static io.gantry.cri.streaming.websocket.ChannelForm.BINARY;

import io.gantry.cri.streaming.websocket.ChannelForm;

/** The protocols that clients may choose over WebSocket, as Sec-WebSocket-Protocol names them. */
public enum WebSocketProtocol {
  /** What a client speaks that names no protocol. */
  UNNAMED("", BINARY, CommandStatus.WORDS),
  CHANNEL("channel.k8s.io", BINARY, CommandStatus.WORDS),
  BASE64_CHANNEL("base64.channel.k8s.io", BASE64, CommandStatus.WORDS),
  V4("v4.channel.k8s.io", BINARY, CommandStatus.JSON),
  V4_BASE64("v4.base64.channel.k8s.io", BASE64, CommandStatus.JSON),
  /** Can end a channel without ending the connection. */
  V5("v5.channel.k8s.io", BINARY, CommandStatus.JSON);

  private final String wireName;
  private final ChannelForm form;
  private final CommandStatus status;

  WebSocketProtocol(String wireName, ChannelForm form, CommandStatus status) {
    this.wireName = wireName;
    this.form = form;
    this.status = status;
  }

  public String wireName() {
    return wireName;
  }

  public ChannelForm form() {
    return form;
  }

  public boolean halfCloses() {
    return this == V5;
  }

  CommandStatus status() {
    return status;
  }
}
