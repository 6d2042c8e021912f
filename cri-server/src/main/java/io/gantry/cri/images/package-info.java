/**
 * The CRI's ImageService: one handler per RPC, and the translation between its messages and the
 * image service. How images are fetched and kept is not decided here.
 */
package io.gantry.cri.images;
