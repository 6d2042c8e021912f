package io.gantry.image.registry;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority made for one test run, and what it has signed. */
final class TestCertificates {

  private static final String PASSWORD = "changeit";
  // version INTEGER 0, then AlgorithmIdentifier rsaEncryption with NULL (RFC 5208, RFC 3279).
  private static final int RSA_PKCS8_HEAD_BYTES = 26;

  private final Path directory;
  private final Path file;

  TestCertificates(Path directory) throws IOException {
    this.directory = directory;
    this.file = directory.resolve("all.p12");
    keytool("authority", "EC", "-ext", "bc:critical");
  }

  /** Signs a certificate with a key of that algorithm, by {@code keytool} and its options. */
  void sign(String name, String algorithm, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("-signer", "authority"));
    all.addAll(List.of(options));
    keytool(name, algorithm, all.toArray(String[]::new));
  }

  private void keytool(String name, String algorithm, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                name,
                "-dname",
                "CN=gantry test " + name,
                "-keyalg",
                algorithm));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream output = process.getInputStream()) {
      String words = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(command + ": " + words);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** The authority's own certificate. */
  String authority() throws IOException, GeneralSecurityException {
    return certificate("authority");
  }

  String certificate(String name) throws IOException, GeneralSecurityException {
    return pem("CERTIFICATE", load().getCertificate(name).getEncoded());
  }

  String key(String name) throws IOException, GeneralSecurityException {
    return pem("PRIVATE KEY", secret(name).getEncoded());
  }

  /** An RSA key in the form that {@code openssl rsa -traditional} writes. */
  String pkcs1Key(String name) throws IOException, GeneralSecurityException {
    byte[] pkcs8 = secret(name).getEncoded();
    return pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, RSA_PKCS8_HEAD_BYTES, pkcs8.length));
  }

  Path write(String name, String pem) throws IOException {
    return Files.writeString(directory.resolve(name), pem);
  }

  private Key secret(String name) throws IOException, GeneralSecurityException {
    return load().getKey(name, PASSWORD.toCharArray());
  }

  private static String pem(String type, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  private KeyStore load() throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  /**
   * What a server is set up with.
   *
   * @param name whose certificate it shows
   * @param protocol the one version of TLS it speaks
   * @param demanding whether clients must show a certificate of the authority's
   */
  HttpsConfigurator server(String name, String protocol, boolean demanding)
      throws IOException, GeneralSecurityException {
    KeyStore all = load();
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    Certificate[] chain = all.getCertificateChain(name);
    own.setKeyEntry(name, secret(name), PASSWORD.toCharArray(), chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("authority", all.getCertificate("authority"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
        ssl.setProtocols(new String[] {protocol});
        ssl.setNeedClientAuth(demanding);
        parameters.setSSLParameters(ssl);
      }
    };
  }
}
