/**
 * Tells whether what lies on disk is what it should be: a layer's directory against its archive,
 * and in which words a flaw is told. Nothing is repaired here, and nothing changed.
 */
package io.gantry.image.check;
