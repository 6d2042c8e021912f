package io.gantry.image.distribution.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.RepositoryName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /v2/_catalog}, which is Docker's: the repositories that the client may pull from. */
record CatalogEndpoint(Parts parts) implements Endpoint {

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.empty();
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PULL);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    List<String> names =
        parts.repositories().names().stream()
            .filter(name -> parts.gate().allows(call.identity(), Right.PULL, name))
            .map(RepositoryName::text)
            .toList();
    Page page = Page.of(names, call.request());
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    page.items().forEach(document.putArray("repositories")::add);
    return page.link(Documents.answer(200, Documents.JSON, document), call.request());
  }
}
