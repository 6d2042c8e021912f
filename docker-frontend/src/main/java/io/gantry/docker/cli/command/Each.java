package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.ApiFailure;
import java.io.IOException;
import java.util.List;

/** Does the same to many things: one that fails does not keep the others from it. */
public final class Each {
  private Each() {}

  /** What is done. */
  public interface Act {
    void on(String name) throws IOException, InterruptedException, CommandFailure;
  }

  /** Exits with 1 if anything failed; each failure is told as it happens. */
  public static int of(Session session, List<String> names, Act act)
      throws IOException, InterruptedException, CommandFailure {
    int code = 0;
    for (String name : names) {
      try {
        act.on(name);
      } catch (ApiFailure e) {
        session.out().flush();
        Advice.tell(session.err(), e);
        code = 1;
      }
    }
    return code;
  }

  /** The same, and shows each name that it was done to. */
  public static int named(Session session, List<String> names, Act act)
      throws IOException, InterruptedException, CommandFailure {
    return of(
        session,
        names,
        name -> {
          act.on(name);
          session.out().println(name);
        });
  }
}
