package io.gantry.docker.cli.image;

import io.gantry.docker.cli.command.Ids;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.template.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image in a list, under one of its names.
 *
 * @param image as the engine's list has it
 * @param whole true to cut nothing
 */
record ImageRow(Json image, String repository, String tag, String digest, boolean whole)
    implements Fields {
  private static final String NONE = "<none>";

  /** A row for each name of an image. */
  static List<ImageRow> of(Json image, boolean whole, boolean digests) {
    Map<String, List<String>> digestsOf = new LinkedHashMap<>();
    for (String each : image.get("RepoDigests").texts()) {
      int at = each.indexOf('@');
      if (at > 0 && !each.startsWith(NONE)) {
        digestsOf
            .computeIfAbsent(each.substring(0, at), name -> new ArrayList<>())
            .add(each.substring(at + 1));
      }
    }
    List<ImageRow> rows = new ArrayList<>();
    for (String each : image.get("RepoTags").texts()) {
      int colon = each.lastIndexOf(':');
      if (colon > 0 && !each.startsWith(NONE)) {
        String repository = each.substring(0, colon);
        List<String> known = digestsOf.remove(repository);
        String digest = known == null ? NONE : known.get(0);
        rows.add(new ImageRow(image, repository, each.substring(colon + 1), digest, whole));
        if (known != null) {
          digestsOf.put(repository, known); // another tag may follow
        }
      }
    }
    for (ImageRow row : List.copyOf(rows)) {
      digestsOf.remove(row.repository());
    }
    digestsOf.forEach(
        (repository, all) -> {
          if (digests) {
            all.forEach(digest -> rows.add(new ImageRow(image, repository, NONE, digest, whole)));
          } else {
            rows.add(new ImageRow(image, repository, NONE, all.get(0), whole));
          }
        });
    if (rows.isEmpty()) {
      rows.add(new ImageRow(image, NONE, NONE, NONE, whole));
    }
    return rows;
  }

  @Override
  public List<String> names() {
    return List.of(
        "Containers",
        "CreatedAt",
        "CreatedSince",
        "Digest",
        "ID",
        "Repository",
        "SharedSize",
        "Size",
        "Tag",
        "UniqueSize",
        "VirtualSize");
  }

  @Override
  public Optional<Json> field(String name) {
    String text =
        switch (name) {
          case "ID" -> {
            String id = image.get("Id").text();
            yield whole ? id : Ids.shortened(id);
          }
          case "Repository" -> repository;
          case "Tag" -> tag;
          case "Digest" -> digest;
          case "CreatedAt" -> Human.moment(image.get("Created").number());
          case "CreatedSince" -> created();
          case "Size" -> Human.size(image.get("Size").number());
          case "VirtualSize" -> Human.longSize(image.get("Size").number());
          case "Containers" -> known(image.get("Containers"), false);
          case "SharedSize" -> known(image.get("SharedSize"), true);
          case "UniqueSize" ->
              image.get("SharedSize").number() < 0
                  ? "N/A"
                  : Human.size(image.get("Size").number() - image.get("SharedSize").number());
          default -> null;
        };
    return Optional.ofNullable(text).map(Json::of);
  }

  private String created() {
    long created = image.get("Created").number();
    return created <= 0 ? "N/A" : Human.ago(created);
  }

  /** Engines say -1 for what they have not counted. */
  private static String known(Json number, boolean size) {
    long value = number.number();
    if (value < 0) {
      return "N/A";
    }
    return size ? Human.size(value) : Long.toString(value);
  }
}
