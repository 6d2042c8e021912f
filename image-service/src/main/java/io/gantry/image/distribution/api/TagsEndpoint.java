package io.gantry.image.distribution.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.distribution.repository.Tag;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /v2/NAME/tags/list}. */
record TagsEndpoint(Parts parts, RepositoryName name) implements Endpoint {

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.of(name);
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PULL);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    Repository repository = parts.repositories().get(name);
    List<String> tags = repository.tags().stream().map(Tag::text).toList();
    if (tags.isEmpty() && !repository.exists()) {
      throw new ApiFailure(ErrorCode.NAME_UNKNOWN, "there is no repository " + name);
    }
    Page page = Page.of(tags, call.request());
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("name", name.text());
    page.items().forEach(document.putArray("tags")::add);
    return page.link(Documents.answer(200, Documents.JSON, document), call.request());
  }
}
