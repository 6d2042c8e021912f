package io.gantry.tests.registry;

import java.util.List;
import java.util.Map;

/**
 * Stand-ins for the images that critest pulls from public registries.
 *
 * <p>critest asks of each image only what is listed here (cri-tools: pkg/validate, images/), so an
 * image made from Debian packages serves as well. One cannot stand in: test-image-digest is pulled
 * by the digest of the public bytes.
 */
public final class CritestImages {

  /** Hosts that critest pulls from; each needs a mirror that leads to the test registry. */
  public static final List<String> HOSTS = List.of("registry.k8s.io", "k8s.gcr.io", "gcr.io");

  private static final String E2E = "e2e-test-images/";
  private static final String STAGING = "k8s-staging-cri-tools/";

  private CritestImages() {}

  /** Pushes every image but pause under the path it has at its public registry. */
  public static void push(TestImages images, TestRegistry registry) {
    registry.push(E2E + "busybox", "1.29-2", images.busyboxWithoutLs());
    registry.push(E2E + "nginx", "1.14-2", images.nginx(80));
    registry.push(E2E + "httpd", "2.4.39-4", images.httpd());
    registry.push(E2E + "nonewprivs", "1.3", images.setuidReport());

    registry.push(STAGING + "test-image-latest", "latest", images.marked("latest"));
    registry.push(STAGING + "test-image-tag", "test", images.marked("tag-test"));
    registry.push(STAGING + "test-image-tag", "all", images.marked("tag-all"));
    for (String number : List.of("1", "2", "3")) {
      registry.push(STAGING + "test-image-" + number, "latest", images.marked("image-" + number));
      registry.push(STAGING + "test-image-tags", number, images.marked("tags"));
    }
    Map<String, String> users =
        Map.of(
            "test-image-user-uid", "1002",
            "test-image-user-username", "www-data",
            "test-image-user-uid-group", "1003:1004",
            "test-image-user-username-group", "www-data:1004");
    users.forEach(
        (name, user) -> registry.push(STAGING + name, "latest", images.marked(name).user(user)));
    registry.push(STAGING + "test-image-predefined-group", "latest", images.memberOfGroup());
    // Named after the architecture, as critest asks for it.
    registry.push(
        STAGING + "hostnet-nginx-" + TestImage.hostArchitecture(), "latest", images.nginx(12003));
  }
}
