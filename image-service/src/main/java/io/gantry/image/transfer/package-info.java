/**
 * Images as tar archives: OCI layouts and what {@code docker save} writes, read as hostile streams
 * into the content store, and written from it. Which images are here, and unpacking them, is not
 * this package's.
 */
package io.gantry.image.transfer;
