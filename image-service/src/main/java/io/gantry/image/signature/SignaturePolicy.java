package io.gantry.image.signature;

import io.gantry.image.reference.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What images must meet, by where they come from.
 *
 * @param scopes by image, repository, namespace, host, {@code *.domain}, or "" for all registries
 * @param otherwise for what no scope is about
 */
record SignaturePolicy(Map<String, List<Requirement>> scopes, List<Requirement> otherwise) {

  static final SignaturePolicy NONE =
      new SignaturePolicy(Map.of(), List.of(new Requirement.AcceptAnything()));

  SignaturePolicy {
    scopes = Map.copyOf(scopes);
    otherwise = List.copyOf(otherwise);
  }

  /** What that image must meet: the narrowest scope's conditions, and no others. */
  List<Requirement> of(Reference image) {
    return scopesOf(image).stream()
        .filter(scopes::containsKey)
        .findFirst()
        .map(scopes::get)
        .orElse(otherwise);
  }

  /** Narrowest first, in the order of containers-policy.json(5) for the transport docker. */
  private static List<String> scopesOf(Reference image) {
    List<String> all = new ArrayList<>();
    all.add(image.repoTag().orElseGet(() -> image.name() + "@" + image.manifestName()));
    String name = image.name();
    for (int end = name.length(); end > 0; end = name.lastIndexOf('/', end - 1)) {
      all.add(name.substring(0, end));
    }
    int port = image.host().startsWith("[") ? -1 : image.host().indexOf(':');
    String domain = port < 0 ? image.host() : image.host().substring(0, port);
    for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
      all.add("*" + domain.substring(dot));
    }
    all.add("");
    return all;
  }
}
