package io.gantry.runtime.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One container's configuration: the config.json of a bundle, see the runtime-spec's config.md.
 * Only the parts that concern Linux are modelled; unknown members are ignored as the specification
 * asks.
 *
 * @param ociVersion version of the specification the document follows
 * @param process the first program; absent when the container is never started
 * @param root where the root filesystem lies; required on Linux
 * @param hostname set in the container's UTS namespace
 * @param domainname set in the container's UTS namespace
 * @param mounts made in this order
 */
public record OciSpec(
    String ociVersion,
    Optional<OciProcess> process,
    OciRoot root,
    Optional<String> hostname,
    Optional<String> domainname,
    List<OciMount> mounts,
    OciHooks hooks,
    Map<String, String> annotations,
    OciLinux linux) {

  public OciSpec {
    mounts = List.copyOf(mounts);
    annotations = Ordered.copyOf(annotations);
  }

  /** The same with another process. */
  public OciSpec with(OciProcess other) {
    return new OciSpec(
        ociVersion,
        Optional.of(other),
        root,
        hostname,
        domainname,
        mounts,
        hooks,
        annotations,
        linux);
  }

  /** The same with another Linux part. */
  public OciSpec with(OciLinux other) {
    return new OciSpec(
        ociVersion, process, root, hostname, domainname, mounts, hooks, annotations, other);
  }

  /** The same with other mounts. */
  public OciSpec withMounts(List<OciMount> others) {
    return new OciSpec(
        ociVersion, process, root, hostname, domainname, others, hooks, annotations, linux);
  }

  /** The same with other hooks. */
  public OciSpec withHooks(OciHooks others) {
    return new OciSpec(
        ociVersion, process, root, hostname, domainname, mounts, others, annotations, linux);
  }
}
