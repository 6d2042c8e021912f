/**
 * The files of containers and layers for those outside of them: read, written, compared, made
 * images of. Paths are resolved as the container would, and never outside its root.
 */
package io.gantry.cri.files;
