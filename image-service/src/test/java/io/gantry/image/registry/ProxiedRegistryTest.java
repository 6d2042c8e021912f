package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries behind a proxy, which alone knows where they are. */
class ProxiedRegistryTest {

  private static final String MANIFEST = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}";

  @TempDir Path directory;

  private String resolve(String host, String proxy, List<String> exceptions) throws IOException {
    RegistrySettings settings =
        new RegistrySettings(
            "gantry-test",
            Patience.DEFAULT,
            32 << 20,
            4,
            ProxyRules.of(proxy, proxy, exceptions, Map.of()));
    RemoteRepository repository =
        new RegistryClient(List.of(directory), settings, CredentialSource.NONE, Crew.NONE)
            .open(Reference.parse(host + "/a:1"), new Credentials.Password("ann", "for-registry"));
    return new String(repository.resolve(new Cancellation()).bytes(), StandardCharsets.UTF_8);
  }

  private void hosts(String host, String toml) throws IOException {
    Files.writeString(Files.createDirectories(directory.resolve(host)).resolve("hosts.toml"), toml);
  }

  @Test
  void plainHttp_goesThroughTheProxy_withItsPassword() throws Exception {
    hosts("registry.example", "server = \"http://registry.example\"");
    try (TestRegistry registry = new TestRegistry();
        TestProxy proxy = new TestProxy(registry.port())) {
      registry.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
      registry.failing(1, "/manifests/", 401, "WWW-Authenticate", "Basic realm=\"r\"");
      assertEquals(
          MANIFEST,
          resolve("registry.example", "http://me:hush@" + proxy.address(), List.of("other")));
      String head = proxy.heads().get(0);
      assertTrue(head.startsWith("GET http://registry.example/v2/a/manifests/1 "), head);
      // me:hush
      assertTrue(head.contains("Proxy-Authorization: Basic bWU6aHVzaA==\r\n"), head);
      assertEquals(2, registry.requests().size());
    }
  }

  @Test
  void https_isTunnelled_withThePasswordForTheProxyOnly() throws Exception {
    TestCertificates certificates =
        new TestCertificates(Files.createDirectory(directory.resolve("certificates")));
    certificates.sign("server", "EC", "-ext", "san=dns:registry.example");
    hosts("registry.example", "server = \"https://registry.example\"\nca = \"ca.pem\"");
    Files.writeString(directory.resolve("registry.example/ca.pem"), certificates.authority());
    try (TestRegistry registry = new TestRegistry(certificates.server("server", "TLSv1.3", false));
        TestProxy proxy = new TestProxy(registry.port())) {
      registry.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
      assertEquals(
          MANIFEST, resolve("registry.example", "me:hush@" + proxy.address(), List.of("other")));
      String head = proxy.heads().get(0);
      assertTrue(head.startsWith("CONNECT registry.example:443 "), head);
      assertTrue(head.contains("Proxy-Authorization: Basic bWU6aHVzaA==\r\n"), head);
      assertFalse(
          registry.requests().get(0).headers().containsKey("Proxy-authorization"),
          registry.requests().toString());
    }
  }

  @Test
  void exceptions_andThisMachine_areReachedWithout() throws Exception {
    try (TestRegistry registry = new TestRegistry();
        TestProxy proxy = new TestProxy(registry.port())) {
      registry.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
      assertEquals(MANIFEST, resolve(registry.host(), proxy.address(), List.of("other")));
      assertEquals(List.of(), proxy.heads());
    }
  }
}
