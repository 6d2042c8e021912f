package io.gantry.docker.engine;

import io.gantry.proto.frontend.Frontend;
import io.gantry.proto.frontend.FrontendContext;
import java.io.IOException;

/** The Engine API in the daemon's process. */
public final class EngineFrontend implements Frontend {
  @Override
  public Running start(FrontendContext context) throws IOException {
    return Engine.start(context);
  }
}
