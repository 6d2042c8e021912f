/**
 * The steps of the image service's work that leave traces on disk, for whoever wants to be told of
 * them. No behaviour may depend on who is.
 */
package io.gantry.image.step;
