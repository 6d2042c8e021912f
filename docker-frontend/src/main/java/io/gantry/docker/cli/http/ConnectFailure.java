package io.gantry.docker.cli.http;

import java.io.IOException;

/** Nobody answers where the engine should be. */
public final class ConnectFailure extends IOException {
  private static final long serialVersionUID = 1;

  ConnectFailure(Endpoint endpoint, IOException cause) {
    super(endpoint + ": " + cause.getMessage(), cause);
  }
}
