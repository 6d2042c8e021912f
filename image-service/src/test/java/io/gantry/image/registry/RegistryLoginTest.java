package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries and mirrors that want credentials which the node has, not the request. */
class RegistryLoginTest {

  private static final String MANIFEST = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}";
  private static final Credentials NOBODY = new Credentials.Anonymous();

  @TempDir Path directory;
  private TestRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry = guarded("ann:cret");
    NodeCredentials.Settings settings =
        new NodeCredentials.Settings(
            Optional.of(directory.resolve("auth.json")), Duration.ofSeconds(10));
    client =
        new RegistryClient(
            List.of(directory), RegistrySettings.DEFAULT, new NodeCredentials(settings), Crew.NONE);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private static TestRegistry guarded(String pair) throws IOException {
    TestRegistry guarded = new TestRegistry();
    guarded.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
    guarded.misbehave(
        exchange -> {
          if (basic(pair).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
          }
          exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"r\"");
          TestRegistry.respond(exchange, 401, new byte[0]);
          return true;
        });
    return guarded;
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private String resolve(Credentials credentials) throws IOException {
    RemoteRepository repository =
        client.open(Reference.parse(registry.host() + "/a:1"), credentials);
    return new String(repository.resolve(new Cancellation()).bytes(), StandardCharsets.UTF_8);
  }

  private void config(String host, String user, String password) throws IOException {
    Files.writeString(
        directory.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"username\":\"%s\",\"password\":\"%s\"}}}"
            .formatted(host, user, password));
  }

  private void hosts(String toml) throws IOException {
    Files.writeString(
        Files.createDirectories(directory.resolve(registry.host())).resolve("hosts.toml"), toml);
  }

  @Test
  void configJson_isUsedWhereTheRequestBringsNothing_andReadAnewOnChange() throws Exception {
    config(registry.host(), "ann", "old");
    assertEquals(
        Kind.UNAUTHORIZED, assertThrows(ImageException.class, () -> resolve(NOBODY)).kind());
    config(registry.host(), "ann", "cret");
    assertEquals(MANIFEST, resolve(NOBODY));
  }

  @Test
  void requestsOwnCredentials_goFirst() throws Exception {
    config(registry.host(), "ann", "cret");
    ImageException e =
        assertThrows(ImageException.class, () -> resolve(new Credentials.Password("bob", "hush")));
    assertEquals(Kind.UNAUTHORIZED, e.kind());
    assertFalse(e.getMessage().contains("hush"), e.getMessage());
  }

  @Test
  void mirror_hasCredentialsOfItsOwn_whichTheRegistryDoesNotSee() throws Exception {
    try (TestRegistry mirror = guarded("mia:other-cret")) {
      mirror.failing(1, "/manifests/", 500);
      Path password = Files.writeString(directory.resolve("password"), "other-cret\n");
      hosts(
          """
          [host."http://%s"]
            user = "mia"
            password_file = "%s"
          """
              .formatted(mirror.host(), password));
      mirror.misbehave(exchange -> false);
      assertEquals(MANIFEST, resolve(NOBODY));
      assertEquals(0, registry.requests().size());
      // The next time the mirror has nothing, and the registry is asked.
      mirror.failing(99, "/manifests/", 404);
      ImageException e = assertThrows(ImageException.class, () -> resolve(NOBODY));
      assertEquals(Kind.UNAUTHORIZED, e.kind());
      registry.requests().forEach(request -> assertEquals("", request.header("Authorization")));
    }
  }

  @Test
  void unreadablePasswordFile_isToldOnceTheHostWantsIt() throws Exception {
    hosts("user = \"ann\"\npassword_file = \"missing\"");
    ImageException e = assertThrows(ImageException.class, () -> resolve(NOBODY));
    assertTrue(e.getMessage().contains("the password of user ann cannot be read"), e.getMessage());
    Files.writeString(directory.resolve(registry.host()).resolve("missing"), "cret");
    assertEquals(MANIFEST, resolve(NOBODY));
  }

  @Test
  void ipv6_isReached() throws Exception {
    Assumptions.assumeTrue(hasIpv6(), "no IPv6 on this machine");
    try (TestRegistry six = new TestRegistry(InetAddress.getByName("::1"))) {
      six.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
      RemoteRepository repository = client.open(Reference.parse(six.host() + "/a:1"), NOBODY);
      byte[] bytes = repository.resolve(new Cancellation()).bytes();
      assertEquals(MANIFEST, new String(bytes, StandardCharsets.UTF_8));
    }
  }

  private static boolean hasIpv6() {
    try (var socket = new java.net.ServerSocket(0, 1, Inet6Address.getByName("::1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
