package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Fd;

/**
 * A process that runs its program.
 *
 * @param pid its id in the launching process's PID namespace
 * @param pidfd stands for it; the holder waits by it, so that the process is reaped, and closes it
 */
public record Launched(int pid, Fd pidfd) {}
