package io.gantry.docker.cli.progress;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonReader;
import io.gantry.docker.cli.table.Human;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A stream of messages about work. On a terminal each layer has a line of its own that is written
 * again and again; elsewhere each change of state is a line, and bars are left out.
 */
public final class Progress {
  private static final int BAR = 50;
  private static final int MIN_COLUMNS = 110;

  private final PrintStream out;
  private final boolean terminal;
  private final int columns;
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  /**
   * @param columns of the terminal, 0 if there is none
   */
  public Progress(PrintStream out, boolean terminal, int columns) {
    this.out = out;
    this.terminal = terminal;
    this.columns = columns;
  }

  /**
   * Shows all messages until the stream ends.
   *
   * @param aux gets what is meant for programs
   * @throws CommandFailure with the engine's words if the work failed
   */
  public void show(InputStream body, Consumer<Json> aux) throws IOException, CommandFailure {
    try (JsonReader messages = Api.stream(body)) {
      for (Optional<Json> next = messages.next(); next.isPresent(); next = messages.next()) {
        Json message = next.get();
        String error = message.at("errorDetail", "message").text();
        error = error.isEmpty() ? message.get("error").text() : error;
        if (!error.isEmpty()) {
          out.flush();
          throw new CommandFailure(error, failureCode(message));
        }
        if (message.has("aux")) {
          aux.accept(message.get("aux"));
        } else {
          show(message);
        }
      }
    } finally {
      out.flush();
    }
  }

  private static int failureCode(Json message) {
    long code = message.at("errorDetail", "code").number();
    return code > 0 && code < 256 ? (int) code : 1;
  }

  private void show(Json message) {
    String stream = message.get("stream").text();
    if (!stream.isEmpty()) {
      out.print(stream);
      out.flush();
      return;
    }
    String id = message.get("id").text();
    String bar = bar(message.get("progressDetail"));
    String status = message.get("status").text();
    if (!terminal) {
      if (bar.isEmpty() && !(id + status).isEmpty()) {
        out.println((id.isEmpty() ? "" : id + ": ") + status);
        out.flush();
      }
      return;
    }
    if (id.isEmpty()) {
      out.println(status);
      lines.clear(); // what follows begins below
    } else {
      overwrite(id, cut(id + ": " + status + (bar.isEmpty() ? "" : " " + bar)));
    }
    out.flush();
  }

  /** ECMA-48: up, erase the line, write, down. */
  private void overwrite(String id, String text) {
    Integer line = lines.get(id);
    if (line == null) {
      lines.put(id, lines.size());
      out.println(text);
      return;
    }
    int up = lines.size() - line;
    out.print("\u001b[" + up + "A\u001b[2K\r" + text + "\r\u001b[" + up + "B");
  }

  private String cut(String text) {
    return columns > 0 && text.length() >= columns ? text.substring(0, columns - 1) : text;
  }

  private String bar(Json detail) {
    long current = detail.get("current").number();
    long total = detail.get("total").number();
    if (current <= 0 && total <= 0) {
      return "";
    }
    String unit = detail.get("units").text();
    String done = unit.isEmpty() ? Human.size(current) : current + " " + unit;
    if (total <= 0) {
      return done;
    }
    StringBuilder text = new StringBuilder();
    if (columns == 0 || columns >= MIN_COLUMNS) {
      int filled = (int) Math.min(BAR, BAR * current / total);
      text.append('[').append("=".repeat(filled)).append('>');
      text.append(" ".repeat(BAR - filled)).append("] ");
    }
    String all = unit.isEmpty() ? Human.size(total) : Long.toString(total);
    return text.append(" ".repeat(Math.max(0, 8 - done.length())))
        .append(done)
        .append('/')
        .append(all)
        .toString();
  }
}
