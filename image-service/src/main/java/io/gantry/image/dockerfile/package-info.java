/**
 * Dockerfiles as text: what their instructions say and where they stand. Nothing is built here and
 * no file is opened; {@code image.build} carries out what is read here.
 */
package io.gantry.image.dockerfile;
