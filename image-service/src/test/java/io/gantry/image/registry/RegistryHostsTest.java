package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.registry.RegistryHost.Capability;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryHostsTest {

  @TempDir Path certs;

  private List<RegistryHost> hosts(String registry) throws IOException {
    return new RegistryHosts(List.of(certs)).of(registry);
  }

  private void toml(String name, String text) throws IOException {
    Files.createDirectories(certs.resolve(name));
    Files.writeString(certs.resolve(name).resolve("hosts.toml"), text);
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io, https://registry-1.docker.io/v2",
    "quay.io, https://quay.io/v2",
    "localhost, http://localhost/v2",
    "localhost:5000, http://localhost:5000/v2",
    "127.0.0.1:5000, http://127.0.0.1:5000/v2",
    "127.9.8.7, http://127.9.8.7/v2",
    "[::1]:5000, http://[::1]:5000/v2",
    "localhost.example, https://localhost.example/v2",
    "127.example.com, https://127.example.com/v2",
    "10.0.0.1:5000, https://10.0.0.1:5000/v2",
  })
  void withoutConfiguration_onlyTheLoopbackIsPlain(String registry, String base) throws Exception {
    assertEquals(
        List.of(URI.create(base)), hosts(registry).stream().map(RegistryHost::base).toList());
  }

  @Test
  void hostsToml_isReadWhole() throws Exception {
    toml(
        "quay.io",
        """
        server = "https://upstream.example"
        [host."https://b.example"]
          capabilities = ["pull", "resolve"]
          ca = ["ca.crt", "/etc/other.crt"]
          client = [["c.pem", "k.pem"], ["both.pem", ""]]
          skip_verify = true
          dial_timeout = "1m30s"
          [host."https://b.example".header]
            x-one = "1"
            x-two = ["2", "3"]
        [host."http://a.example:80/prefix/"]
        [host."localhost:5000/p/v2"]
        [host."https://o.example/odd"]
          override_path = true
        """);
    List<RegistryHost> hosts = hosts("quay.io");
    assertEquals(
        List.of(
            "https://b.example/v2",
            "http://a.example:80/prefix/v2",
            "http://localhost:5000/p/v2",
            "https://o.example/odd",
            "https://upstream.example/v2"),
        hosts.stream().map(h -> h.base().toString()).toList());
    RegistryHost b = hosts.get(0);
    assertEquals(Set.of(Capability.PULL, Capability.RESOLVE), b.capabilities());
    assertEquals(
        List.of(certs.resolve("quay.io/ca.crt"), Path.of("/etc/other.crt")), b.tls().authorities());
    assertEquals(Optional.of(certs.resolve("quay.io/k.pem")), b.tls().clients().get(0).key());
    assertEquals(Optional.empty(), b.tls().clients().get(1).key());
    assertTrue(b.tls().skipVerify());
    assertEquals(Duration.ofSeconds(90), b.dialTimeout());
    assertEquals(List.of("2", "3"), b.headers().get("x-two"));
    assertFalse(b.origin());
    assertFalse(b.toString().contains("1"));
    assertTrue(hosts.get(4).origin());
  }

  @Test
  void connecting_mayTake30Seconds_unlessToldOtherwise() throws Exception {
    assertEquals(Duration.ofSeconds(30), hosts("quay.io").get(0).dialTimeout());
    toml("quay.io", "server = \"https://quay.io\"\n[host.\"https://mirror\"]\n");
    for (RegistryHost host : hosts("quay.io")) {
      assertEquals(Duration.ofSeconds(30), host.dialTimeout());
    }
  }

  @Test
  void directories_areFoundByTheirThreeNames() throws Exception {
    toml("_default", "server = \"https://default.example\"\n");
    assertEquals("https://default.example/v2", hosts("x.example:5000").get(0).base().toString());
    toml("x.example:5000", "server = \"https://colon.example\"\n");
    assertEquals("https://colon.example/v2", hosts("x.example:5000").get(0).base().toString());
    toml("x.example_5000_", "server = \"https://underscore.example\"\n");
    assertEquals("https://underscore.example/v2", hosts("x.example:5000").get(0).base().toString());
  }

  @Test
  void defaultWithoutServer_meansTheRegistryItself() throws Exception {
    toml("_default", "[host.\"https://mirror.example\"]\n");
    assertEquals("https://registry-1.docker.io/v2", hosts("docker.io").get(1).base().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sever = \"https://typo.example\"",
        "[host.\"https://a\"]\ncapabilites = [\"pull\"]",
        "[host.\"https://a\"]\ncapabilities = [\"fly\"]",
        "[host.\"https://a\"]\ndial_timeout = \"soon\"",
        "[host.\"ftp://a\"]",
        "[host.\"https://user:pw@a\"]",
        "[host.\"https://a b\"]",
        "server = ",
        "[host.\"https://a\"]\nca = [1]",
        "[host.\"https://a\"]\nskip_verify = \"yes\"",
        "[host.\"https://a\"]\nclient = [[\"a\", \"b\", \"c\"]]",
        "[host.\"https://a\"]\nheader = \"x\"",
        "[host.\"https://a\".header]\nHost = \"x\"",
        "[host.\"https://a\".header]\n\"a b\" = \"x\"",
        "[host.\"https://a\".header]\nx = \"a\\nb\"",
        "user = \"u\"",
        "password_file = \"p\"",
        "user = \"u\"\npassword_file = \"p\"\nhelper = \"h\"",
        "helper = \"\"",
      })
  void mistakes_areErrorsThatNameTheFile(String text) throws Exception {
    toml("quay.io", text);
    IOException e = assertThrows(IOException.class, () -> hosts("quay.io"));
    assertTrue(e.getMessage().contains("hosts.toml"), e.getMessage());
  }

  @Test
  void credentials_areNamedPerHost_andRelativeToTheFile() throws Exception {
    toml(
        "quay.io",
        """
        helper = "pass"
        credential_domain = "quay.io"
        [host."https://mirror"]
          capabilities = []
          client = ["both.pem", ["one.cert", "one.key"]]
          user = "u"
          password_file = "password"
        """);
    RegistryHost mirror = hosts("quay.io").get(0);
    assertEquals(3, mirror.capabilities().size());
    assertEquals(2, mirror.tls().clients().size());
    assertTrue(
        mirror.login().passwordFile().orElseThrow().toString().endsWith("/quay.io/password"));
    Login own = hosts("quay.io").get(1).login();
    assertEquals(Optional.of("pass"), own.helper());
    assertEquals(Optional.of("quay.io"), own.domain());
  }

  @Test
  void dockersLayout_isUnderstoodToo() throws Exception {
    Path directory = Files.createDirectories(certs.resolve("r.example"));
    for (String name : List.of("ca.crt", "client.cert", "client.key")) {
      Files.writeString(directory.resolve(name), "");
    }
    TlsOptions tls = hosts("r.example").get(0).tls();
    assertEquals(List.of(directory.resolve("ca.crt")), tls.authorities());
    assertEquals(Optional.of(directory.resolve("client.key")), tls.clients().get(0).key());
  }
}
