package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes with a server of this process, with certificates made for the run. */
class TlsRegistryTest {

  private static final RegistrySettings IMPATIENT =
      new RegistrySettings(
          "gantry-test",
          new Patience(
              Duration.ofSeconds(10),
              Duration.ofSeconds(5),
              0,
              3,
              Duration.ofMillis(5),
              Duration.ofMillis(50),
              Duration.ofSeconds(5)),
          32 << 20,
          4,
          ProxyRules.NONE);
  private static final String MANIFEST = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}";
  private static final String TRUSTING = "ca = \"ca.pem\"\n";

  @TempDir static Path made;
  private static TestCertificates certificates;

  @TempDir Path directory;
  private TestRegistry registry;

  @BeforeAll
  static void makeCertificates() throws IOException {
    certificates = new TestCertificates(made);
    certificates.sign("server", "EC", "-ext", "san=dns:localhost,ip:127.0.0.1");
    certificates.sign("elsewhere", "EC", "-ext", "san=dns:elsewhere.example");
    certificates.sign(
        "expired", "EC", "-ext", "san=ip:127.0.0.1", "-startdate", "-9d", "-validity", "3");
    certificates.sign("client", "RSA", "-keysize", "2048", "-ext", "eku=clientAuth");
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private void serve(String certificate, String protocol, boolean demanding) throws Exception {
    registry = new TestRegistry(certificates.server(certificate, protocol, demanding));
    registry.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
  }

  private void serve(String certificate) throws Exception {
    serve(certificate, "TLSv1.3", false);
  }

  /** Sets hosts.toml up, with files beside it that it may name. */
  private void configure(String host, String lines) throws Exception {
    Path of = Files.createDirectories(directory.resolve(host));
    Files.writeString(of.resolve("ca.pem"), certificates.authority());
    String certificate = certificates.certificate("client");
    Files.writeString(of.resolve("client.cert"), certificate);
    Files.writeString(of.resolve("client.key"), certificates.key("client"));
    Files.writeString(of.resolve("client.pkcs1"), certificates.pkcs1Key("client"));
    Files.writeString(of.resolve("client.pem"), certificates.key("client") + certificate);
    Files.writeString(of.resolve("hosts.toml"), "server = \"https://" + host + "\"\n" + lines);
  }

  private String resolve(String host) throws IOException {
    RemoteRepository repository =
        new RegistryClient(List.of(directory), IMPATIENT, CredentialSource.NONE, Crew.NONE)
            .open(Reference.parse(host + "/a:1"), new Credentials.Anonymous());
    return new String(repository.resolve(new Cancellation()).bytes(), StandardCharsets.UTF_8);
  }

  private void isServed(String lines) throws Exception {
    configure(registry.host(), lines);
    assertEquals(MANIFEST, resolve(registry.host()));
  }

  /** Returns the words. */
  private String isRefused(String lines) throws Exception {
    configure(registry.host(), lines);
    ImageException e = assertThrows(ImageException.class, () -> resolve(registry.host()));
    assertEquals(Kind.UNAVAILABLE, e.kind(), e.getMessage());
    assertSays(e.getMessage(), "https://" + registry.host());
    assertEquals(List.of(), registry.requests());
    return e.getMessage();
  }

  private static void assertSays(String message, String words) {
    assertTrue(message.contains(words), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void ca_isTrusted(String protocol) throws Exception {
    serve("server", protocol, false);
    isServed(TRUSTING);
  }

  @Test
  void ca_isTrustedForTheHostsNameToo() throws Exception {
    serve("server");
    String host = registry.host().replace("127.0.0.1", "localhost");
    configure(host, TRUSTING);
    assertEquals(MANIFEST, resolve(host));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void unknownAuthority_isRefused(String protocol) throws Exception {
    serve("server", protocol, false);
    String words = isRefused("");
    assertSays(words, "the certificate of " + registry.host() + " is not trusted");
    assertSays(words, "ca in hosts.toml");
  }

  @Test
  void otherHostsCertificate_isRefused() throws Exception {
    serve("elsewhere");
    String words = isRefused(TRUSTING);
    assertSays(words, "the certificate of " + registry.host() + " is for another host");
    assertSays(words, "127.0.0.1");
  }

  @Test
  void expiredCertificate_isRefused() throws Exception {
    serve("expired");
    assertSays(isRefused(TRUSTING), "the certificate of " + registry.host() + " has expired");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "elsewhere", "expired"})
  void skipVerify_takesAnyCertificate(String certificate) throws Exception {
    serve(certificate);
    isServed("skip_verify = true\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'client.pem'",
        "['client.pem']",
        "[['client.cert', 'client.key']]",
        "[['client.cert', 'client.pkcs1']]",
        "[['client.pem', '']]",
      })
  void clientCertificate_isShownInEachForm(String client) throws Exception {
    serve("server", "TLSv1.3", true);
    isServed(TRUSTING + "client = " + client + "\n");
  }

  @Test
  void clientCertificate_isShownInTls12() throws Exception {
    serve("server", "TLSv1.2", true);
    isServed(TRUSTING + "client = 'client.pem'\n");
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.2", "TLSv1.3"})
  void withoutClientCertificate_demandingRegistryRefuses(String protocol) throws Exception {
    serve("server", protocol, true);
    assertSays(isRefused(TRUSTING), registry.host() + " asked for a client certificate");
  }
}
