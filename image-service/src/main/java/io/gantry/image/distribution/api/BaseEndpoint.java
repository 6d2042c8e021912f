package io.gantry.image.distribution.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.RepositoryName;
import java.util.Map;
import java.util.Optional;

/** {@code /v2/}: says that this is a registry, and lets clients try their credentials. */
final class BaseEndpoint implements Endpoint {

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.empty();
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PULL);
  }

  @Override
  public Answer serve(Call call) {
    return Documents.answer(200, Documents.JSON, JsonNodeFactory.instance.objectNode());
  }
}
