package io.gantry.image.distribution;

import static io.gantry.image.distribution.RegistryClientSide.header;
import static io.gantry.image.distribution.RegistryClientSide.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.distribution.access.Rule;
import io.gantry.image.reference.Digest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

class RegistryAccessTest {

  @TempDir Path directory;
  private RegistryRig rig;
  private RegistryClientSide nobody;

  @BeforeEach
  void start() throws Exception {
    rig = new RegistryRig(directory.resolve("root"));
    StringBuilder users = new StringBuilder();
    for (String user : List.of("ci", "guest")) {
      users.append(user + ":" + BCrypt.hashpw(user, BCrypt.gensalt("$2y", 4)) + "\n");
    }
    rig.htpasswd = Optional.of(Files.writeString(directory.resolve("htpasswd"), users));
    rig.rules = List.of(Rule.parse("ci pull,push builds/**"), Rule.parse("@ pull builds/public/*"));
    nobody = rig.start();
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private RegistryClientSide user(String name) {
    return rig.client()
        .always(
            "Authorization",
            "Basic "
                + Base64.getEncoder()
                    .encodeToString((name + ":" + name).getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void stranger_isAskedForCredentials() throws Exception {
    for (String path : List.of("/v2/", "/v2/_catalog", "/v2/builds/a/tags/list")) {
      HttpResponse<byte[]> answer = nobody.get(path);
      assertEquals(401, answer.statusCode(), path);
      assertTrue(header(answer, "WWW-Authenticate").orElseThrow().startsWith("Basic realm="), path);
      assertTrue(text(answer).contains("UNAUTHORIZED"), text(answer));
    }
  }

  @Test
  void userWithoutTheRight_isDenied() throws Exception {
    Digest secret = user("ci").pushImage("builds/secret", "v1", new byte[10]);

    for (String path : List.of("manifests/v1", "manifests/" + secret, "tags/list")) {
      HttpResponse<byte[]> answer = user("guest").get("/v2/builds/secret/" + path);
      assertEquals(403, answer.statusCode(), path);
      assertTrue(text(answer).contains("DENIED"), text(answer));
    }
    assertEquals(403, user("guest").get("/v2/builds/not-there/tags/list").statusCode());
    assertEquals(403, user("ci").delete("/v2/builds/secret/manifests/v1").statusCode());
    assertEquals(403, user("guest").post("/v2/builds/public/a/blobs/uploads/").statusCode());
  }

  @Test
  void catalog_showsWhatMayBePulled() throws Exception {
    user("ci").pushImage("builds/secret", "v1", new byte[10]);
    user("ci").pushImage("builds/public/a", "v1", new byte[10]);

    assertEquals(
        "{\"repositories\":[\"builds/public/a\"]}", text(user("guest").get("/v2/_catalog")));
    assertEquals(
        "{\"repositories\":[\"builds/public/a\",\"builds/secret\"]}",
        text(user("ci").get("/v2/_catalog")));
  }

  @Test
  void mount_needsTheRightToPullThere() throws Exception {
    rig.rules =
        List.of(Rule.parse("ci pull,push builds/**"), Rule.parse("guest pull,push guests/**"));
    Digest secret = user("ci").push("builds/secret", new byte[10]);

    HttpResponse<byte[]> named =
        user("guest").post("/v2/guests/a/blobs/uploads/?mount=" + secret + "&from=builds/secret");
    HttpResponse<byte[]> anywhere =
        user("guest").post("/v2/guests/a/blobs/uploads/?mount=" + secret);

    assertEquals(202, named.statusCode());
    assertEquals(202, anywhere.statusCode());
    assertEquals(404, user("guest").get("/v2/guests/a/blobs/" + secret).statusCode());
  }

  @Test
  void wrongPassword_isToldAsThat() throws Exception {
    HttpResponse<byte[]> answer =
        rig.client()
            .get(
                "/v2/",
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString("ci:no".getBytes(StandardCharsets.UTF_8)));

    assertEquals(401, answer.statusCode());
    assertTrue(text(answer).contains("password is wrong"), text(answer));
  }
}
