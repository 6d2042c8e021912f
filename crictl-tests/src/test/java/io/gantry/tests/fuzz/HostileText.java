package io.gantry.tests.fuzz;

import com.google.protobuf.CodedOutputStream;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.schema.FieldSchema;
import io.gantry.proto.schema.MessageSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;

/**
 * Texts for a request's fields, chosen by what a field is for. Many are right, so that a request
 * gets past its first check; the rest try to leave their place.
 *
 * @param pod the id of a pod that exists
 * @param container the id of a container that exists
 * @param image the reference of an image that exists
 * @param inside a directory that requests may write to
 * @param cgroupParent a cgroup that requests may make others in
 * @param token a word that nothing else has: what bears it outside was put there by a request
 */
record HostileText(
    String pod, String container, String image, String inside, String cgroupParent, String token) {

  private static final List<String> ANYWHERE =
      List.of(
          "",
          ".",
          "..",
          "/",
          "\0",
          "a\0b",
          "-rf",
          "%s%n%x",
          "$(touch x)",
          "\n",
          "a b",
          "ä→😀",
          "\u202e",
          "{\"json\":1}",
          "null",
          "-1",
          "18446744073709551616",
          "0123456789abcdef".repeat(4));

  /** A request that names what exists, and says nothing else. */
  byte[] identifiers(MessageSchema request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (FieldSchema field : request.getFieldList()) {
        switch (field.getName()) {
          case "pod_sandbox_id" -> out.writeString(field.getNumber(), pod);
          case "container_id" -> out.writeString(field.getNumber(), container);
          case "cmd" -> out.writeString(field.getNumber(), "true");
          case "image" ->
              out.writeByteArray(
                  field.getNumber(), ImageSpec.newBuilder().setImage(image).build().toByteArray());
          default -> {
            // Not said.
          }
        }
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A text for a field of this name. */
  String of(String field, Random random) {
    if (random.nextInt(3) == 0) {
      return anything(random);
    }
    if (field.equals("log_directory")) {
      return one(random, inside, inside + "/" + token, tricks(random));
    }
    if (field.equals("cgroup_parent")) {
      return one(random, cgroupParent, cgroupParent + "/" + token, "../" + token, "a" + token);
    }
    if (field.contains("path") || field.contains("location") || field.contains("dir")) {
      return one(random, inside, inside + "/" + token, token + ".log", tricks(random));
    }
    if (field.contains("pod_sandbox_id")) {
      return one(random, pod, pod, pod.substring(0, 8), tricks(random));
    }
    if (field.endsWith("container_id") || field.equals("target_id")) {
      return one(random, container, container, container.substring(0, 8), tricks(random));
    }
    if (field.equals("id")) {
      return one(random, pod, container, tricks(random));
    }
    if (field.equals("image") || field.equals("user_specified_image")) {
      return one(random, image, image, image + ":" + token, "127.0.0.1:9/" + tricks(random));
    }
    if (field.equals("runtime_handler")) {
      return one(random, "", "", tricks(random));
    }
    if (field.equals("cmd") || field.equals("command") || field.equals("args")) {
      return one(random, "true", "sh", tricks(random));
    }
    return anything(random);
  }

  private String anything(Random random) {
    if (random.nextInt(4) == 0) {
      return tricks(random);
    }
    return ANYWHERE.get(random.nextInt(ANYWHERE.size()));
  }

  private String tricks(Random random) {
    return tricks().get(random.nextInt(tricks().size()));
  }

  /** Texts that would get out of their place, past a check, or into what is too small for them. */
  List<String> tricks() {
    return List.of(
        "../" + token,
        "../../../../../../../../" + token,
        inside + "/../../" + token,
        "a/../../../" + token,
        token + "/",
        "./" + token,
        token + "\0.log",
        token + "n".repeat(300),
        token + "/d".repeat(3000),
        token + "x".repeat(100_000),
        "/dev/null/" + token,
        "/proc/self/root/" + inside + "/../../" + token);
  }

  private static String one(Random random, String... texts) {
    return texts[random.nextInt(texts.length)];
  }
}
