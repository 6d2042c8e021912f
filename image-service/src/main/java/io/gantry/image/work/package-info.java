/**
 * Work that several callers may share and that stops when the last of them leaves. It knows nothing
 * of images, so that downloads, unpacking and whole pulls are shared in the same way.
 */
package io.gantry.image.work;
