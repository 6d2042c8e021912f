package io.gantry.docker.cli.container;

import io.gantry.docker.cli.command.Ids;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.template.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A container in a list.
 *
 * @param container as the engine's list has it
 * @param whole true to cut nothing
 */
record ContainerRow(Json container, boolean whole) implements Fields {
  private static final int COMMAND_LENGTH = 20;
  private static final int MOUNT_LENGTH = 15;

  @Override
  public List<String> names() {
    return List.of(
        "Command",
        "CreatedAt",
        "ID",
        "Image",
        "Labels",
        "LocalVolumes",
        "Mounts",
        "Names",
        "Networks",
        "Ports",
        "RunningFor",
        "Size",
        "State",
        "Status");
  }

  @Override
  public Optional<Json> field(String name) {
    String text =
        switch (name) {
          case "ID" -> {
            String id = container.get("Id").text();
            yield whole ? id : Ids.shortened(id);
          }
          case "Names" -> names(container.get("Names").texts());
          case "Image" -> image();
          case "Command" -> command();
          case "CreatedAt" -> Human.moment(container.get("Created").number());
          case "RunningFor" -> Human.ago(container.get("Created").number());
          case "Ports" -> Ports.shown(container.get("Ports").items());
          case "State" -> container.get("State").text();
          case "Status" -> container.get("Status").text();
          case "Size" -> size();
          case "Labels" -> labels();
          case "Mounts" -> mounts();
          case "LocalVolumes" -> localVolumes();
          case "Networks" ->
              String.join(",", container.at("NetworkSettings", "Networks").fields().keySet());
          default -> null;
        };
    return Optional.ofNullable(text).map(Json::of);
  }

  @Override
  public Optional<Json> field(String name, List<Json> words) {
    return name.equals("Label")
        ? Optional.of(Json.of(container.at("Labels", words.get(0).text()).text()))
        : Optional.empty();
  }

  /** Names with another slash inside are links, seen from another container. */
  private String names(List<String> all) {
    List<String> shown = new ArrayList<>();
    for (String name : all) {
      String bare = name.startsWith("/") ? name.substring(1) : name;
      if (whole || !bare.contains("/")) {
        shown.add(bare);
      }
    }
    return String.join(",", shown);
  }

  private String image() {
    String image = container.get("Image").text();
    if (image.isEmpty()) {
      return "<no image>";
    }
    String id = container.get("ImageID").text();
    boolean untagged = image.equals(id) || image.startsWith("sha256:");
    return untagged && !whole ? Ids.shortened(image) : image;
  }

  private String command() {
    String command = container.get("Command").text();
    return Json.of(whole ? command : Ids.ellipsis(command, COMMAND_LENGTH)).toString();
  }

  private String size() {
    String written = Human.size(container.get("SizeRw").number());
    long all = container.get("SizeRootFs").number();
    return all > 0 ? written + " (virtual " + Human.size(all) + ")" : written;
  }

  private String labels() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Json> each :
        new TreeMap<>(container.get("Labels").fields()).entrySet()) {
      text.append(text.length() == 0 ? "" : ",");
      text.append(each.getKey()).append('=').append(each.getValue().text());
    }
    return text.toString();
  }

  private String mounts() {
    List<String> shown = new ArrayList<>();
    for (Json mount : container.get("Mounts").items()) {
      String name = mount.get("Name").text();
      name = name.isEmpty() ? mount.get("Source").text() : name;
      shown.add(whole ? name : Ids.ellipsis(name, MOUNT_LENGTH));
    }
    return String.join(",", shown);
  }

  private String localVolumes() {
    int count = 0;
    for (Json mount : container.get("Mounts").items()) {
      count += mount.get("Driver").text().equals("local") ? 1 : 0;
    }
    return Integer.toString(count);
  }
}
