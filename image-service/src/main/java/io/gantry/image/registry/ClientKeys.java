package io.gantry.image.registry;

import java.net.Socket;
import java.net.URI;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * Shows client certificates, and remembers who asked for one in vain. In TLS 1.3 a server refuses
 * after the client has finished its handshake (RFC 8446, section 4.4.2.4), and some just hang up,
 * so the refusal itself often does not tell what was missing. Thread-safe.
 */
final class ClientKeys extends X509ExtendedKeyManager {

  private final X509KeyManager keys;
  // Bounded by the hosts that registries and their redirects name.
  private final Set<String> disappointed = ConcurrentHashMap.newKeySet();

  ClientKeys(X509KeyManager keys) {
    this.keys = keys;
  }

  /** Whether that host has asked for a client certificate and we had none that it takes. */
  boolean lackFor(URI uri) {
    int port = uri.getPort() < 0 ? 443 : uri.getPort();
    return disappointed.contains(uri.getHost() + ":" + port);
  }

  @Override
  public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
    String alias = keys.chooseClientAlias(types, issuers, null);
    String host = engine.getPeerHost() + ":" + engine.getPeerPort();
    if (alias == null) {
      disappointed.add(host);
    } else {
      disappointed.remove(host);
    }
    return alias;
  }

  @Override
  public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
    return keys.chooseClientAlias(types, issuers, socket);
  }

  @Override
  public String[] getClientAliases(String type, Principal[] issuers) {
    return keys.getClientAliases(type, issuers);
  }

  @Override
  public String[] getServerAliases(String type, Principal[] issuers) {
    return keys.getServerAliases(type, issuers);
  }

  @Override
  public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
    return keys.chooseServerAlias(type, issuers, socket);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return keys.getCertificateChain(alias);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return keys.getPrivateKey(alias);
  }
}
