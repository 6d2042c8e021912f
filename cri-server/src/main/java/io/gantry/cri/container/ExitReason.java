package io.gantry.cri.container;

/** Why a container ended, by the names that the kubelet and people know. */
public enum ExitReason {
  /** The program ended with 0. */
  COMPLETED("Completed"),
  /** The program ended with another code, or by a signal. */
  ERROR("Error"),
  /** The kernel killed a process of it for want of memory. */
  OOM_KILLED("OOMKilled"),
  /** The program could not be started. */
  START_ERROR("StartError"),
  /** Its end was not seen: the shim that watched it was lost. */
  STATUS_UNKNOWN("ContainerStatusUnknown");

  private final String word;

  ExitReason(String word) {
    this.word = word;
  }

  /** As ContainerStatus.reason carries it. */
  public String word() {
    return word;
  }

  static ExitReason ofWord(String word) {
    for (ExitReason reason : values()) {
      if (reason.word.equals(word)) {
        return reason;
      }
    }
    return STATUS_UNKNOWN;
  }
}
