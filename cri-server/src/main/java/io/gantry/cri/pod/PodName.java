package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.PodSandboxMetadata;

/** What tells one pod from another to the kubelet. No two pods on a node have the same. */
record PodName(String name, String namespace, String uid, int attempt) {
  static PodName of(PodSandboxMetadata metadata) {
    return new PodName(
        metadata.getName(), metadata.getNamespace(), metadata.getUid(), metadata.getAttempt());
  }

  /** For messages. */
  @Override
  public String toString() {
    return "%s/%s (uid %s, attempt %s)"
        .formatted(namespace, name, uid, Integer.toUnsignedString(attempt));
  }
}
