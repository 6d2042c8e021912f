package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Filters;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.v1.ImageDetails;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What there is: list, inspect, history. */
final class ImageLists {

  private static final Set<String> FILTERS =
      Set.of("before", "dangling", "label", "reference", "since", "until");

  private final ImageStore images;

  ImageLists(ImageStore images) {
    this.images = images;
  }

  void list(Exchange exchange) throws EngineException, IOException {
    Filters filters = Filters.of(exchange.request().query(), FILTERS);
    List<ImageDocument> documents = new ArrayList<>();
    Set<String> parents = new HashSet<>();
    for (ImageDetails image : images.all()) {
      documents.add(new ImageDocument(image));
      parents.add(image.getParentId());
    }
    boolean all = exchange.request().query().flag("all");
    Selection selection = Selection.of(filters, images);
    ArrayNode answer = Json.array();
    documents.stream()
        .filter(document -> all || !isIntermediate(document, parents))
        .filter(selection::fits)
        .map(selection::shown)
        .sorted(
            Comparator.comparing(ImageDocument::created)
                .reversed()
                .thenComparing(document -> document.image().getId()))
        .forEach(document -> answer.add(document.summary(exchange.request().version(), -1)));
    exchange.answer(200, answer);
  }

  /** What a build has left on its way: nameless, and another image stands on it. */
  private static boolean isIntermediate(ImageDocument document, Set<String> parents) {
    return isDangling(document) && parents.contains(document.image().getId());
  }

  static boolean isDangling(ImageDocument document) {
    return document.image().getRepoTagsList().isEmpty();
  }

  void inspect(Exchange exchange) throws EngineException, IOException {
    ImageDetails image = images.find(exchange.request().parameter("name"));
    exchange.answer(200, new ImageDocument(image).inspection(exchange.request().version()));
  }

  void history(Exchange exchange) throws EngineException, IOException {
    ImageDetails image = images.find(exchange.request().parameter("name"));
    exchange.answer(200, new ImageDocument(image).history());
  }

  /** What a list is narrowed to. */
  record Selection(
      Filters filters,
      Optional<Instant> before,
      Optional<Instant> since,
      Optional<Boolean> dangling) {

    static Selection of(Filters filters, ImageStore images) throws EngineException {
      return new Selection(
          filters,
          earliest(filters, images),
          time("since", filters, images),
          filters.has("dangling")
              ? Optional.of(filters.flag("dangling", false))
              : Optional.empty());
    }

    private static Optional<Instant> earliest(Filters filters, ImageStore images)
        throws EngineException {
      Optional<Instant> before = time("before", filters, images);
      Optional<Instant> until = Until.of(filters);
      return before.isPresent() && until.isPresent()
          ? Optional.of(before.get().isBefore(until.get()) ? before.get() : until.get())
          : before.or(() -> until);
    }

    private static Optional<Instant> time(String name, Filters filters, ImageStore images)
        throws EngineException {
      return filters.has(name)
          ? Optional.of(new ImageDocument(images.find(filters.get(name).get(0))).created())
          : Optional.empty();
    }

    boolean fits(ImageDocument document) {
      return before.map(document.created()::isBefore).orElse(true)
          && since.map(document.created()::isAfter).orElse(true)
          && dangling.map(wanted -> wanted == isDangling(document)).orElse(true)
          && filters.fitsLabels("label", document.labels())
          && filters.fits("reference", pattern -> isNamed(document, pattern));
    }

    private static boolean isNamed(ImageDocument document, String pattern) {
      return document.tags().stream().anyMatch(tag -> isNamed(tag, pattern));
    }

    private static boolean isNamed(String name, String pattern) {
      Pattern glob = glob(ImageName.familiar(pattern));
      return glob.matcher(name).matches() || glob.matcher(ImageName.repository(name)).matches();
    }

    /** An image that is asked for by a name is shown with what has that name, and nothing else. */
    ImageDocument shown(ImageDocument document) {
      return filters.has("reference") ? document.withNames(this::isAskedFor) : document;
    }

    private boolean isAskedFor(String name) {
      return filters.fits("reference", pattern -> isNamed(ImageName.familiar(name), pattern));
    }

    /** As Go's path.Match has it: a star ends at slashes. */
    private static Pattern glob(String pattern) {
      StringBuilder regex = new StringBuilder();
      for (char c : pattern.toCharArray()) {
        switch (c) {
          case '*' -> regex.append("[^/]*");
          case '?' -> regex.append("[^/]");
          default -> regex.append(Pattern.quote(String.valueOf(c)));
        }
      }
      return Pattern.compile(regex.toString());
    }
  }
}
