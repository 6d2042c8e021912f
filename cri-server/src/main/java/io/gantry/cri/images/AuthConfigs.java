package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.image.registry.Credentials;
import io.gantry.proto.cri.v1.AuthConfig;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A pull request's credentials. Their parts are looked at in the order that the kubelet's other
 * runtimes have made customary: user and password, identity token, {@code auth}, registry token.
 * Credentials for another server are not sent anywhere.
 */
public final class AuthConfigs {

  private AuthConfigs() {}

  /**
   * @param registry the host of the image's reference
   * @throws CriException INVALID_ARGUMENT if {@code auth} is malformed; the message does not quote
   *     it
   */
  public static Credentials parse(AuthConfig auth, String registry) {
    if (!auth.getServerAddress().isEmpty()
        && !sameHost(hostOf(auth.getServerAddress()), registry)) {
      return new Credentials.Anonymous();
    }
    if (!auth.getUsername().isEmpty()) {
      return new Credentials.Password(auth.getUsername(), auth.getPassword());
    }
    if (!auth.getIdentityToken().isEmpty()) {
      return new Credentials.IdentityToken(auth.getIdentityToken());
    }
    if (!auth.getAuth().isEmpty()) {
      return decode(auth.getAuth());
    }
    if (!auth.getRegistryToken().isEmpty()) {
      return new Credentials.RegistryToken(auth.getRegistryToken());
    }
    return new Credentials.Anonymous();
  }

  private static Credentials decode(String auth) {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(auth.trim()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw CriException.invalid("pull image: auth is not base64");
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      throw CriException.invalid("pull image: auth is not user:password in base64");
    }
    int end = pair.length();
    while (end > colon + 1 && pair.charAt(end - 1) == '\0') {
      end--; // Docker's old clients padded it.
    }
    return new Credentials.Password(pair.substring(0, colon), pair.substring(colon + 1, end));
  }

  /**
   * The host and port of an address, which may be a URL such as Docker's {@code
   * https://index.docker.io/v1/}.
   */
  private static String hostOf(String address) {
    String host = address.contains("://") ? address.substring(address.indexOf("://") + 3) : address;
    int slash = host.indexOf('/');
    return slash < 0 ? host : host.substring(0, slash);
  }

  private static boolean sameHost(String address, String registry) {
    return dockerHub(address).equalsIgnoreCase(dockerHub(registry));
  }

  private static String dockerHub(String host) {
    return switch (host) {
      case "index.docker.io", "registry-1.docker.io" -> "docker.io";
      default -> host;
    };
  }
}
