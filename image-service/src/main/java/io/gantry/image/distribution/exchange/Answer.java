package io.gantry.image.distribution.exchange;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request is answered with. The answer to HEAD is that to GET: its content is left out when
 * it is sent, and only then.
 */
public record Answer(int status, Map<String, String> headers, Content content) {

  public Answer {
    headers = Map.copyOf(headers);
  }

  public static Answer of(int status) {
    return new Answer(status, Map.of(), new Content.None());
  }

  public Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, content);
  }

  public Answer with(Content newContent) {
    return new Answer(status, headers, newContent);
  }
}
