/**
 * Names of images and of content: the reference grammar and digests, as types that cannot hold an
 * invalid value. No I/O happens here and no other package parses such names by itself.
 */
package io.gantry.image.reference;
