/**
 * Writing tar archives: of files, and of a layer's tree in the form that layers have in images.
 * Reading them is {@code image.unpack}'s; nothing here knows of registries.
 */
package io.gantry.image.archive;
