/**
 * From a layer's bytes to files: decompression, the tar format, and the rules of image layers
 * (whiteouts, hard links, metadata), all on hostile input. Every act on the file system goes
 * through {@link io.gantry.image.unpack.LayerTree}; nothing here opens a path by itself.
 */
package io.gantry.image.unpack;
