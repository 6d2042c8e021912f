package io.gantry.cri.streaming;

import io.gantry.cri.streaming.command.SpdyCommand;
import io.gantry.cri.streaming.command.SpdyProtocol;
import io.gantry.cri.streaming.command.WebSocketCommand;
import io.gantry.cri.streaming.command.WebSocketProtocol;
import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.portforward.PortForward;
import io.gantry.cri.streaming.portforward.SpdyForwarding;
import io.gantry.cri.streaming.portforward.WebSocketForwarding;
import io.gantry.cri.streaming.spdy.SpdyConnection;
import io.gantry.cri.streaming.websocket.ChannelForm;
import io.gantry.cri.streaming.websocket.Tunnel;
import io.gantry.cri.streaming.websocket.WebSocketConnection;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Which protocols a promise can be kept in, and the handlers that do.
 *
 * @param patience how long a client may take to open its streams
 * @param work runs what blocks
 */
record Upgrades(Duration patience, Executor work) {
  static final String TUNNEL = "SPDY/3.1+" + SpdyForwarding.PROTOCOL;

  /** By name, in the server's order; each gives handlers in the pipeline's order. */
  Map<String, Supplier<List<ChannelHandler>>> overSpdy(Promise promise, ClientConnection client) {
    Map<String, Supplier<List<ChannelHandler>>> all = new LinkedHashMap<>();
    if (promise instanceof Promise.OfCommand promised) {
      for (SpdyProtocol protocol : SpdyProtocol.values()) {
        all.put(
            protocol.wireName(),
            () ->
                spdy(
                    new SpdyConnection(
                        new SpdyCommand(promised.command(), protocol, client, patience, work))));
      }
    } else if (promise instanceof Promise.OfPorts promised) {
      all.put(SpdyForwarding.PROTOCOL, () -> spdy(forwarding(promised.request(), client)));
    }
    return all;
  }

  private static List<ChannelHandler> spdy(SpdyConnection connection) {
    return List.of(SpdyConnection.codec(), connection);
  }

  private static SpdyConnection forwarding(PortForward request, ClientConnection client) {
    return new SpdyConnection(new SpdyForwarding(request, client));
  }

  /** By name, "" for clients that name none; each gives handlers in the pipeline's order. */
  Map<String, Supplier<List<ChannelHandler>>> overWebSocket(
      Promise promise, ClientConnection client) {
    Map<String, Supplier<List<ChannelHandler>>> all = new LinkedHashMap<>();
    if (promise instanceof Promise.OfCommand promised) {
      for (WebSocketProtocol protocol : WebSocketProtocol.values()) {
        all.put(
            protocol.wireName(),
            () ->
                messages(
                    new WebSocketConnection(
                        protocol.form(),
                        protocol.halfCloses(),
                        new WebSocketCommand(promised.command(), protocol, client, work))));
      }
    } else if (promise instanceof Promise.OfPorts promised) {
      PortForward request = promised.request();
      putIfEnoughChannels(all, "", ChannelForm.BINARY, request, client);
      putIfEnoughChannels(all, "v4.channel.k8s.io", ChannelForm.BINARY, request, client);
      putIfEnoughChannels(all, "v4.base64.channel.k8s.io", ChannelForm.BASE64, request, client);
      all.put(
          TUNNEL, () -> List.of(new Tunnel(), SpdyConnection.codec(), forwarding(request, client)));
    }
    return all;
  }

  /** These protocols have two channels for each port of the request, and none for others. */
  private static void putIfEnoughChannels(
      Map<String, Supplier<List<ChannelHandler>>> all,
      String name,
      ChannelForm form,
      PortForward request,
      ClientConnection client) {
    int channels = 2 * request.ports().size();
    if (channels > 0 && channels <= form.channels()) {
      all.put(
          name,
          () ->
              messages(
                  new WebSocketConnection(
                      form, false, new WebSocketForwarding(request, name, client))));
    }
  }

  private static List<ChannelHandler> messages(WebSocketConnection connection) {
    return List.of(WebSocketConnection.aggregator(), connection);
  }
}
