package io.gantry.docker.cli.settings;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A program that keeps credentials, by the protocol of docker-credential-helpers: a word on its
 * command line, JSON or a registry's address on its input.
 *
 * @param name what follows {@code docker-credential-}
 */
record CredentialKeeper(String name) {
  private static final String NONE = "credentials not found";

  Json get(String registry) throws IOException {
    String answer = run("get", registry);
    if (answer.contains(NONE)) {
      return Json.object(Map.of());
    }
    Json kept = Json.parse(answer);
    JsonObject credentials = new JsonObject();
    if (kept.get("Username").text().equals("<token>")) {
      credentials.put("identitytoken", kept.get("Secret"));
    } else {
      credentials.put("username", kept.get("Username")).put("password", kept.get("Secret"));
    }
    return credentials.put("serveraddress", registry).build();
  }

  void store(String registry, Json credentials) throws IOException {
    String token = credentials.get("identitytoken").text();
    Json document =
        new JsonObject()
            .put("ServerURL", registry)
            .put("Username", token.isEmpty() ? credentials.get("username").text() : "<token>")
            .put("Secret", token.isEmpty() ? credentials.get("password").text() : token)
            .build();
    run("store", document.toString());
  }

  void erase(String registry) throws IOException {
    run("erase", registry);
  }

  private String run(String word, String input) throws IOException {
    String program = "docker-credential-" + name;
    Process process;
    try {
      process =
          new ProcessBuilder(program, word).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new IOException(
          program + " keeps the credentials, by config.json, and cannot be run: " + e.getMessage(),
          e);
    }
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0 && !output.contains(NONE)) {
        throw new IOException(program + " " + word + ": " + output.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + program, e);
    }
    return output;
  }
}
