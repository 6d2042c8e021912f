package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.RepositoryName;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** What a path stands for. Made for one request. */
interface Endpoint {

  /** The repository that it lies in; nothing if it is about the registry as a whole. */
  Optional<RepositoryName> repository();

  /** The methods that it has, GET standing for HEAD as well, and the right that each takes. */
  Map<String, Right> methods();

  /**
   * Does what is asked, which is one of the methods, by somebody who may.
   *
   * @throws ApiFailure if it cannot be granted
   */
  Answer serve(Call call) throws IOException;
}
