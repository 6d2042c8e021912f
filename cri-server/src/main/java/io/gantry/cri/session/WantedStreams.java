package io.gantry.cri.session;

/** Which of a process's streams somebody wants; none of them is a wish, too. */
public record WantedStreams(boolean stdin, boolean stdout, boolean stderr) {

  public boolean none() {
    return !stdin && !stdout && !stderr;
  }
}
