package io.gantry.cri.streaming.process;

/** Processes in containers, as streaming sessions reach them. Thread-safe. */
public interface ProcessStreams {

  /**
   * The full id of a running container.
   *
   * @param containerId an id or an unambiguous beginning of one
   * @throws io.gantry.cri.grpc.CriException NOT_FOUND, or WRONG_STATE if the container does not run
   */
  String running(String containerId);

  /**
   * Starts a process. It has started when this returns; output may come before that.
   *
   * @throws Exception saying why there is no process; the client reads the message
   */
  ProcessSession exec(ExecCommand command, ProcessOutput output) throws Exception;

  /**
   * Connects to the container's first process. Output from before is not repeated.
   *
   * @throws Exception saying why not; the client reads the message
   */
  ProcessSession attach(AttachTarget target, ProcessOutput output) throws Exception;
}
