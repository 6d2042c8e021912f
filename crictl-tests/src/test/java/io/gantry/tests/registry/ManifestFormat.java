package io.gantry.tests.registry;

/** The two families of media types a registry serves. */
public enum ManifestFormat {
  OCI(
      "application/vnd.oci.image.manifest.v1+json",
      "application/vnd.oci.image.config.v1+json",
      "application/vnd.oci.image.index.v1+json"),
  DOCKER(
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.docker.container.image.v1+json",
      "application/vnd.docker.distribution.manifest.list.v2+json");

  private final String manifest;
  private final String config;
  private final String index;

  ManifestFormat(String manifest, String config, String index) {
    this.manifest = manifest;
    this.config = config;
    this.index = index;
  }

  public String manifest() {
    return manifest;
  }

  public String config() {
    return config;
  }

  public String index() {
    return index;
  }
}
