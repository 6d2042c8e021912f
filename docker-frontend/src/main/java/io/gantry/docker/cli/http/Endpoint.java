package io.gantry.docker.cli.http;

import java.io.IOException;

/** Where an engine listens. */
public interface Endpoint {
  Connection connect() throws IOException;

  /** The value of the header Host. */
  String host();

  /** As a person would write it. */
  @Override
  String toString();
}
