package io.gantry.image.signature;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.manifest.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a policy.json of the form that CRI-O and Podman know (containers-policy.json(5)). What is
 * not understood is an error that names it, since a condition that is passed over would let in what
 * it was to keep out.
 */
final class PolicyFile {

  /** Of two conditions for one scope, the second would silently take the first one's place. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String what;

  private PolicyFile(String what) {
    this.what = what;
  }

  /**
   * @throws IOException if the file or a key that it names cannot be read or understood
   */
  static SignaturePolicy read(Path file) throws IOException {
    try {
      return new PolicyFile(file.toString()).policy(MAPPER.readTree(bytes(file)));
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException(file + " cannot be read: " + e, e);
    }
  }

  private SignaturePolicy policy(JsonNode root) throws IOException {
    only(root, "", Set.of("default", "transports"));
    if (!root.has("default")) {
      throw new IOException(what + " has no \"default\"");
    }
    Map<String, List<Requirement>> scopes = new HashMap<>();
    for (Map.Entry<String, JsonNode> scope : root.path("transports").path("docker").properties()) {
      scopes.put(
          scope.getKey(),
          requirements("transports.docker.\"" + scope.getKey() + "\"", scope.getValue()));
    }
    return new SignaturePolicy(scopes, requirements("default", root.path("default")));
  }

  private List<Requirement> requirements(String where, JsonNode array) throws IOException {
    if (!array.isArray() || array.isEmpty()) {
      throw new IOException(what + ": " + where + " is no list of requirements");
    }
    List<Requirement> all = new ArrayList<>();
    for (JsonNode node : array) {
      all.add(requirement(where + "[" + all.size() + "]", node));
    }
    return all;
  }

  private Requirement requirement(String where, JsonNode node) throws IOException {
    String type = text(where, node, "type");
    switch (type) {
      case "insecureAcceptAnything", "reject" -> {
        only(node, where + ".", Set.of("type"));
        return type.equals("reject") ? new Requirement.Reject() : new Requirement.AcceptAnything();
      }
      case "sigstoreSigned" -> {
        only(
            node,
            where + ".",
            Set.of("type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity"));
        return new Requirement.Signed(keys(where, node), identity(where, node));
      }
      default ->
          throw new IOException(
              what
                  + ": "
                  + where
                  + " is of type \""
                  + type
                  + "\"; known are insecureAcceptAnything, reject and sigstoreSigned");
    }
  }

  private List<VerifyingKey> keys(String where, JsonNode node) throws IOException {
    List<VerifyingKey> keys = new ArrayList<>();
    List<String> paths = new ArrayList<>(Json.texts(what, node, "keyPaths"));
    Json.text(what, node, "keyPath").ifPresent(paths::add);
    for (String path : paths) {
      keys.add(key(path, bytes(Path.of(path))));
    }
    List<String> datas = new ArrayList<>(Json.texts(what, node, "keyDatas"));
    Json.text(what, node, "keyData").ifPresent(datas::add);
    for (String data : datas) {
      keys.add(key(what + ": the data of a key at " + where, decoded(where, data)));
    }
    if (keys.isEmpty()) {
      throw new IOException(
          what + ": " + where + " names no key: keyPath, keyPaths, keyData or keyDatas");
    }
    return keys;
  }

  private byte[] decoded(String where, String data) throws IOException {
    try {
      return Base64.getDecoder().decode(data.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new IOException(what + ": the data of a key at " + where + " is no base64", e);
    }
  }

  private static VerifyingKey key(String name, byte[] pem) throws IOException {
    try {
      return VerifyingKey.parse(pem);
    } catch (GeneralSecurityException e) {
      throw new IOException(name + " is no key that can be used: " + e.getMessage(), e);
    }
  }

  private SignedIdentity identity(String where, JsonNode requirement) throws IOException {
    JsonNode node = requirement.path("signedIdentity");
    if (node.isMissingNode()) {
      return new SignedIdentity.RepositoryByDigestOrExact();
    }
    String at = where + ".signedIdentity";
    String type = text(at, node, "type");
    return switch (type) {
      case "matchExact" -> new SignedIdentity.Exact();
      case "matchRepoDigestOrExact" -> new SignedIdentity.RepositoryByDigestOrExact();
      case "matchRepository" -> new SignedIdentity.SameRepository();
      case "exactReference" -> new SignedIdentity.ThatReference(text(at, node, "dockerReference"));
      case "exactRepository" ->
          new SignedIdentity.ThatRepository(text(at, node, "dockerRepository"));
      case "remapIdentity" ->
          new SignedIdentity.Remapped(text(at, node, "prefix"), text(at, node, "signedPrefix"));
      default -> throw new IOException(what + ": " + at + " is of unknown type \"" + type + "\"");
    };
  }

  private String text(String where, JsonNode node, String field) throws IOException {
    return Json.text(what + ": " + where, node, field)
        .orElseThrow(() -> new IOException(what + ": " + where + " has no \"" + field + "\""));
  }

  private void only(JsonNode node, String prefix, Set<String> known) throws IOException {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!known.contains(field.getKey())) {
        throw new IOException(what + ": unknown key " + prefix + field.getKey());
      }
    }
  }
}
