package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.Template;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shows documents whole, or what a template picks of them. */
public final class Inspection {
  private Inspection() {}

  /** Finds the document of a name. */
  public interface Source {
    Json get(String name) throws IOException;
  }

  /** What is found is shown even if something else is not; then it exits with 1. */
  public static int show(
      Session session, List<String> names, Optional<String> format, Source source)
      throws IOException, TemplateFailure {
    String how = format.orElse("");
    boolean whole = how.isEmpty() || how.equals("json");
    Template template = whole ? null : Template.parse(how);
    List<Json> found = new ArrayList<>();
    List<ApiFailure> failures = new ArrayList<>();
    for (String name : names) {
      try {
        found.add(source.get(name));
      } catch (ApiFailure e) {
        failures.add(e);
      }
    }
    if (how.isEmpty()) {
      session.out().println(Json.array(found).indented("    "));
    } else if (whole) {
      session.out().println(Json.array(found));
    } else {
      for (Json each : found) {
        session.out().println(template.fill(Fields.of(each)));
      }
    }
    session.out().flush();
    for (ApiFailure failure : failures) {
      Advice.tell(session.err(), failure);
    }
    return failures.isEmpty() ? 0 : 1;
  }
}
