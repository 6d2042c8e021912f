package io.gantry.cri.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.MessageLite;
import io.gantry.cri.protojson.ProtoJson;
import java.util.ArrayList;
import java.util.List;

/**
 * What a request is about, by the fields that CRI requests name things with. Only these are read:
 * the rest may hold secrets. Works for every request, those of later versions too.
 */
final class RequestSubject {
  private static final List<String> FIELDS =
      List.of(
          "/containerId",
          "/podSandboxId",
          "/image/image",
          "/config/metadata/namespace",
          "/config/metadata/name",
          "/filter/id");

  private RequestSubject() {}

  static String of(MessageLite request) {
    JsonNode json = ProtoJson.print(request);
    List<String> found = new ArrayList<>();
    for (String field : FIELDS) {
      String text = json.at(field).asText();
      if (!text.isEmpty()) {
        found.add(text);
      }
    }
    return String.join(" ", found);
  }
}
