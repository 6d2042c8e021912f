/**
 * Sending images to registries: what is not there yet, blobs before the manifests that name them.
 * How requests are made is {@code image.registry}'s, which images are here is the facade's.
 */
package io.gantry.image.push;
