package io.gantry.runtime.shim;

import io.gantry.runtime.linux.Linux;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * What every process of a shim needs besides its own data.
 *
 * @param executor unbounded; runs copying, calls and everything else that may block
 * @param timers runs short actions after a delay
 * @param report writes one line to the shim's log
 */
record Surroundings(
    Linux linux,
    Reaper reaper,
    EventPublisher events,
    Executor executor,
    ScheduledExecutorService timers,
    Consumer<String> report) {}
