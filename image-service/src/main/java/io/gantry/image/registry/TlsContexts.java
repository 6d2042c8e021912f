package io.gantry.image.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

/** Makes TLS contexts from PEM files. */
final class TlsContexts {

  private static final Pattern PRIVATE_KEY =
      Pattern.compile(
          "-----BEGIN (?<type>[A-Z0-9 ]*PRIVATE KEY)-----(?<body>[A-Za-z0-9+/=\\s]+)-----END");
  // The key store never leaves memory; its password protects nothing.
  private static final char[] NO_PASSWORD = new char[0];

  private TlsContexts() {}

  /**
   * @throws IOException if a file is missing or is not what it should be; the message names the
   *     file, never its content
   */
  static SSLContext create(TlsOptions options, ClientKeys keys) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, trustManagers(options), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("set up TLS: " + e.getMessage(), e);
    }
  }

  /**
   * What to show to those who ask, which may be nothing.
   *
   * @throws IOException as {@link #create} does
   */
  static ClientKeys clientKeys(TlsOptions options) throws IOException {
    try {
      return new ClientKeys(keys(options));
    } catch (GeneralSecurityException e) {
      throw new IOException("set up TLS: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trustManagers(TlsOptions options)
      throws IOException, GeneralSecurityException {
    if (options.skipVerify()) {
      return new TrustManager[] {new TrustAnyone()};
    }
    if (options.authorities().isEmpty()) {
      return null; // The system's.
    }
    KeyStore store = emptyStore();
    int count = 0;
    for (X509Certificate authority : systemAuthorities()) {
      store.setCertificateEntry("system-" + count++, authority);
    }
    for (Path file : options.authorities()) {
      for (Certificate authority : certificates(file)) {
        store.setCertificateEntry("own-" + count++, authority);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static X509Certificate[] systemAuthorities() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }

  private static X509KeyManager keys(TlsOptions options)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    for (TlsOptions.ClientCertificate client : options.clients()) {
      Certificate[] chain = certificates(client.certificate()).toArray(new Certificate[0]);
      store.setKeyEntry(
          client.certificate().toString(),
          privateKey(client.key().orElse(client.certificate())),
          NO_PASSWORD,
          chain);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    for (KeyManager manager : factory.getKeyManagers()) {
      if (manager instanceof X509KeyManager x509) {
        return x509;
      }
    }
    throw new GeneralSecurityException("no key manager for X.509");
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    String pem = Files.readString(file, StandardCharsets.ISO_8859_1);
    // The factory reads certificates one after the other but stops at a key in between.
    StringBuilder only = new StringBuilder();
    Matcher matcher =
        Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----").matcher(pem);
    while (matcher.find()) {
      only.append(matcher.group()).append('\n');
    }
    if (only.isEmpty()) {
      throw new IOException(file + " holds no PEM certificate");
    }
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(
            new ByteArrayInputStream(only.toString().getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher matcher = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    if (!matcher.find()) {
      throw new IOException(file + " holds no PEM private key");
    }
    byte[] der = Base64.getMimeDecoder().decode(matcher.group("body"));
    String type = matcher.group("type");
    if (type.equals("RSA PRIVATE KEY")) {
      der = wrapPkcs1(der);
    } else if (!type.equals("PRIVATE KEY")) {
      throw new IOException(
          file
              + " holds a key of form \""
              + type
              + "\"; turn it into PKCS #8 with: openssl pkcs8 -topk8 -nocrypt");
    }
    for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException notThis) {
        continue;
      }
    }
    throw new IOException(file + " holds a private key that is neither RSA, EC nor EdDSA");
  }

  /** Puts the PKCS #8 wrapping (RFC 5208) with the RSA algorithm's name around a PKCS #1 key. */
  private static byte[] wrapPkcs1(byte[] key) {
    byte[] version = {2, 1, 0};
    byte[] rsa = {
      0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0
    };
    byte[] octets = tagged(4, key);
    byte[] body = Arrays.copyOf(version, version.length + rsa.length + octets.length);
    System.arraycopy(rsa, 0, body, version.length, rsa.length);
    System.arraycopy(octets, 0, body, version.length + rsa.length, octets.length);
    return tagged(0x30, body);
  }

  private static byte[] tagged(int tag, byte[] body) {
    byte[] length = length(body.length);
    byte[] all = new byte[1 + length.length + body.length];
    all[0] = (byte) tag;
    System.arraycopy(length, 0, all, 1, length.length);
    System.arraycopy(body, 0, all, 1 + length.length, body.length);
    return all;
  }

  /** In the fewest bytes, as DER demands (X.690, section 10.1) and the JDK checks. */
  private static byte[] length(int length) {
    if (length < 0x80) {
      return new byte[] {(byte) length};
    }
    byte[] digits = BigInteger.valueOf(length).toByteArray();
    int sign = digits[0] == 0 ? 1 : 0;
    byte[] all = new byte[1 + digits.length - sign];
    all[0] = (byte) (0x80 | (digits.length - sign));
    System.arraycopy(digits, sign, all, 1, digits.length - sign);
    return all;
  }

  /**
   * For skip_verify. Being an "extended" manager it is asked instead of the JDK's check of the
   * host's name, too.
   */
  private static final class TrustAnyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
