/**
 * The image service as its callers see it: pulling, finding, listing and removing images, and the
 * records that say which images are here. Nothing here speaks HTTP, parses a manifest or touches a
 * layer itself; the packages below do, and this one puts them in order.
 */
package io.gantry.image;
