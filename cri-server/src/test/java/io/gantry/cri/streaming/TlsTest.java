package io.gantry.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir private Path directory;

  @Test
  void sessions_runOverTls() throws Exception {
    write("first");
    try (StreamingRig rig = new StreamingRig(settings())) {
      String url = rig.exec(false, false, true, false);
      assertTrue(url.startsWith("https://127.0.0.1:"), url);
      try (SSLSocket socket = dial(url)) {
        SpdyClient client =
            HttpUpgrade.send(
                    socket,
                    url,
                    "POST",
                    "Connection: Upgrade",
                    "Upgrade: SPDY/3.1",
                    "X-Stream-Protocol-Version: v4.channel.k8s.io")
                .spdy();
        client.open("streamtype", "error");
        int stdout = client.open("streamtype", "stdout");
        FakeProcesses.Session process = rig.processes.next();
        process.stdout("secret");
        process.exit(0);
        client.readToEnd();

        assertEquals("secret", client.stream(stdout).text());
        assertEquals("{\"status\":\"Success\"}", client.stream(1).text());
      }
    }
  }

  @Test
  void changedCertificate_servesTheNextConnectionAndABrokenOneDoesNot() throws Exception {
    write("first");
    try (StreamingRig rig = new StreamingRig(settings())) {
      assertEquals("CN=first", served(rig));
      write("second");
      age("cert.pem", 10);
      assertEquals("CN=second", served(rig));
      Files.writeString(directory.resolve("cert.pem"), "rubbish");
      age("cert.pem", 20);
      assertEquals("CN=second", served(rig));
      Files.delete(directory.resolve("key.pem"));
      assertEquals("CN=second", served(rig));
    }
  }

  @Test
  void unusableFiles_areToldInWords() throws Exception {
    write("first");
    Files.writeString(directory.resolve("key.pem"), "rubbish");

    String message =
        assertThrows(IOException.class, () -> new StreamingRig(settings())).getMessage();

    assertTrue(message.startsWith("use certificate " + directory.resolve("cert.pem")), message);
    assertTrue(message.contains("PKCS #8"), message);
  }

  private StreamingSettings settings() {
    return new StreamingSettings(
        InetAddress.getLoopbackAddress(),
        0,
        Optional.of(
            new StreamingSettings.Tls(directory.resolve("cert.pem"), directory.resolve("key.pem"))),
        Duration.ofHours(4),
        Duration.ofSeconds(30));
  }

  /** The subject of the certificate that a new connection sees. */
  private static String served(StreamingRig rig) throws Exception {
    try (SSLSocket socket = dial(rig.exec())) {
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return shown.getSubjectX500Principal().getName();
    }
  }

  private static SSLSocket dial(String url) throws Exception {
    TrustManager all =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {all}, null);
    URI uri = URI.create(url);
    return (SSLSocket) context.getSocketFactory().createSocket(uri.getHost(), uri.getPort());
  }

  /** A new certificate and its key in the files that the server reads. */
  private void write(String name) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC")
            .inheritIO()
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(store)) {
      keys.load(file, PASSWORD.toCharArray());
    }
    pem("cert.pem", "CERTIFICATE", keys.getCertificate(name).getEncoded());
    pem("key.pem", "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
  }

  private void pem(String file, String kind, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        directory.resolve(file),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, text, kind));
  }

  /** Changes within the clock's resolution would go unseen. */
  private void age(String file, int seconds) throws IOException {
    Files.setLastModifiedTime(
        directory.resolve(file), FileTime.from(Instant.now().plusSeconds(seconds)));
  }
}
