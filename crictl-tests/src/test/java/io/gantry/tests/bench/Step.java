package io.gantry.tests.bench;

/** What is timed, in the order of the table. */
enum Step {
  RUN_POD("RunPodSandbox"),
  CREATE("CreateContainer"),
  START("StartContainer"),
  UP("pod up (these three)"),
  EXEC("ExecSync true"),
  STOP("StopContainer"),
  REMOVE("RemoveContainer"),
  STOP_POD("StopPodSandbox"),
  REMOVE_POD("RemovePodSandbox"),
  PULL("PullImage of 55 MB"),
  REMOVE_IMAGE("RemoveImage");

  private final String label;

  Step(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
