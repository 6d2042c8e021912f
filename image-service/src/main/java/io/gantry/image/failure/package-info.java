/**
 * What can go wrong with images, as one exception whose kind code can act on. Nothing is decided
 * here; every other package of the image service may throw it.
 */
package io.gantry.image.failure;
