package io.gantry.docker.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Makes the JDK's TLS out of PEM files. */
record TlsContext(TlsEndpoint.TlsFiles files, boolean verify) {
  private static final String PKCS8 = "PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";

  SSLContext make() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(), trust(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("prepare TLS: " + e.getMessage(), e);
    }
  }

  private KeyManager[] keys() throws IOException, GeneralSecurityException {
    if (!present(files.certificate()) || !present(files.key())) {
      return null;
    }
    Collection<? extends Certificate> chain = certificates(files.certificate().get());
    KeyStore store = emptyStore();
    char[] password = new char[0];
    store.setKeyEntry(
        "client", key(files.key().get()), password, chain.toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password);
    return factory.getKeyManagers();
  }

  private TrustManager[] trust() throws IOException, GeneralSecurityException {
    if (!verify) {
      return new TrustManager[] {new Anybody()};
    }
    if (!present(files.authority())) {
      return null; // the JDK's own authorities
    }
    KeyStore store = emptyStore();
    int number = 0;
    for (Certificate each : certificates(files.authority().get())) {
      store.setCertificateEntry("authority-" + number++, each);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static boolean present(java.util.Optional<Path> file) {
    return file.isPresent() && Files.exists(file.get());
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String pem = Files.readString(file);
    byte[] encoded;
    if (pem.contains("BEGIN " + PKCS1)) {
      encoded = pkcs8(decode(pem, PKCS1));
    } else if (pem.contains("BEGIN " + PKCS8)) {
      encoded = decode(pem, PKCS8);
    } else {
      throw new IOException(
          file + " holds no key in PKCS #8; convert it: openssl pkcs8 -topk8 -nocrypt -in " + file);
    }
    PKCS8EncodedKeySpec specification = new PKCS8EncodedKeySpec(encoded);
    try {
      return KeyFactory.getInstance("RSA").generatePrivate(specification);
    } catch (GeneralSecurityException e) {
      return KeyFactory.getInstance("EC").generatePrivate(specification);
    }
  }

  private static byte[] decode(String pem, String kind) {
    String begin = "-----BEGIN " + kind + "-----";
    int from = pem.indexOf(begin) + begin.length();
    return Base64.getMimeDecoder().decode(pem.substring(from, pem.indexOf("-----END", from)));
  }

  /** RFC 5208, section 5: an RSA key of PKCS #1 wrapped with version and algorithm. */
  private static byte[] pkcs8(byte[] pkcs1) {
    byte[] head = {
      0x02,
      0x01,
      0x00,
      0x30,
      0x0d,
      0x06,
      0x09,
      0x2a,
      (byte) 0x86,
      0x48,
      (byte) 0x86,
      (byte) 0xf7,
      0x0d,
      0x01,
      0x01,
      0x01,
      0x05,
      0x00
    };
    return tagged(0x30, joined(head, tagged(0x04, pkcs1)));
  }

  private static byte[] tagged(int tag, byte[] content) {
    byte[] length =
        content.length < 0x80
            ? new byte[] {(byte) tag, (byte) content.length}
            : new byte[] {
              (byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length
            };
    return joined(length, content);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** For DOCKER_TLS without verification: asked for by the user, in so many words. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
