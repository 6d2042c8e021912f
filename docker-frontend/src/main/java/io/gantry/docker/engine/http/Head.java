package io.gantry.docker.engine.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A request up to its body.
 *
 * @param path as it stands in the request line
 * @param headers by their names in lower case
 * @param keepAlive whether the connection may serve another request
 * @param mayLeaveHttp whether what follows the request may be bytes of another protocol
 */
public record Head(
    String method,
    String path,
    String query,
    Map<String, String> headers,
    boolean keepAlive,
    boolean mayLeaveHttp) {

  // Clients of old take these connections from HTTP without a word about it.
  private static final Pattern HIJACKED =
      Pattern.compile("(/v[0-9.]+)?/(containers/[^/]+/attach|exec/[^/]+/start)");

  public Head {
    headers = Map.copyOf(headers);
  }

  static Head of(HttpRequest request) {
    String uri = request.uri();
    int question = uri.indexOf('?');
    String path = question < 0 ? uri : uri.substring(0, question);
    Map<String, String> headers = new HashMap<>();
    request
        .headers()
        .forEach(
            header ->
                headers.merge(
                    header.getKey().toLowerCase(Locale.ROOT),
                    header.getValue(),
                    (one, other) -> one + ", " + other));
    boolean upgrades = request.headers().contains(HttpHeaderNames.UPGRADE);
    return new Head(
        request.method().name(),
        path,
        question < 0 ? "" : uri.substring(question + 1),
        headers,
        HttpUtil.isKeepAlive(request),
        upgrades || HIJACKED.matcher(path).matches());
  }
}
