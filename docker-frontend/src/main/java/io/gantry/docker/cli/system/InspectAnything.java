package io.gantry.docker.cli.system;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Inspection;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Shows whatever has a name: a container, an image, a network or a volume. */
public final class InspectAnything implements Command {
  private static final List<String> TYPES = List.of("container", "image", "network", "volume");

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] NAME|ID [NAME|ID...]",
        "Show all that is known of containers, images, networks and volumes",
        1,
        Syntax.ANY,
        """
        -f, --format string   Output by a template, or "json"
        -s, --size            Show containers' sizes as well
            --type string     Look among these only: container, image, network or volume
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, TemplateFailure {
    Optional<String> type = arguments.value("type").filter(each -> !each.isEmpty());
    if (type.isPresent() && !TYPES.contains(type.get())) {
      throw BadUsage.flag(
          "unknown type: \""
              + type.get()
              + "\": must be one of \"container\", \"image\","
              + " \"network\", \"volume\"");
    }
    List<String> types = type.map(List::of).orElse(TYPES);
    boolean size = arguments.on("size");
    return Inspection.show(
        session,
        arguments.words(),
        arguments.value("format"),
        name -> find(session, types, name, size));
  }

  private static Json find(Session session, List<String> types, String name, boolean size)
      throws IOException {
    for (String type : types) {
      Query query =
          type.equals("container")
              ? Query.of("containers", name, "json").with("size", size)
              : type.equals("image")
                  ? Query.of("images", name, "json")
                  : Query.of(type + "s", name);
      try {
        return session.api().get(query);
      } catch (ApiFailure e) {
        // An image's name may be one that no container can have, so that it is no bad request.
        if (e.status() != 404 && !(types.size() > 1 && e.status() == 400)) {
          throw e;
        }
      }
    }
    String what = types.size() == 1 ? types.get(0) : "object";
    throw ApiFailure.local(404, "Error: No such " + what + ": " + name);
  }
}
