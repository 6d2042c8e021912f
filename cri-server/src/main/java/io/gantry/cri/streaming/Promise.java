package io.gantry.cri.streaming;

import io.gantry.cri.streaming.command.Command;
import io.gantry.cri.streaming.portforward.PortForward;

/** What a client gets who comes with the right token. */
sealed interface Promise {

  /** The first part of the URL's path. */
  String path();

  record OfCommand(Command command) implements Promise {
    @Override
    public String path() {
      return command.kind().toString();
    }
  }

  record OfPorts(PortForward request) implements Promise {
    @Override
    public String path() {
      return "portforward";
    }
  }
}
