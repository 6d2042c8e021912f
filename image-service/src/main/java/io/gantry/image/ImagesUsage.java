package io.gantry.image;

import io.gantry.image.tree.DiskUsage;
import java.nio.file.Path;

/**
 * The disk space that images and containers take.
 *
 * @param imagesPath where blobs and unpacked layers live
 * @param images blobs and unpacked layers together
 * @param containersPath where containers' writable layers live
 * @param containers all writable layers together
 */
public record ImagesUsage(
    Path imagesPath, DiskUsage images, Path containersPath, DiskUsage containers) {}
