package io.gantry.runtime.container;

import io.gantry.runtime.criu.CriuSettings;
import java.nio.file.Path;

/**
 * What is asked of {@link Container#checkpoint}.
 *
 * @param images an empty directory for what is saved
 * @param work a directory for CRIU's log, {@code dump.log}
 * @param leaveRunning whether the container goes on; else its processes are killed
 */
public record CheckpointRequest(Path images, Path work, boolean leaveRunning, CriuSettings criu) {}
