package io.gantry.image.distribution.api;

import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.reference.InvalidReferenceException;
import java.util.Arrays;
import java.util.List;

/**
 * From a path to its endpoint. A repository's name may hold the words that paths are made of, so a
 * path is read from its end.
 */
final class Routes {

  private static final String PREFIX = "/v2";

  private final Parts parts;
  private final MemoryBudget memory = new MemoryBudget();

  Routes(Parts parts) {
    this.parts = parts;
  }

  /**
   * @throws ApiFailure if there is no such path, or the repository's name in it is none
   */
  Endpoint find(String path) throws ApiFailure {
    if (path.equals(PREFIX) || path.equals(PREFIX + "/")) {
      return new BaseEndpoint();
    }
    if (path.equals(PREFIX + "/_catalog")) {
      return new CatalogEndpoint(parts);
    }
    if (!path.startsWith(PREFIX + "/")) {
      throw new ApiFailure(ErrorCode.UNSUPPORTED, 404, "there is nothing at this path");
    }
    String[] words = path.substring(PREFIX.length() + 1).split("/", -1);
    int count = words.length;
    String last = words[count - 1];
    String before = count > 1 ? words[count - 2] : "";
    String third = count > 2 ? words[count - 3] : "";
    if (before.equals("tags") && last.equals("list")) {
      return new TagsEndpoint(parts, name(words, 2));
    }
    if (before.equals("manifests")) {
      return new ManifestEndpoint(parts, memory, name(words, 2), last);
    }
    if (before.equals("referrers")) {
      return new ReferrersEndpoint(parts, name(words, 2), last);
    }
    if (before.equals("blobs") && last.equals("uploads")) {
      return new UploadsEndpoint(parts, name(words, 2));
    }
    if (third.equals("blobs") && before.equals("uploads")) {
      return last.isEmpty()
          ? new UploadsEndpoint(parts, name(words, 3))
          : new UploadEndpoint(parts, name(words, 3), last);
    }
    if (before.equals("blobs")) {
      return new BlobEndpoint(parts, name(words, 2), last);
    }
    throw new ApiFailure(ErrorCode.UNSUPPORTED, 404, "there is nothing at this path");
  }

  private static RepositoryName name(String[] words, int without) throws ApiFailure {
    List<String> name = Arrays.asList(words).subList(0, words.length - without);
    try {
      return RepositoryName.parse(String.join("/", name));
    } catch (InvalidReferenceException e) {
      throw new ApiFailure(ErrorCode.NAME_INVALID, e.getMessage());
    }
  }
}
