package io.gantry.runtime.container;

import io.gantry.runtime.criu.CriuSettings;
import java.nio.file.Path;

/**
 * What a container's processes come back from, in place of a program that begins.
 *
 * @param images as {@link Container#checkpoint} has filled it
 */
public record Restoration(Path images, CriuSettings criu) {}
