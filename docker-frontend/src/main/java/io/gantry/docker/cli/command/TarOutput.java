package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** An archive that the engine writes, put into a file whole or not at all. */
public final class TarOutput {
  private TarOutput() {}

  /** To standard output if no file is named and nobody would see it on a screen. */
  public static void write(Session session, Query query, Optional<String> file)
      throws IOException, CommandFailure {
    if (file.isEmpty()) {
      if (session.terminal().writes()) {
        throw new CommandFailure(
            "cowardly refusing to save to a terminal. Use the -o flag or redirect");
      }
      try (Response archive = session.api().call(Request.of("GET", query.toString()))) {
        archive.body().transferTo(session.out());
      }
      session.out().flush();
      return;
    }
    Path target = session.environment().file(file.get());
    Path parent = target.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new CommandFailure("invalid output path: directory \"" + parent + "\" does not exist");
    }
    Path part = Files.createTempFile(parent, ".gantry", ".part");
    try (Response archive = session.api().call(Request.of("GET", query.toString()))) {
      try (OutputStream out = Files.newOutputStream(part)) {
        archive.body().transferTo(out);
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
