package io.gantry.runtime.container;

import io.gantry.runtime.linux.Fd;
import java.util.Optional;

/**
 * A process that runs its program. It is a child of the calling process, which must reap it.
 *
 * @param pid in the caller's PID namespace
 * @param pidfd stands for the process, also after it is gone; the caller closes it
 * @param console the terminal's master, if one was asked for; the caller closes it
 * @param family what the process has started; empty for a container's first process, and where the
 *     machine offers no means to tell
 */
public record StartedProcess(int pid, Fd pidfd, Optional<Fd> console, Optional<Family> family) {}
